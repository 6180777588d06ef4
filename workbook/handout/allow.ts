import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { walk } from './walk.ts'

/** What of the course goes to students. */
export interface Picked {
  readonly files: Map<string, Buffer>
  /** Which of them the learner works in. */
  readonly learner: readonly string[]
  /** Files that are on no list: they stay here, and the teacher is told. */
  readonly leftOut: readonly string[]
}

/** Takes from labs/, docs/ and the root what is on the list, and nothing else. */
export function pickCourse(root: string, labs: readonly Lab[]): Picked {
  const files = new Map<string, Buffer>()
  const learner: string[] = []
  const leftOut: string[] = []
  const own = new Map(labs.map(({ id, entry }) => [`labs/${id}/${entry}`, `labs/${id}/.starter`]))
  for (const { file, plain } of candidates(root, labs)) {
    const [rule] = RULES.filter(({ pattern }) => pattern.test(file))
    if (own.has(file) || rule?.stays) continue
    if (!plain || !rule) leftOut.push(file)
    else files.set(file, readAs(rule, path.join(root, file)))
    if (plain && rule?.learners) learner.push(file)
  }
  // The pristine copy, whatever the teacher has made of the file itself.
  for (const [entry, starter] of own) {
    files.set(entry, readFileSync(path.join(root, starter)))
    learner.push(entry)
  }
  return { files, learner, leftOut }
}

// --- internal ---

interface Rule {
  readonly pattern: RegExp
  /** The learner writes in it, and gets it as nobody has. */
  readonly learners?: true
  /** Known, and not for students: nobody needs to be told. */
  readonly stays?: true
}

/** `README.ko.md` is the page in another language. */
const LANGUAGE = String.raw`(?:\.[a-z]{2}(?:-[A-Z]{2})?)?`

const RULES: readonly Rule[] = [
  { pattern: new RegExp(String.raw`^labs/\d\d-[^/]+/README${LANGUAGE}\.md$`) },
  { pattern: /^labs\/\d\d-[^/]+\/\.starter$/ },
  { pattern: new RegExp(String.raw`^labs/\d\d-[^/]+/predictions${LANGUAGE}\.md$`), learners: true },
  { pattern: new RegExp(String.raw`^labs/kit/README${LANGUAGE}\.md$`) },
  { pattern: /^labs\/kit\/[a-z0-9-]+\.ts$/ },
  { pattern: /^labs\/tsconfig\.json$/ },
  // Chapters have a number; other pages are named one by one.
  { pattern: /^docs\/(?:[a-z]{2}(?:-[A-Z]{2})?\/)?\d+-[a-z0-9-]+\.md$/ },
  {
    pattern:
      /^docs\/(?:[a-z]{2}(?:-[A-Z]{2})?\/)?(?:index|glossary|then-and-now|inventory|where-next|architecture|report-format)\.md$/,
  },
  { pattern: /^docs\/(?:[a-z]{2}(?:-[A-Z]{2})?\/)?teachers\.md$/, stays: true },
  { pattern: /^docs\/[a-z-]+\.schema\.json$/ },
  { pattern: /^docs\/figures\/[a-z0-9-]+\.(?:svg|json|txt)$/ },
  { pattern: /^docs\/figures\/[a-z0-9-]+\.ts$/, stays: true },
  { pattern: /^docs\/demos\/(?:parts\/)?[a-z0-9-]+\.(?:ts|py)$/ },
  {
    pattern:
      /^(?:LICENSE|\.npmrc|\.gitignore|\.gitattributes|\.editorconfig|\.vscode\/(?:extensions|launch)\.json|\.devcontainer\/devcontainer\.json)$/,
  },
]

/** Everything in labs/ and docs/ that might be meant; of the root only what has a rule. */
function candidates(root: string, labs: readonly Lab[]) {
  const chosen = new Set(labs.map(({ id }) => id))
  const others = walk(root, 'labs').filter(({ file }) => {
    const [, folder = '', inside] = file.split('/')
    return !(inside !== undefined && /^\d/.test(folder)) || chosen.has(folder)
  })
  const top = ['LICENSE', '.npmrc', '.gitignore', '.gitattributes', '.editorconfig']
  const folders = ['.vscode', '.devcontainer'].flatMap((folder) => walk(root, folder))
  const known = folders.filter(({ file }) => RULES.some(({ pattern }) => pattern.test(file)))
  const present = walkTop(root, top)
  return [...others, ...walk(root, 'docs'), ...known, ...present]
}

function walkTop(root: string, names: readonly string[]) {
  return names
    .map((file) => ({ file, plain: true }))
    .filter(({ file }) => readOrNull(path.join(root, file)) !== null)
}

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Boxes that the teacher has ticked are open again. */
function readAs({ learners }: Rule, file: string): Buffer {
  const bytes = readFileSync(file)
  if (!learners) return bytes
  return Buffer.from(bytes.toString('utf8').replace(/^(\s*[-*+] )\[[xX]\]/gm, '$1[ ]'))
}

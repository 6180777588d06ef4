import { existsSync } from 'node:fs'
import path from 'node:path'
import { findLab, readCourse } from '../course/course.ts'
import type { Course, Lab } from '../course/lab.ts'
import { seal } from '../course/seal.ts'
import { referenceText } from '../course/reference.ts'
import { sealedReferenceOf, suiteBundleOf } from '../course/suite-files.ts'
import { pickCourse } from './allow.ts'
import { handoutOf, type Handout } from './handout.ts'
import { importsOf, packageOf } from './imports.ts'
import { pickPackages, readPackage, studentScripts } from './packages.ts'
import { unlinkAbsent } from './pages.ts'
import { studentReadme } from './readme.ts'
import { bundleSuite } from './suites.ts'
import { pickTool } from './tool.ts'

export interface HandoutOptions {
  /** Numbers or names of labs; null for all. */
  readonly labs: readonly string[] | null
  /** What the teacher calls it. */
  readonly title: string | null
  /** Whether references come along, sealed until their labs are passed. */
  readonly solutions?: boolean
}

export interface Built {
  readonly handout: Handout
  /** Numbers of labs that come along because a chosen one needs them. */
  readonly needed: readonly string[]
  /** Files that are on no list: they stay in the checkout. */
  readonly leftOut: readonly string[]
}

/**
 * Makes the student's edition, in memory.
 *
 * @param root - Absolute path of a full checkout.
 * @throws UnknownLabError, CourseError, HandoutError
 */
export async function buildHandout(root: string, options: HandoutOptions): Promise<Built> {
  const course = readCourse(root)
  const { labs, needed } = chooseLabs(course, options.labs)
  const { files, learner, leftOut } = pickCourse(root, labs)
  const tool = pickTool(root)
  const bundles = await Promise.all(labs.map(({ id }) => bundleSuite(root, id, true)))
  const sealed = options.solutions === true ? sealReferences(root, labs, bundles) : []
  const imported = new Set([...tool.packages, ...packagesOf(files)])
  const readme = ownReadme(root, course, labs, options, files)
  const content = new Map([
    ...files,
    ...tool.files,
    ...bundles.flatMap((bundle) => [...bundle]),
    ...sealed,
    ...pickPackages(root, imported),
    ['tsconfig.json', Buffer.from(TSCONFIG)],
    ['README.md', Buffer.from(readme)],
  ] as Array<[string, Buffer]>)
  const { name, version } = readPackage(root)
  const facts = { course: name, version, title: options.title, labs: labs.map(({ id }) => id) }
  return { handout: handoutOf(facts, unlinkAbsent(content), learner), needed, leftOut }
}

// --- internal ---

/** For editors: the same rules as in the checkout, for what a student opens. */
const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["labs", "docs"]
}
`

/** The labs that were asked for, and those that they need: the page of a lab refers to what came before. */
function chooseLabs(course: Course, words: readonly string[] | null) {
  if (words === null) return { labs: course.labs, needed: [] }
  const asked = new Set(words.map((word) => findLab(course, word).number))
  const all = new Set(asked)
  for (const number of all) {
    for (const need of course.labs.find((lab) => lab.number === number)?.needs ?? []) all.add(need)
  }
  const labs = course.labs.filter(({ number }) => all.has(number))
  return { labs, needed: labs.map(({ number }) => number).filter((number) => !asked.has(number)) }
}

/** Each with the suite that opens it. */
function sealReferences(
  root: string,
  labs: readonly Lab[],
  bundles: ReadonlyArray<ReadonlyMap<string, Buffer>>,
): Array<[string, Buffer]> {
  return labs.flatMap(({ id, entry }, index) => {
    const suite = bundles[index]?.get(suiteBundleOf(id).suite)
    const file = path.join(root, 'solutions', id, entry)
    if (!suite || !existsSync(file)) return []
    return [[sealedReferenceOf(id), Buffer.from(seal(referenceText(root, { id, entry }), suite))]]
  })
}

/** Demos import packages, too. */
function packagesOf(files: ReadonlyMap<string, Buffer>): string[] {
  return [...files]
    .filter(([file]) => file.endsWith('.ts'))
    .flatMap(([, bytes]) => importsOf(bytes.toString('utf8')).flatMap((each) => packageOf(each) ?? []))
}

function ownReadme(
  root: string,
  { version }: Course,
  labs: readonly Lab[],
  { title, solutions = false }: HandoutOptions,
  files: ReadonlyMap<string, Buffer>,
): string {
  const full = readPackage(root)
  const { node = '' } = (full['engines'] ?? {}) as { node?: string }
  const commands = new Set(Object.keys(studentScripts(full)))
  if (!solutions) commands.delete('solution')
  const facts = { title, version, labs, commands, hasPages: files.has('docs/index.md') }
  return studentReadme({ ...facts, node: node.replace(/^>=/, '') })
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import type { Subject } from './run-check.ts'

/** The programs of a lab whose verdicts are known before: they grade the suite. */
export interface KnownProgram {
  /** Relative to the root, for example `test/mutants/12-keep-alive/echo-without-request.ts`. */
  readonly file: string
  readonly subject: Subject
  readonly expected: Expected
}

export type Expected =
  | { readonly kind: 'passes' }
  | { readonly kind: 'not-started' }
  /** Fails `first`, then exactly `also`, and no other requirement. */
  | { readonly kind: 'fails'; readonly first: string; readonly also: readonly string[]; readonly says: string | null }

/** A wrong program without a right first line. */
export class ProgramError extends Error {
  readonly code = 'E_WRONG_PROGRAM'
}

export function solutionOf(root: string, lab: Lab): KnownProgram {
  return program(root, lab, path.join('solutions', lab.id, lab.entry), { kind: 'passes' })
}

/** The starter as it is handed out, whatever the learner has made of it. */
export function starterOf(root: string, lab: Lab): KnownProgram {
  const starter = path.join(root, 'labs', lab.id, '.starter')
  const known = program(root, lab, path.join('labs', lab.id, lab.entry), { kind: 'not-started' })
  const source = { ...known.subject.source, text: readFileSync(starter, 'utf8') }
  return { ...known, subject: { ...known.subject, source } }
}

/** @throws ProgramError */
export function wrongProgramsOf(root: string, lab: Lab): KnownProgram[] {
  const folder = path.join('test/mutants', lab.id)
  if (!existsSync(path.join(root, folder))) return []
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => path.join(folder, name))
    .filter((file) => isWrongHere(root, file))
    .map((file) => program(root, lab, file, readExpected(root, file)))
}

// --- internal ---

function program(root: string, lab: Lab, file: string, expected: Expected): KnownProgram {
  const absolute = path.join(root, file)
  const fixture = path.join(root, 'test/labs', `${lab.id}.host.ts`)
  const roots = [path.join(root, 'labs'), path.dirname(absolute)]
  return {
    file,
    expected,
    subject: {
      root,
      source: { file: absolute, roots },
      fixture: existsSync(fixture) ? { file: fixture, roots: [path.dirname(fixture)] } : null,
    },
  }
}

/** `// before: node 24`: the mistake shows only where Node is older; later ones make it right. */
function isWrongHere(root: string, file: string): boolean {
  const before = /^\/\/ before: node (\d+)$/m.exec(readFileSync(path.join(root, file), 'utf8'))?.[1]
  return before === undefined || Number.parseInt(process.versions.node, 10) < Number(before)
}

/** `// fails: R2; also: R3 R5`, then one line that names the mistake, then perhaps `// says: text`. */
function readExpected(root: string, file: string): Expected {
  const [first = '', ...rest] = readFileSync(path.join(root, file), 'utf8').split('\n')
  const match = /^\/\/ fails: (R\d+)(?:; also: (R\d+(?: R\d+)*))?$/.exec(first)
  if (!match) throw new ProgramError(`${file}:1: expected "// fails: R2" or "// fails: R2; also: R3 R5", found ${JSON.stringify(first)}`)
  const says = rest.find((line) => line.startsWith('// says: '))?.slice('// says: '.length)
  return { kind: 'fails', first: match[1] ?? '', also: match[2]?.split(' ') ?? [], says: says ?? null }
}

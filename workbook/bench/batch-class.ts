import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { solutionOf, starterOf, wrongProgramsOf, type KnownProgram } from '../grading/programs.ts'
import type { VerdictKind } from '../grading/verdict.ts'
import { tarGzOf, zipOf } from './archive-writers.ts'

/** A class that hands in what classes hand in, each submission with a verdict that is known before. */

export interface KnownSubmission {
  readonly name: string
  readonly state: 'graded' | 'refused'
  /** Of its row, or null. */
  readonly cause: string | null
  /** What each requirement of a lab must come to; a lab that is not in it is not in the submission. */
  readonly labs: Readonly<Record<string, ExpectedLab>>
}

/** A kind for all of it, or those that fail in a wrong program, and no others. */
export type ExpectedLab = VerdictKind | { readonly fails: readonly string[] }

/** File by file: paths in the submission → text. */
type Files = Readonly<Record<string, string>>
type Wrap = 'folder' | 'zip' | 'tar'

interface HandedIn extends Omit<KnownSubmission, 'name'> {
  readonly wrap: Wrap
  readonly files: Files
  /** Instead of files: the archive itself. */
  readonly bytes?: Buffer
}

/**
 * Writes a class into a folder.
 *
 * @param labs - Each with a solution; the wrong programs of all of them take turns.
 */
export function makeClass(
  root: string,
  labs: readonly Lab[],
  size: number,
  folder: string,
): KnownSubmission[] {
  const wrong = takingTurns(
    labs.map((lab) => wrongProgramsOf(root, lab).map((program) => ({ lab, program }))),
  )
  let taken = 0
  return Array.from({ length: size }, (_, index) => {
    const round = Math.floor(index / KINDS.length)
    const kind = KINDS[index % KINDS.length] as Kind
    const handedIn = kind({
      root,
      labs,
      index,
      lab: labs[(index + round) % labs.length] as Lab,
      wrong: () => wrong[taken++ % wrong.length] as Wrong,
    })
    return { ...known(handedIn), name: write(handedIn, folder, `s${index + 1}`) }
  })
}

// --- internal ---

interface Wrong {
  readonly lab: Lab
  readonly program: KnownProgram
}

interface Turn {
  readonly root: string
  readonly labs: readonly Lab[]
  readonly index: number
  /** One of them, another one each time. */
  readonly lab: Lab
  /** The next one. */
  readonly wrong: () => Wrong
}

type Kind = (turn: Turn) => HandedIn

const KINDS: readonly Kind[] = [
  ({ root, labs }) => course(labs, (lab) => filesOf(root, lab, solutionOf(root, lab)), 'passed', 'folder'),
  wrongIn('folder'),
  ({ root, labs }) =>
    course(labs, (lab) => filesOf(root, lab, starterOf(root, lab)), 'not-started', 'folder'),
  wrongIn('zip'),
  ({ lab }) => one(lab, 'for (;;);\nexport {}\n', 'hung'),
  wrongIn('folder'),
  ({ root, lab }) => one(lab, filesOf(root, lab, solutionOf(root, lab)), 'passed', null),
  wrongIn('tar'),
  ({ lab }) => one(lab, 'process.exit(0)\nexport {}\n', 'crashed'),
  wrongIn('folder'),
  () => refused('E_NO_SUBMISSION', { 'notes.md': 'The dog ate it.' }),
  wrongIn('zip'),
  ({ lab }) =>
    one(
      lab,
      "import { readFileSync } from 'node:fs'\nexport const all = readFileSync('/etc/hosts')\n",
      'forbidden',
    ),
  wrongIn('folder'),
  ({ root, labs }) => course(labs, (lab) => filesOf(root, lab, starterOf(root, lab)), 'not-started', 'zip'),
  wrongIn('tar'),
  () => refused('E_OUTSIDE', {}, zipOf([{ name: '../outside.ts', bytes: 'export {}' }])),
  wrongIn('folder'),
  () =>
    refused('E_TOO_LARGE', {}, zipOf([{ name: 'zeros.bin', bytes: Buffer.alloc(32 * 2 ** 20), method: 8 }])),
  wrongIn('folder'),
]

function wrongIn(wrap: Wrap): Kind {
  return ({ root, wrong }) => {
    const { lab, program } = wrong()
    const { expected } = program
    const fails = expected.kind === 'fails' ? [expected.first, ...expected.also] : []
    // Its cause is whatever stands out among its failures, which is not known before.
    return { ...one(lab, filesOf(root, lab, program), { fails }, null), wrap }
  }
}

function course(labs: readonly Lab[], files: (lab: Lab) => Files, kind: VerdictKind, wrap: Wrap): HandedIn {
  return {
    state: 'graded',
    cause: null,
    labs: Object.fromEntries(labs.map(({ id }) => [id, kind])),
    wrap,
    files: Object.fromEntries(
      labs.flatMap((lab) =>
        Object.entries(files(lab)).map(([name, text]) => [`workbook/labs/${lab.id}/${name}`, text] as const),
      ),
    ),
  }
}

function one(
  lab: Lab,
  text: string | Files,
  expected: ExpectedLab,
  cause = typeof expected === 'string' ? expected : null,
): HandedIn {
  return {
    state: 'graded',
    cause,
    labs: { [lab.id]: expected },
    wrap: 'folder',
    files: typeof text === 'string' ? { [lab.entry]: text } : text,
  }
}

function refused(cause: string, files: Files, bytes?: Buffer): HandedIn {
  const common = { state: 'refused', cause, labs: {}, files } as const
  return bytes ? { ...common, wrap: 'zip', bytes } : { ...common, wrap: 'folder' }
}

/** As a student would have it, beside the kit of the handout: the entry, and what a reference has beside it. */
function filesOf(root: string, lab: Lab, { subject: { source } }: KnownProgram): Files {
  const folder = path.dirname(source.file)
  const isReference = folder === path.join(root, 'solutions', lab.id)
  const others = isReference ? readdirSync(folder).filter((name) => name !== lab.entry) : []
  const changed = source.textOf ?? source.file
  const read = (file: string): string =>
    (source.text !== undefined && file === changed ? source.text : readFileSync(file, 'utf8')).replaceAll(
      /(?:\.\.\/)+labs\/kit\//g,
      '../kit/',
    )
  const beside = others.map((name) => [name, read(path.join(folder, name))] as const)
  return Object.fromEntries([[lab.entry, read(source.file)], ...beside])
}

function known({ state, cause, labs }: HandedIn): Omit<KnownSubmission, 'name'> {
  return { state, cause, labs }
}

/** @returns The name that it has in the folder. */
function write({ wrap, files, bytes }: HandedIn, folder: string, name: string): string {
  const entries = Object.entries(files).map(([file, text]) => ({ name: file, bytes: text, method: 8 }))
  if (wrap === 'folder') {
    for (const entry of entries) {
      mkdirSync(path.dirname(path.join(folder, name, entry.name)), { recursive: true })
      writeFileSync(path.join(folder, name, entry.name), entry.bytes)
    }
    return name
  }
  const file = wrap === 'zip' ? `${name}.zip` : `${name}.tar.gz`
  writeFileSync(path.join(folder, file), bytes ?? (wrap === 'zip' ? zipOf(entries) : tarGzOf(entries)))
  return file
}

/** One of each list, then the next of each: a small class meets many labs. */
function takingTurns<T>(lists: ReadonlyArray<readonly T[]>): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat()
}

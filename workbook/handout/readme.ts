import type { Lab } from '../course/lab.ts'

/** What the student's own README is made of. */
export interface ReadmeFacts {
  readonly title: string | null
  readonly version: string
  /** The oldest Node, for example `20.19`. */
  readonly node: string
  readonly labs: readonly Lab[]
  /** Names of the commands that this edition has. */
  readonly commands: ReadonlySet<string>
  /** Whether there is docs/index.md. */
  readonly hasPages: boolean
}

/** README.md of a student's edition. */
export function studentReadme(facts: ReadmeFacts): string {
  const { title, labs, commands, hasPages } = facts
  const [first] = labs
  const known = COMMANDS.filter(({ name }) => commands.has(name))
  return `# ${title ?? 'The socket workbook'}

${title === null ? '' : 'This is the socket workbook. '}You learn how HTTP really uses TCP, by building it on raw sockets in
TypeScript. You read a page, open a file, and write programs at both ends of a connection. One command grades
them, and shows you what was seen on the wire.

## Begin

You need Node ${facts.node} or later on Linux, macOS or WSL2, and the network once, for the installation.

\`\`\`sh
npm ci
npm run grade
\`\`\`

The second command says which page to read, which file to open, and what to run next.${
    first ? ` Start with\n[lab ${first.number}](labs/${first.id}/README.md).` : ''
  }${hasPages ? '\nThe chapters are in [docs/](docs/index.md).' : ''}

## The labs

| | lab | you write | takes about |
| --- | --- | --- | --- |
${labs.map(labRow).join('\n')}

What holds in every lab stands in [labs/kit/README.md](labs/kit/README.md).

## Commands

| command | does |
| --- | --- |
${known.map(({ example, does }) => `| \`${example}\` | ${does} |`).join('\n')}

## What is yours

You write in the file of each lab and in its \`predictions.md\`. Everything else may be replaced by
\`npm run update\`, when your teacher hands out a newer edition: it keeps your files, and it keeps a dated copy
in \`.backup/\` of what it replaces. Your progress is in \`.progress.json\`.

## What your grade rests on

The suites in \`suites/\` are for practice. They stand here as bundles, because a requirement is best met from
its page; a bundle only deters, and whoever takes it apart finds no solution in it. Your teacher grades with
other copies, on another machine, and that grade is the one that counts.

Version ${facts.version} of the course. Every report names it. MIT licence.
`
}

// --- internal ---

const COMMANDS = [
  { name: 'grade', example: 'npm run grade', does: 'grades all labs, as a table that says where to go on' },
  {
    name: 'grade',
    example: 'npm run grade -- 01 R3',
    does: 'grades one lab, or one requirement of it; `--seed N` repeats a run',
  },
  { name: 'start', example: 'npm start', does: 'takes your next lab, and grades it again whenever you save' },
  { name: 'hint', example: 'npm run hint -- 01 R3', does: 'gives one hint, the smallest first' },
  { name: 'try', example: 'npm run try -- 01', does: 'runs your program for you to poke at by hand' },
  { name: 'ladder', example: 'npm run ladder -- 01 R3', does: 'draws your own wire' },
  {
    name: 'debug',
    example: 'npm run debug -- 01 R3',
    does: 'runs one requirement with your debugger attached',
  },
  { name: 'types', example: 'npm run types -- 01', does: 'says where the types of your program do not fit' },
  { name: 'list', example: 'npm run list', does: 'shows how far you are' },
  {
    name: 'reset',
    example: 'npm run reset -- 01',
    does: 'puts the starter back and keeps a dated copy of your file',
  },
  {
    name: 'solution',
    example: 'npm run solution -- 01',
    does: 'shows the reference of a lab that you have passed; until then it is sealed',
  },
  { name: 'docs', example: 'npm run docs', does: 'shows the pages in your browser' },
  { name: 'demo', example: 'npm run demo', does: 'lists the small programs beside the pages, and runs them' },
  {
    name: 'update',
    example: 'npm run update -- FOLDER',
    does: 'run in a newer edition: brings it into your own folder',
  },
] as const

function labRow({ id, number, title, entry, minutes }: Lab): string {
  return `| ${number} | [${title}](labs/${id}/README.md) | \`${entry}\` | ${minutes} min |`
}

import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compileOnce } from '../../workbook/learner/compile.ts'
import { calling, gradeText, told, useEngine } from './engine.ts'

/**
 * What compiles a stranger's file opens that file, and the learner's own that it imports, and nothing else; and
 * whatever the file does to it, the next file is compiled.
 */

useEngine()

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'socket-workbook-')))
const labs = path.join(folder, 'labs')
mkdirSync(path.join(labs, 'inner'), { recursive: true })
writeFileSync(path.join(folder, 'secret.txt'), 'MARZIPAN\n')
writeFileSync(path.join(folder, 'secret.map'), '{"version":3,"sources":["MARZIPAN.ts"],"mappings":"AAAA"}\n')
afterAll(() => rmSync(folder, { recursive: true }))

/** @returns The code, or what is told instead of it. */
async function compiled(content: string | Uint8Array, name = 'program.ts'): Promise<string> {
  const file = path.join(labs, name)
  rmSync(file, { force: true })
  writeFileSync(file, content)
  return await toldOf(file)
}

async function toldOf(file: string): Promise<string> {
  try {
    const { program, map } = await compileOnce({ file, roots: [labs] })
    expect(map).not.toContain('MARZIPAN')
    return program.code
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return `${code ?? 'no code'} ${message}`
  }
}

const RUN = 'export const run = () => 42\n'

const MAPS: ReadonlyArray<readonly [what: string, comment: string]> = [
  ['a relative path', '//# sourceMappingURL=../secret.txt'],
  ['a path that leads out', `//# sourceMappingURL=${'../'.repeat(40)}${folder.slice(1)}/secret.txt`],
  ['an absolute path', `//# sourceMappingURL=${folder}/secret.txt`],
  ['the URL of a file', `//# sourceMappingURL=file://${folder}/secret.txt`],
  ['a whole map', `//# sourceMappingURL=file://${folder}/secret.map`],
  ['the environment of a process', '//# sourceMappingURL=file:///proc/self/environ'],
  ['a device without end', '//# sourceMappingURL=file:///dev/zero'],
  ['a pipe', `/*# sourceMappingURL=file://${folder}/pipe */`],
  ['the older sign', '//@ sourceMappingURL=../secret.txt'],
  ['data', `//# sourceMappingURL=data:application/json;base64,${Buffer.from('{"version":3,"sources":["MARZIPAN"],"mappings":"AAAA"}').toString('base64')}`],
] // prettier-ignore

execFileSync('mkfifo', [path.join(folder, 'pipe'), path.join(labs, 'pipe.ts')])

test.each(MAPS)('a comment that names a source map by %s is a comment', async (_, comment) => {
  expect(await compiled(`${RUN}${comment}\n`)).toContain('var run = () => 42')
  expect(await compiled(`import './beside.ts'\n${RUN}`)).toContain('Could not resolve "./beside.ts"')
  await compiled(`export const a = 1\n${comment}\n`, 'kept.ts')
  expect(await compiled(`export { a } from './kept.ts'\n`)).toContain('var a = 1')
})

test('the word itself stays what it is in code', async () => {
  const text = `
    const sourceMappingURL = 'sourceMappingURL'
    export const run = () => [sourceMappingURL, \`//# sourceMappingURL=\`, /^sourceMappingURL$/.test(sourceMappingURL)]`
  const verdict = await gradeText(text, async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('run'), ['sourceMappingURL', '//# sourceMappingURL=', true], 'the words')
  })
  expect(told(verdict)).toBe('passed')
})

const OUTSIDE = 'a lab imports only from labs/'
const COMPUTED = 'import of a computed name: a lab imports by names that stand in the program'

const HOW = "a lab's file is a module, which imports:"

const IMPORTS: ReadonlyArray<readonly [what: string, text: string, saw: string]> = [
  ['a file above', "import '../secret.txt'", OUTSIDE],
  ['a file above that is not there', "import '../nothing.txt'", OUTSIDE],
  ['a file by its path', `import '${folder}/secret.txt'`, OUTSIDE],
  ['a file by require', "require('../secret.txt')", OUTSIDE],
  ['a file later', "export const run = () => import('../secret.txt')", OUTSIDE],
  ['a device', "import '/dev/zero'", OUTSIDE],
  ['what is printed of a process', "import '/proc/self/environ'", OUTSIDE],
  ['a link', "import './link.txt'", OUTSIDE],
  ['a folder that is a link', "import './folder/secret.txt'", OUTSIDE],
  ['a computed name above', 'export const run = (x: string) => import(`../${x}.txt`)', COMPUTED],
  ['a computed name far above', `export const run = (x: string) => import(\`${'../'.repeat(50)}etc/\${x}\`)`, COMPUTED],
  ['a computed name by require', "export const run = (x: string) => require('../' + x)", COMPUTED],
  ['a name that package.json explains', "import '#secret'", 'imports from labs/ and from the modules'],
  ['a package', "import 'esbuild'", 'imports from labs/ and from the modules'],
  ['a URL', `import 'file://${folder}/secret.txt'`, 'imports from labs/ and from the modules'],
] // prettier-ignore

symlinkSync(path.join(folder, 'secret.txt'), path.join(labs, 'link.txt'))
symlinkSync(folder, path.join(labs, 'folder'))
writeFileSync(
  path.join(labs, 'package.json'),
  '{ "imports": { "#secret": "../secret.txt" }, "browser": { "./near.ts": "../secret.txt" }, "sideEffects": false }',
)
writeFileSync(path.join(labs, 'near.ts'), 'export const near = 1\n')
writeFileSync(path.join(labs, 'tsconfig.json'), '{ "compilerOptions": { "paths": { "*": ["../*"] } } }')

test.each(IMPORTS)('%s is not imported', async (_, text, saw) => {
  const answer = await compiled(`${text}\n`)
  expect(answer).toMatch(/^E_FORBIDDEN_IMPORT program\.ts:\d+:\d+: /)
  expect(answer).toContain(saw)
  expect(answer).not.toContain('MARZIPAN')
})

const REQUIRED: ReadonlyArray<readonly [what: string, text: string, saw: string]> = [
  ['by its short name', "const net = require('net')", `program.ts:1:21: require("net"): ${HOW} import net from 'node:net'`],
  ['by its whole name', "\nlet dns = require('node:dns')", `program.ts:2:19: require("node:dns"): ${HOW} import dns from 'node:dns'`],
  ['as TypeScript wrote it', "import net = require('net')\nnet.connect(1)", `require("net"): ${HOW} import net from 'node:net'`],
  ['in part', "const { once } = require('events')", `require("events"): ${HOW} import events from 'node:events'`],
  ['with its subpath', "require('timers/promises')", `require("timers/promises"): ${HOW} import timers from 'node:timers/promises'`],
] // prettier-ignore

test.each(REQUIRED)('a module that is required %s is told with the import', async (_, text, saw) => {
  expect(await compiled(`${text}\n`)).toContain(`E_SYNTAX program.ts:`)
  expect(await compiled(`${text}\n`)).toContain(saw)
})

test('no package.json and no tsconfig.json says what an import is', async () => {
  expect(await compiled("import { near } from './near.ts'\nexport const run = () => near\n")).toContain(
    'near = 1',
  )
  expect(await compiled("import './near.ts'\nconsole.log(1)\n", 'inner/program.ts')).toContain(
    'Could not resolve',
  )
})

test('endings may be left out, and a folder stands for its index', async () => {
  writeFileSync(path.join(labs, 'inner/index.ts'), 'export const inner = 2\n')
  const text =
    "export { near } from './near'\nexport { near as again } from './near.js'\nexport * from './inner'\n"
  const code = await compiled(text)
  expect(code).toContain('near = 1')
  expect(code).toContain('inner = 2')
})

const FILES: ReadonlyArray<readonly [what: string, make: (file: string) => void, saw: string]> = [
  ['a pipe', (file) => execFileSync('mkfifo', [file]), 'it is no regular file'],
  ['a folder', (file) => mkdirSync(file), 'it is no regular file'],
  ['a link to a device', (file) => symlinkSync('/dev/zero', file), 'a link that leads there'],
  ['a link to a file outside', (file) => symlinkSync(path.join(folder, 'secret.txt'), file), 'a link that leads there'],
  ['a link to nothing', (file) => symlinkSync('nothing', file), 'it cannot be read (ENOENT)'],
  ['a link to itself', (file) => symlinkSync('odd.ts', file), 'it cannot be read (ELOOP)'],
  ['a file that is too large', (file) => writeFileSync(file, ' '.repeat(1024 * 1024 + 1)), 'more than 1048576 bytes'],
] // prettier-ignore

test.each(FILES)('%s is no program', async (_, make, saw) => {
  const file = path.join(labs, 'odd.ts')
  rmSync(file, { recursive: true, force: true })
  make(file)
  expect(await toldOf(file)).toMatch(/^E_(?:SYNTAX|FORBIDDEN_IMPORT) odd\.ts: |"odd\.ts"/)
  expect(await toldOf(file)).toContain(saw)
  rmSync(file, { recursive: true, force: true })
  linkSync(path.join(labs, 'near.ts'), file)
  expect(await toldOf(file)).toContain('near = 1')
})

test('a pipe that is imported is waited for by nobody', async () => {
  expect(await compiled("import './pipe.ts'\n")).toContain('E_SYNTAX pipe.ts: it is no regular file')
})

test('so many files are no program of a lab', async () => {
  mkdirSync(path.join(labs, 'many'))
  for (let index = 0; index <= 501; index++)
    writeFileSync(path.join(labs, `many/${index}.ts`), `import './${index + 1}.ts'\n`)
  expect(await compiled("import './many/0.ts'\n")).toContain('more than 500 files')
})

const BEYOND = 'no compiler copes with it: something in it is nested deeper, or takes more time'
test.each(['(', '[', '{', 'f(', '${`'])('so many %s are refused at once, with the line', async (bracket) => {
  const text = `${RUN}\n${bracket === '${`' ? '`' : ''}${bracket.repeat(300_000)}`
  expect(await compiled(text)).toContain('E_SYNTAX program.ts:3:1: more than 1000 brackets in each other')
})

test('what no compiler copes with is refused, and harms no other file', { timeout: 600_000 }, async () => {
  writeFileSync(path.join(labs, 'deep.ts'), `x=${'!'.repeat(1_000_000)}1`)
  const all = ['near.ts', 'deep.ts', 'near.ts'].map((name) => toldOf(path.join(labs, name)))
  expect(await Promise.all(all)).toEqual([
    expect.stringContaining('near = 1'),
    expect.stringContaining(`E_SYNTAX deep.ts: ${BEYOND}`),
    expect.stringContaining('near = 1'),
  ])
})

const SAVE = 'save it as UTF-8 in your editor'
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le')
const BYTES: ReadonlyArray<readonly [what: string, bytes: Uint8Array, saw: string]> = [
  ['UTF-16', utf16(RUN), `E_SYNTAX program.ts:1:1: this file is UTF-16, and not UTF-8: ${SAVE}`],
  ['UTF-16 the other way round', utf16(RUN).swap16(), `E_SYNTAX program.ts:1:1: this file is UTF-16, and not UTF-8: ${SAVE}`],
  ['UTF-16 without a mark', utf16(RUN).subarray(2), `E_SYNTAX program.ts:1:1: this file is UTF-16, and not UTF-8: ${SAVE}`],
  ['UTF-16 without a mark, the other way round', utf16(RUN).swap16().subarray(2), `E_SYNTAX program.ts:1:1: this file is UTF-16, and not UTF-8: ${SAVE}`],
  ['a letter of Latin-1', Buffer.from(`${RUN}// caf\u00e9\n`, 'latin1'), `E_SYNTAX program.ts:2:1: this line is not UTF-8: ${SAVE}`],
  ['a letter of Latin-1 at the very end', Buffer.from(`${RUN}//\n// \u00e9`, 'latin1'), `E_SYNTAX program.ts:3:1: this line is not UTF-8: ${SAVE}`],
  ['a letter that is cut', Buffer.from(`${RUN}// \u00e9`).subarray(0, -1), `E_SYNTAX program.ts:2:1: this line is not UTF-8: ${SAVE}`],
  ['half of a pair', Buffer.from([...Buffer.from('// '), 0xed, 0xa0, 0x80]), `E_SYNTAX program.ts:1:1: this line is not UTF-8: ${SAVE}`],
  ['every byte that there is', Uint8Array.from({ length: 256 }, (_, byte) => byte), 'E_SYNTAX program.ts:2:1: this line is not UTF-8'],
  ['bytes of no meaning', Buffer.alloc(500_000, Buffer.from('2f2fb0a1ff', 'hex')), 'E_SYNTAX program.ts:1:1: this line is not UTF-8'],
] // prettier-ignore

test.each(BYTES)('%s is told in a sentence, with the line', async (_, bytes, saw) => {
  expect(await compiled(bytes)).toContain(saw)
})

test('a mark at the begin, Korean, and a NUL in a comment are UTF-8 as well', async () => {
  expect(await compiled(`\uFEFF// \uD55C\uAE00 \0\n${RUN}`)).toContain('var run = () => 42')
})

test('what an imported file is in is told with its own name', async () => {
  writeFileSync(path.join(labs, 'beside.ts'), Buffer.from('\n\n// \u00e9\n', 'latin1'))
  expect(await compiled("import './beside.ts'\n")).toContain('E_SYNTAX beside.ts:3:1: this line is not UTF-8')
})

test('a refused import in a line that was packed shows its place and not the line', async () => {
  const answer = await compiled(`${'/**/'.repeat(100)} import 'node:fs'\n`)
  expect(answer.split('\n')).toHaveLength(1)
  expect(answer).toContain('program.ts:1:')
})

test('what was compiled runs as it did', async () => {
  expect(told(await gradeText(readFileSync(path.join(labs, 'near.ts'), 'utf8') + RUN, calling('run')))).toBe(
    'passed',
  )
})

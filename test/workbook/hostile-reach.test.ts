import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCheck } from '../../workbook/grading/run-check.ts'
import { calling, gradeHostile, gradeText, problemOf, told, useEngine } from './engine.ts'

/** Programs that reach for files, for other code, or for the network outside the lab. */

useEngine()

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'socket-workbook-')))
afterAll(() => rmSync(folder, { recursive: true }))

const LAB = '17-graceful-close'
const run = calling('run', LAB)

const REFUSED: ReadonlyArray<readonly [name: string, saw: string]> = [
  ['read-fs', 'import of "node:fs": a lab talks to the wire, not to files'],
  ['read-fs-later', 'import of "node:fs": a lab talks to the wire, not to files'],
  ['read-fs-computed', 'import of "node:fs"'],
  ['read-fs-require', 'import of "node:module": imports are written at the top of the file'],
  ['read-fs-builtin', 'process.getBuiltinModule: import the module at the top of the file'],
  ['write-files', 'import of "node:fs"'],
  ['import-solution', `import of "../../solutions/${LAB}/graceful-close.ts": a lab imports only from labs/`],
  ['import-solution-later', 'import of a computed name: a lab imports by names that stand in the program'],
  ['import-solution-computed', `solutions/${LAB}/graceful-close.ts"`],
  ['import-json', 'import of "../../package.json": a lab imports only from labs/'],
  ['import-data', 'import of "data:text/javascript'],
  ['code-function', 'code made from text: write it as code'],
  ['code-eval', 'code made from text: write it as code'],
  ['code-async', 'code made from text: write it as code'],
  ['global-fetch', 'fetch: you write HTTP yourself, on node:net'],
  ['global-websocket', 'WebSocket: you write HTTP yourself, on node:net'],
  ['global-event-source', 'EventSource: you write HTTP yourself, on node:net'],
  ['global-webassembly', 'WebAssembly: write TypeScript'],
  ['global-session-storage', 'sessionStorage: keep what you need in a variable'],
  ['global-navigator', 'navigator: a lab depends on no machine'],
]

test.each(REFUSED)('%s is forbidden: %s', async (name, saw) => {
  const verdict = problemOf(await gradeHostile(name, run))
  expect(verdict).toMatchObject({ kind: 'forbidden', expected: 'a program that stays in the lab' })
  expect(verdict.saw).toContain(saw)
})

test('what is refused at run time names the line of the program', async () => {
  const names = ['read-fs-computed', 'code-function', 'global-fetch']
  for (const name of names) {
    const [frame] = problemOf(await gradeHostile(name, run)).frames
    expect(frame).toMatchObject({ file: `test/hostile/${name}.ts` })
  }
})

test('what is refused at compile time shows the line of the program', async () => {
  const { saw, detail } = problemOf(await gradeHostile('read-fs', run))
  expect([saw, ...detail]).toEqual([
    'read-fs.ts:2:29: import of "node:fs": a lab talks to the wire, not to files',
    "  2 │ import { readdirSync } from 'node:fs'",
    '    ╵                             ^',
  ])
})

test('a timer takes no text', async () => {
  expect(told(await gradeHostile('code-timeout', run))).toContain('ERR_INVALID_ARG_TYPE')
})

test('nothing was written', () => {
  expect(existsSync('/tmp/socket-workbook-was-here')).toBe(false)
})

test.each([
  ['a link in labs/ to a solution', 'answer.ts', 'solutions/answer.ts', "import { run } from './answer.ts'"],
  ['a folder in labs/ that is a link', 'inner', 'solutions', "import { run } from './inner/answer.ts'"],
])('%s is forbidden, with the name of the file', async (_, link, target, line) => {
  const file = course(link, target, `${line}\nexport { run }\n`)
  const verdict = problemOf(await gradeCourse(file))
  expect(verdict).toMatchObject({
    kind: 'forbidden',
    saw: expect.stringContaining('a lab imports only from labs/') as string,
  })
})

test('a program that is itself a link to a solution is forbidden', async () => {
  course('unused.ts', 'solutions/answer.ts', '')
  const file = path.join(folder, 'labs/linked.ts')
  symlinkSync(path.join(folder, 'solutions/answer.ts'), file)
  const { saw } = problemOf(await gradeCourse(file))
  expect(saw).toContain('it stands outside labs/, or is a link that leads there')
})

test('a link that stays inside labs/ is an ordinary file', async () => {
  const file = course('kit.ts', 'labs/inside.ts', "export { run } from './kit.ts'\n")
  expect(told(await gradeCourse(file))).toBe('passed')
})

const BY_TEXT = 'Node takes such a text for the path of a file, and a port is a number'
const OUTSIDE: ReadonlyArray<readonly [what: string, options: object, saw: string]> = [
  ['an IPv4 address', { host: '192.0.2.1', port: 80 }, 'connect to 192.0.2.1 port 80: left the lab'],
  ['an IPv6 address', { host: '2001:db8::1', port: 80 }, 'connect to 2001:db8::1 port 80: left the lab'],
  ['a port of this machine', { host: '127.0.0.1', port: 22 }, 'connect to 127.0.0.1 port 22: left the lab'],
  ['a port of localhost', { host: 'localhost', port: 22 }, 'connect to 127.0.0.1 port 22: left the lab'],
  [
    'a UNIX socket',
    { path: '/tmp/socket-workbook.sock' },
    `your program connects to "/tmp/socket-workbook.sock": ${BY_TEXT}`,
  ],
]

test.each(OUTSIDE)('a connect to %s is forbidden', async (_, options, saw) => {
  expect(problemOf(await gradeHostile('connect-outside', calling('run', options)))).toMatchObject({
    kind: 'forbidden',
    saw,
  })
})

test.each(['port', 'eighty', '80 '.repeat(50)])(
  'a server that listens on %j is told what Node makes of it',
  async (text) => {
    const program = `import net from 'node:net'\nexport const run = () => { net.createServer().listen(${JSON.stringify(text)}) }\n`
    expect(problemOf(await gradeText(program, calling('run')))).toMatchObject({
      kind: 'forbidden',
      saw: `your program listens on ${JSON.stringify(text.slice(0, 40))}: ${BY_TEXT}`,
    })
  },
)

test('a host name that the check does not know is not found', async () => {
  const verdict = problemOf(
    await gradeHostile('connect-outside', calling('run', { host: 'example.org', port: 80 })),
  )
  expect(verdict).toMatchObject({
    kind: 'failed',
    saw: 'it rejected: Error: getaddrinfo ENOTFOUND example.org',
  })
  expect(verdict.wire).toContainEqual({ kind: 'lookup', host: 'example.org', answer: 'ENOTFOUND' })
})

test.each(['192.0.2.1', '2001:db8::1', '255.255.255.255', '224.0.0.1', '127.0.0.1'])(
  'a datagram to %s, where nobody of the check is, is forbidden',
  async (host) => {
    const verdict = problemOf(await gradeHostile('send-outside', calling('run', 53, host)))
    expect(verdict).toMatchObject({ kind: 'forbidden', saw: `send to ${host} port 53: left the lab` })
  },
)

test('a server on an address of the network is forbidden', async () => {
  const verdict = problemOf(await gradeHostile('bind-outside', calling('run', '192.0.2.7')))
  expect(verdict).toMatchObject({ kind: 'forbidden', saw: 'bind to 192.0.2.7 port 0: left the lab' })
})

test.each([undefined, '0.0.0.0', '::', '::1', 'localhost'])(
  'a server on %s is one on 127.0.0.1',
  async (host) => {
    const text = `
    import net from 'node:net'
    export async function serve(host?: string) {
      const server = net.createServer()
      await new Promise<void>((resolve) => server.listen({ port: 0, ...(host ? { host } : {}) }, resolve))
      return server.address() as net.AddressInfo
    }`
    const verdict = await gradeText(text, async ({ learner, connect, expectEqual }) => {
      const { port, address } = (await learner.call('serve', host)) as { port: number; address: string }
      expectEqual(address, '127.0.0.1', 'the address')
      await connect(port)
    })
    expect(told(verdict)).toBe('passed')
  },
)

// --- internal ---

/** A course of its own in a temporary folder: labs/, solutions/, and a link from one to the other. */
function course(link: string, target: string, program: string): string {
  rmSync(path.join(folder, 'labs'), { recursive: true, force: true })
  for (const name of ['labs', 'solutions']) mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, 'solutions/answer.ts'), 'export const run = () => 42\n')
  writeFileSync(path.join(folder, 'labs/inside.ts'), 'export const run = () => 42\n')
  symlinkSync(path.join(folder, target), path.join(folder, 'labs', link))
  const file = path.join(folder, 'labs/program.ts')
  writeFileSync(file, program)
  return file
}

function gradeCourse(file: string) {
  const check = { lab: '00-test', requirement: 'R1', title: 'a link', body: run }
  return runCheck(
    check,
    { source: { file, roots: [path.join(folder, 'labs')] }, fixture: null, root: folder },
    { seed: 1 },
  )
}

import { expect, test } from 'vitest'
import { calling, gradeFile, gradeHostile, gradeText, problemOf, useEngine } from './engine.ts'

/** The frames of a verdict are lines that the learner wrote, and no others. */

useEngine()

const frameLines = (
  frames: readonly { file: string; line: number; column: number; function: string }[],
): string[] => frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}:${frame.column}`)

test('types, comments and blank lines do not move a frame', async () => {
  const program = `/** A comment. */
interface Options { readonly depth: number }

export function run(options?: Options): void {
  // Another comment.
  inner<Options>(options)
}

function inner<T>(value: T | undefined): asserts value is T {
    throw new Error('here')
}
`
  const { frames } = problemOf(await gradeText(program, calling('run')))
  expect(frameLines(frames)).toEqual(['inner labs/program.ts:10:11', 'run labs/program.ts:6:3'])
})

test('a frame in a file that the program imports names that file', async () => {
  const program = `import { todo } from './kit/todo.ts'\nexport const run = () => todo('run')\n`
  const { frames } = problemOf(await gradeText(program, calling('run')))
  expect(frames.map(({ file }) => file)).toEqual(['labs/kit/todo.ts', 'labs/program.ts'])
  expect(frames[1]).toMatchObject({ line: 2, column: 26 })
})

test('awaits, methods, constructors and call-backs of Node keep their names', async () => {
  const program = `
export class Client {
  async get() { await null; throw new Error('later') }
}
export async function run() { await new Client().get() }
export class Failing { constructor() { throw new Error('new') } }
`
  const later = problemOf(await gradeText(program, calling('run')))
  expect(frameLines(later.frames)).toEqual(['Client.get labs/program.ts:3:35', 'run labs/program.ts:5:31'])
  const made = problemOf(
    await gradeText(program, async ({ learner }) => void (await learner.construct('Failing'))),
  )
  expect(frameLines(made.frames)).toEqual(['new Failing labs/program.ts:6:46'])
})

test('an uncaught error in a listener of Node shows the listener, and nothing of Node', async () => {
  const program = `
import net from 'node:net'
export async function run(port: number) {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('data', function onData() {
    throw new Error('in a listener')
  })
  await new Promise((resolve) => socket.on('close', resolve))
}`
  const verdict = await gradeText(program, async ({ learner, listen }) => {
    const server = await listen()
    void learner.call('run', server.port)
    await (await server.connection()).send('x')
    await learner.idle()
  })
  expect(problemOf(verdict)).toMatchObject({ kind: 'crashed', saw: 'uncaught Error: in a listener' })
  expect(frameLines(problemOf(verdict).frames)).toEqual(['Socket.onData labs/program.ts:6:11'])
})

test('an act that is refused below Node shows the line that asked for it', async () => {
  const verdict = await gradeHostile('connect-outside', calling('run', { host: '192.0.2.1', port: 80 }))
  expect(problemOf(verdict).frames).toEqual([
    { file: 'test/hostile/connect-outside.ts', line: 5, column: 22, function: 'run' },
  ])
})

test('an error in the suite shows no frame of the suite', async () => {
  const verdict = await gradeText('export {}', () => Promise.reject(new Error('a slip')))
  expect(problemOf(verdict).frames).toEqual([])
})

test('a program that rejects with what it did not throw itself has frames as well', async () => {
  const program = `
import net from 'node:net'
import { once } from 'node:events'
export async function run(port: number) {
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
}`
  const verdict = await gradeText(program, async ({ learner }) => {
    learner.permit('127.0.0.1', 80, 'refused')
    await learner.call('run', 80)
  })
  expect(problemOf(verdict)).toMatchObject({
    kind: 'failed',
    saw: expect.stringContaining('ECONNREFUSED') as string,
  })
})

test('a stack of a program with a line of 200,000 characters is read in no time', async () => {
  const before = process.cpuUsage()
  problemOf(await gradeFile('test/hostile/stack-of-its-own.ts', calling('run')))
  // A search that begins again at every character would take minutes of it.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(30)
})

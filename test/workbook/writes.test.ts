import { expect, test } from 'vitest'
import { gradeFile, gradeText, told, useEngine } from './engine.ts'

/** What the handle of one connection was told about sending: its bytes by its own count, apart from all others. */

useEngine()

const PROGRAM = 'test/workbook/programs/readers.ts'

test.each([
  { way: 'one', options: {}, calls: ['write(9)'] },
  { way: 'two', options: {}, calls: ['write(5)', 'write(4)'] },
  { way: 'corked', options: {}, calls: ['writev(9 in 2)'] },
  { way: 'buffers', options: {}, calls: ['write(5)', 'write(4)'] },
  { way: 'latin1', options: {}, calls: ['write(5)', 'write(4)'] },
  { way: 'utf16', options: {}, calls: ['write(4)'] },
  { way: 'end', options: {}, calls: ['write(9)', 'shutdown'] },
  { way: 'two', options: { noDelay: true }, calls: ['setNoDelay(true)', 'write(5)', 'write(4)'] },
  { way: 'noDelayOff', options: {}, calls: ['setNoDelay(true)', 'setNoDelay(false)'] },
])('a client, $way with $options: $calls', async ({ way, options, calls }) => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    const other = await listen()
    await learner.call('connect', other.port, {}, 'utf16')
    await learner.call('connect', server.port, options, way)
    const connections = [await server.connection(), await other.connection()]
    await learner.idle()
    const seen = await Promise.all(connections.map((each) => learner.writesTo(each)))
    expectEqual(seen, [calls, ['write(4)']], 'the calls of both')
  })
  expect(told(verdict)).toBe('passed')
})

test('what is said before the connection is there belongs to it, and what waits for it is written apart', async () => {
  const program = `import { connect } from 'node:net'
    export const run = (port) => {
      const socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      socket.write('head ')
      socket.write(Buffer.alloc(200_000))
    }`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('run', server.port)
    const connection = await server.connection()
    await connection.take(200_005)
    expectEqual(
      await learner.writesTo(connection),
      // Node says it at once, and again when the connection is there.
      ['setNoDelay(true)', 'setNoDelay(true)', 'write(5)', 'write(200000)'],
      'the calls',
    )
  })
  expect(told(verdict)).toBe('passed')
})

test('a second write that is empty is told as empty', async () => {
  const program = `import { connect } from 'node:net'
    export const run = async (port) => {
      const socket = connect(port, '127.0.0.1')
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.write('head body')
      socket.write(Buffer.alloc(0))
    }`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('run', server.port)
    const connection = await server.connection()
    await connection.take(9)
    expectEqual(await learner.writesTo(connection), ['write(9)', 'write(0)'], 'the calls')
  })
  expect(told(verdict)).toBe('passed')
})

test('a connection of nobody has no calls', async () => {
  const program = `import { connect } from 'node:net'
    export const run = (port) => void connect(port, '127.0.0.1')`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('run', server.port)
    expectEqual(await learner.writesTo(await server.connection()), [], 'the calls')
  })
  expect(told(verdict)).toBe('passed')
})

test('what is corked before the connection is refused is no message that no program sends', async () => {
  const program = `import { connect } from 'node:net'
    export const run = (port) => new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.cork()
      socket.write('head ')
      socket.write('body')
      socket.uncork()
      socket.once('error', (error) => resolve(error.code))
    })`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const { port } = await listen()
    learner.permit('127.0.0.1', port, 'refused')
    expectEqual(await learner.call('run', port), 'ECONNREFUSED', 'the code')
    await learner.leavesNothing()
  })
  expect(told(verdict)).toBe('passed')
})

test('what is corked is at rest: it has not been written, and time passes until the cork is drawn', async () => {
  const program = `import { connect } from 'node:net'
    export const run = async (port) => {
      const socket = connect(port, '127.0.0.1')
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.write('head ')
      socket.cork()
      socket.write('body')
      setTimeout(() => socket.uncork(), 1_000)
    }`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('run', server.port)
    const connection = await server.connection()
    await learner.tick(999)
    expectEqual(await learner.writesTo(connection), ['write(5)'], 'the calls before')
    expectEqual(connection.received.toString(), 'head ', 'the bytes before')
    await learner.tick(1)
    expectEqual(await learner.writesTo(connection), ['write(5)', 'write(4)'], 'the calls')
    expectEqual(connection.received.toString(), 'head body', 'the bytes')
  })
  expect(told(verdict)).toBe('passed')
})

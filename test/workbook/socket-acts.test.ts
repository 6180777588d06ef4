import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeText, useEngine } from './engine.ts'

/** What a program does with a socket and the other end cannot see stands on the ladder. */

useEngine()

const notesOf = async (text: string, body: CheckBody): Promise<string[]> => {
  const { wire } = await gradeText(`import net from 'node:net'\n${text}`, body)
  return wire.flatMap((event) => (event.kind === 'note' && event.from === 'you' ? [event.text] : []))
}

/** Calls `run(port)` against a server that only reads. */
const served: CheckBody = async (c) => {
  const listener = await c.listen({ name: 'server' })
  await c.learner.call('run', listener.port)
  await c.learner.idle()
}

const CONNECTED = (does: string): string => `
export const run = (port: number): Promise<void> => new Promise((resolve) => {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
    socket.on('error', () => undefined).on('close', () => resolve())
    ${does}
  })
})`

test('a connect that is refused', async () => {
  const refused: CheckBody = async (c) => {
    c.learner.permit('192.0.2.9', 80, 'refused')
    await c.learner.call('run')
  }
  const text = `export const run = (): Promise<void> => new Promise((resolve) => {
    net.connect(80, '192.0.2.9').on('error', () => resolve())
  })`
  expect(await notesOf(text, refused)).toContain('connect to 192.0.2.9 port 80 is refused')
})

test('a write after end()', async () => {
  const notes = await notesOf(CONNECTED(`socket.end('a'); socket.write('b')`), served)
  expect(notes).toContain('write() after end() to server: nothing is sent')
})

test('a socket that is destroyed, with what it had not sent', async () => {
  const small = await notesOf(CONNECTED('socket.destroy()'), served)
  expect(small).toContain('destroyed before end(): the connection to server')
  const large = await notesOf(CONNECTED('socket.write(Buffer.alloc(2e7)); socket.destroy()'), served)
  expect(large.join('\n')).toMatch(
    /destroyed before end\(\): the connection to server, with \d+ bytes unsent/,
  )
})

test.each([
  ['end()', 'socket.end(); socket.resume(); setTimeout(() => socket.destroy(), 10)'],
  ['resetAndDestroy(), which the wire shows', 'socket.resetAndDestroy()'],
])('%s is no such act', async (_, does) => {
  expect((await notesOf(CONNECTED(does), served)).join('\n')).not.toMatch(/destroyed|after end/)
})

test('a peer that resets is not the program', async () => {
  const reset: CheckBody = async (c) => {
    const listener = await c.listen({ name: 'server' })
    const call = c.learner.call('run', listener.port)
    await (await listener.connection()).reset()
    await call
  }
  expect((await notesOf(CONNECTED('socket.resume()'), reset)).join('\n')).not.toContain('destroyed')
})

test('a program that tries for ever is told a bounded number of times', async () => {
  const notes = await notesOf(
    CONNECTED(
      `socket.end(); for (let n = 0; n < 5_000; n++) socket.write('b', () => undefined); socket.destroy()`,
    ),
    served,
  )
  expect(notes.filter((note) => note.startsWith('write() after')).length).toBeLessThanOrEqual(200)
})

import { expect, test } from 'vitest'
import { gradeText, told, useEngine } from './engine.ts'

/** A check may stop the program: what happens meanwhile is there all at once when it wakes. */

useEngine()

const SERVER = `
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

const seen: string[] = []

export async function start(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((socket) => {
    seen.push(socket.remoteAddress ?? 'nobody')
    socket.on('error', () => undefined).on('data', (chunk) => seen.push(String(chunk)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: async () => void server.close() }
}

export const whatWasSeen = (): string[] => seen
`

test('pieces that are sent meanwhile are read as one', async () => {
  const verdict = await gradeText(SERVER, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('start')
    const client = await connect(server.port)
    await learner.idle()
    await learner.asleep(async () => {
      for (const piece of ['a', 'b', 'c']) await client.send(piece)
    })
    await learner.idle()
    expectEqual(await learner.call('whatWasSeen'), ['127.0.0.1', 'abc'], 'what was seen')
  })
  expect(told(verdict)).toBe('passed')
})

test('a client that resets meanwhile is gone before it is accepted', async () => {
  const verdict = await gradeText(SERVER, async ({ learner, connect, expect: holds }) => {
    const server = await learner.serve('start')
    await learner.asleep(async () => (await connect(server.port)).reset({ now: true }))
    await learner.idle()
    // Not every system gives a program a connection that is gone already.
    const seen = (await learner.call<string[]>('whatWasSeen')).filter((each) => each !== 'nobody')
    holds(seen.length === 0, 'nobody seen', seen.join(', '))
  })
  expect(told(verdict)).toBe('passed')
})

test('it wakes when what was to happen fails', async () => {
  const verdict = await gradeText(SERVER, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('start')
    await learner.asleep(() => Promise.reject(new Error('no'))).catch(() => undefined)
    await connect(server.port)
    await learner.idle()
    expectEqual(await learner.call('whatWasSeen'), ['127.0.0.1'], 'what was seen')
  })
  expect(told(verdict)).toBe('passed')
})

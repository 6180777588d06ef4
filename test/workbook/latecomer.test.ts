import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { Check } from '../../workbook/grading/check.ts'
import { gradeText, told, useEngine } from './engine.ts'

/** A server that closes must refuse whoever comes late; another's server on that port is not asked. */

useEngine()

const SERVER = `
import { createServer } from 'node:net'
export function start() {
  const server = createServer((socket) => socket.resume())
  const close = () => new Promise((resolve) => server.close(resolve))
  const pretend = () => Promise.resolve()
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close, pretend })))
}`

interface Server {
  readonly port: number
  close(): Promise<void>
  pretend(): Promise<void>
}

const start = ({ learner }: Check): Promise<Server> => Promise.resolve(learner.call<Server>('start'))

test('a latecomer is refused, also while an old connection is still open', async () => {
  const verdict = await gradeText(SERVER, async (check) => {
    const server = await start(check)
    const client = await check.connect(server.port)
    const closed = server.close()
    await check.refused(server.port)
    await client.fin()
    await closed
    await check.refused(server.port)
  })
  expect(told(verdict)).toBe('passed')
  expect(verdict.steps.filter((step) => step.startsWith('a latecomer is refused'))).toHaveLength(2)
})

test('a server that goes on listening connects a latecomer, and is told so', async () => {
  const verdict = await gradeText(SERVER, async (check) => {
    const server = await start(check)
    await server.pretend()
    await check.refused(server.port)
  })
  expect(told(verdict)).toMatch(/^failed: .*; saw it goes on listening: a latecomer is connected$/)
})

test('somebody else who has been given the port meanwhile is left alone', async () => {
  const other = createServer()
  let visitors = 0
  other.on('connection', () => visitors++)
  const verdict = await gradeText(SERVER, async (check) => {
    const server = await start(check)
    await server.close()
    await once(other.listen(server.port, '127.0.0.1'), 'listening')
    await check.refused(server.port)
  })
  other.close()
  expect(told(verdict)).toBe('passed')
  expect(verdict.steps.at(-1)).toBe('your server listens no more')
  expect(visitors).toBe(0)
})

import { expect, test } from 'vitest'
import type { Check } from '../../workbook/grading/check.ts'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { selfSigned } from '../labs/20-first-contact/certificate.ts'
import { TlsServer } from '../labs/20-first-contact/tls-server.ts'
import { gradeFile, problemOf, told, useEngine } from './engine.ts'

/** A program that speaks TLS: every byte on the wire below it is counted, so that idleness is proven as ever. */

useEngine()

const modules = ['node:tls']
const grade = (body: CheckBody) => gradeFile('test/workbook/programs/secure-client.ts', body, {}, modules)
const NAME = 'prices.lan'
const ADDRESS = '192.0.2.7'

async function scene(c: Check, more: object, certified = NAME) {
  const listener = await c.listen()
  c.learner.permit(ADDRESS, 443, listener)
  const identity = selfSigned(certified)
  const call = c.learner.call('ask', { host: ADDRESS, ca: identity.cert, ...more })
  const connection = await listener.connection()
  const server = new TlsServer(c, connection, identity)
  await server.carry()
  return { call, connection, server }
}

test.each([false, true])('speaks over a connection of its own: %s', async (inside) => {
  const verdict = await grade(async (c) => {
    for (const says of ['a', 'b'.repeat(40_000)]) {
      const { call, server } = await scene(c, { servername: NAME, inside, says })
      c.expectEqual(server.serverName, NAME, 'the name')
      c.expectEqual(server.received.toString(), says, 'what it says')
      await server.send('c'.repeat(100_000))
      await call.staysPending()
      await server.end()
      c.expectEqual(await call, 'c'.repeat(100_000), 'what it hears')
      await c.learner.leavesNothing()
    }
  })
  expect(told(verdict)).toBe('passed')
})

test.each([
  ['by address', {}, NAME, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['another name', { servername: NAME }, 'other.lan', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [
    'another certificate',
    { servername: NAME, ca: selfSigned(NAME).cert },
    NAME,
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
])('a certificate that proves nothing: %s', async (_, more, certified, code) => {
  const verdict = await grade(async (c) => {
    const { call, server, connection } = await scene(c, more, certified)
    c.expectEqual((await call.rejects()).code, code, 'the code')
    c.expectEqual(server.received.length, 0, 'bytes')
    await connection.seesEnd()
    await c.learner.leavesNothing()
  })
  expect(told(verdict)).toBe('passed')
})

test('a certificate that is not looked at: the request tells', async () => {
  const verdict = await grade(async (c) => {
    const { server } = await scene(c, { rejectUnauthorized: false }, 'other.lan')
    c.expectEqual(server.received.toString(), 'hello', 'what it says to anybody')
  })
  expect(told(verdict)).toBe('passed')
})

test.each(['serve', 'wrap'])('is a client and no server: %s', async (name) => {
  const verdict = await grade(async ({ learner }) => void (await learner.call(name)))
  expect(verdict.kind).toBe('forbidden')
})

test('a lab that does not ask for it does not have it', async () => {
  const verdict = await gradeFile('test/workbook/programs/secure-client.ts', async () => undefined)
  const { kind, saw } = problemOf(verdict)
  expect(kind).toBe('forbidden')
  expect(saw).toContain('only the lab whose page allows it has it')
})

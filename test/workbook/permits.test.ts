import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeFile, problemOf, told, useEngine } from './engine.ts'

/** A program reaches what the check permits, under the names and ports of the real world, and no more. */

useEngine()

const grade = (body: CheckBody) => gradeFile('test/workbook/programs/dialer.ts', body)
const verdictOf = async (body: CheckBody): Promise<string> => told(await grade(body))

const PLACES = [
  ['port 80 of an address', '192.0.2.10', 80],
  ['port 443 of an address', '198.51.100.7', 443],
  ['port 1', '127.0.0.1', 1],
  ['an IPv6 address', '2001:db8::1', 80],
  ['::1, even on a machine without it', '::1', 8080],
  ['an IPv4 address in IPv6', '::ffff:192.0.2.10', 80],
] as const

test.each(PLACES)('%s leads to the listener of the check', async (_, host, port) => {
  const verdict = await verdictOf(async ({ learner, listen, expectEqual }) => {
    const [server, other] = [await listen(), await listen()]
    learner.permit(host, port, server)
    expectEqual(await learner.call('dial', host, port), 'connected', 'the result')
    const connection = await server.connection()
    expectEqual((await connection.take(3 + host.length)).toString(), `to ${host}`, 'the bytes')
    await learner.idle()
    expectEqual(other.accepted, 0, 'connections to the other')
  })
  expect(verdict).toBe('passed')
})

test('a name that is permitted is looked up, and leads to the listener', async () => {
  const verdict = await grade(async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    learner.permit('www.example.org', 80, server)
    expectEqual(await learner.call('dial', 'www.example.org', 80), 'connected', 'the result')
    expectEqual(await learner.call('dial', 'WWW.Example.ORG', 80), 'connected', 'the result in capitals')
    await learner.idle()
    expectEqual(server.accepted, 2, 'connections')
  })
  expect(told(verdict)).toBe('passed')
  const lookups = verdict.wire.flatMap((event) =>
    event.kind === 'lookup' ? [event.host.toLowerCase(), event.answer] : [],
  )
  expect(lookups).toEqual(['www.example.org', '192.0.2.1', 'www.example.org', '192.0.2.1'])
})

test('a name has the address that the check gives it, in every way to ask', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    learner.names({ 'origin.example': '192.0.2.10' })
    const found = { address: '192.0.2.10', family: 4 }
    const all = [found, [found], ['192.0.2.10'], ['192.0.2.10', 4], ['192.0.2.10']]
    expectEqual(await learner.call('resolveAll', 'origin.example'), all, 'the answers')
    const nothing = ['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND']
    expectEqual(await learner.call('resolveAll', 'other.example'), nothing, 'the answers for another name')
  })
  expect(verdict).toBe('passed')
})

test('a lookup of the program decides the address, and the permit decides where it leads', async () => {
  const verdict = await verdictOf(async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    learner.permit('192.0.2.77', 8080, server)
    expectEqual(
      await learner.call('dialWithLookup', 'any.example', 8080, '192.0.2.77'),
      'connected',
      'the result',
    )
    await server.connection()
  })
  expect(verdict).toBe('passed')
})

test('a port that is refused refuses, on every address', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    for (const host of ['127.0.0.1', '192.0.2.10', '::1', 'refusing.example']) {
      learner.permit(host, 80, 'refused')
      expectEqual(await learner.call('dial', host, 80), 'ECONNREFUSED', `the result for ${host}`)
    }
  })
  expect(verdict).toBe('passed')
})

test('a permit is for one port of one address, and for this check alone', async () => {
  const permitted: CheckBody = async ({ learner, listen }) => {
    learner.permit('192.0.2.10', 80, await listen())
    await learner.call('dial', '192.0.2.10', 80)
    await learner.call('dial', '192.0.2.10', 81)
  }
  expect(problemOf(await grade(permitted))).toMatchObject({
    kind: 'forbidden',
    saw: 'connect to 192.0.2.10 port 81: left the lab',
  })
  const later: CheckBody = async ({ learner }) => void (await learner.call('dial', '192.0.2.10', 80))
  expect(problemOf(await grade(later))).toMatchObject({
    kind: 'forbidden',
    saw: 'connect to 192.0.2.10 port 80: left the lab',
  })
})

test('the listeners and links of the check itself need no permit', async () => {
  const verdict = await verdictOf(async ({ learner, listen, link, expectEqual }) => {
    const [server, path] = [await listen(), await link({ respond: () => 'HTTP/1.1 204 No Content\r\n\r\n' })]
    expectEqual(await learner.call('dial', '127.0.0.1', server.port), 'connected', 'to the listener')
    expectEqual(await learner.call('dial', 'localhost', server.port), 'connected', 'by name')
    expectEqual(await learner.call('dial', '127.0.0.1', path.port), 'connected', 'to the link')
  })
  expect(verdict).toBe('passed')
})

test.each(['ask', 'askConnected'])('datagrams go to the peer of the check and back: %s()', async (way) => {
  const verdict = await verdictOf(async ({ learner, datagrams, expectEqual }) => {
    const peer = await datagrams()
    const call = learner.call(way, peer.port, '127.0.0.1')
    const { bytes, port } = await peer.receive()
    expectEqual(bytes.toString(), 'question', 'the datagram')
    await peer.silent()
    await peer.send('answer', port)
    expectEqual(await call, 'answer', 'the result')
    await learner.leavesNothing()
  })
  expect(verdict).toBe('passed')
})

test('a peer has the port of a listener, and another one the same port of another address', async () => {
  const verdict = await verdictOf(async ({ learner, listen, datagrams, expectEqual }) => {
    const { port } = await listen()
    const peer = await datagrams({ port })
    const other = process.platform === 'linux' ? await datagrams({ host: '127.0.0.2', port }) : null
    const call = learner.call('askConnected', port, '127.0.0.1')
    await learner.idle()
    const [{ port: from } = { port: 0 }] = peer.unread
    await peer.receive()
    await other?.send('forged', from)
    await call.staysPending()
    await peer.send('answer', from)
    expectEqual(await call, 'answer', 'the result')
    expectEqual(await learner.call('dial', '127.0.0.1', port), 'connected', 'the result over TCP')
  })
  expect(verdict).toBe('passed')
})

test('a UDP socket that is left open is told', async () => {
  const verdict = await grade(async ({ learner, datagrams }) => {
    const peer = await datagrams()
    void learner.call('ask', peer.port, '127.0.0.1')
    await peer.receive()
    await learner.leavesNothing()
  })
  expect(problemOf(verdict)).toMatchObject({
    kind: 'leaked',
    saw: expect.stringContaining('a UDP socket on port') as unknown,
  })
})

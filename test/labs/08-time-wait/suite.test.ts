import { lab } from '../../../workbook/grading/lab.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { CLOSINGS, closingOf, everySequence, everySequenceInTime, expectEnd, receive } from './closings.ts'
import { type Event, type State } from './model.ts'
import { allocatorOf, PORTS } from './ports.ts'
import { WHY } from './predictions.ts'
import { REQUESTS, requestMany, responseOf, takeRequest, type Closer } from './requests.ts'
import { connectFrom, expectConnected, leave, placeOf, SERVERS, SOCKETS } from './sockets.ts'
import { inOrder, KERNEL_STATES, textOf } from './kernel-text.ts'
import { drawRow, expectAddresses, expectCounts, TABLES } from './tables.ts'

lab('08-time-wait', ({ check, converse }) => {
  check('R1', 'FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT', (c) =>
    passes(c, [
      ['close()', 'FIN-WAIT-1', 'FIN'],
      ['ACK', 'FIN-WAIT-2', 'FIN'],
      ['FIN', 'TIME-WAIT', 'FIN ACK'],
    ]),
  )

  check('R1', 'an ACK and a FIN in one segment', (c) =>
    passes(c, [
      ['close()', 'FIN-WAIT-1', 'FIN'],
      ['FIN+ACK', 'TIME-WAIT', 'FIN ACK'],
    ]),
  )

  converse('R1', 'whatever comes before the other end closes', CLOSINGS.active)

  check('R1', 'every sequence of five events', everySequence)

  check('R2', 'CLOSE-WAIT, LAST-ACK, CLOSED', (c) =>
    passes(c, [
      ['FIN', 'CLOSE-WAIT', 'ACK'],
      ['close()', 'LAST-ACK', 'ACK FIN'],
      ['ACK', 'CLOSED', 'ACK FIN'],
    ]),
  )

  converse('R2', 'whatever comes to the end that closes second', CLOSINGS.passive)

  check('R3', 'two ends of yours that close at the same moment both wait', simultaneous)

  converse('R3', 'whatever comes in CLOSING', CLOSINGS.simultaneous)

  check('R4', 'CLOSED after twice the MSL, and not a millisecond earlier', async (c) => {
    const mslMs = c.random.integer(50, 120_000)
    const { closing, look } = await closingOf(c, mslMs)
    await closing.close()
    await receive(c, closing, 'FIN+ACK')
    await c.learner.tick(2 * mslMs - 1)
    c.step(`${2 * mslMs - 1} ms have passed, all but one of twice the MSL`)
    await expectEnd(c, await look(), { state: 'TIME-WAIT', sent: ['FIN', 'ACK'] }, 'a millisecond before')
    await c.learner.tick(1)
    await expectEnd(c, await look(), { state: 'CLOSED', sent: ['FIN', 'ACK'] }, 'after twice the MSL')
    await c.learner.leavesNothing()
  })

  converse('R4', 'what makes the wait begin anew, and what does not', CLOSINGS.waiting)

  check('R4', 'every sequence of three events, on both sides of the deadline', everySequenceInTime)

  check('R5', 'an old FIN is acknowledged again, and its ACK counts for nothing', async (c) => {
    for (const segment of ['FIN', 'FIN+ACK'] as const) {
      await passes(c, [
        ['FIN', 'CLOSE-WAIT', 'ACK'],
        [segment, 'CLOSE-WAIT', 'ACK ACK'],
        ['close()', 'LAST-ACK', 'ACK ACK FIN'],
        [segment, 'LAST-ACK', 'ACK ACK FIN ACK'],
      ])
      await passes(c, [
        ['close()', 'FIN-WAIT-1', 'FIN'],
        ['FIN', 'CLOSING', 'FIN ACK'],
        [segment, 'CLOSING', 'FIN ACK ACK'],
      ])
    }
  })

  check('R6', 'RST ends TIME-WAIT and its timer; what comes then is answered by RST', async (c) => {
    await passes(c, [
      ['close()', 'FIN-WAIT-1', 'FIN'],
      ['FIN+ACK', 'TIME-WAIT', 'FIN ACK'],
      ['RST', 'CLOSED', 'FIN ACK'],
    ])
    await c.learner.leavesNothing()
    await passes(c, [
      ['RST', 'CLOSED', ''],
      ['ACK', 'CLOSED', 'RST'],
      ['RST', 'CLOSED', 'RST'],
      ['FIN', 'CLOSED', 'RST RST'],
    ])
  })

  converse('R6', 'RST in every state, and whatever comes behind it', CLOSINGS.reset)

  check('R7', 'a port in use for one server is free for another', async (c) => {
    const { first, allocator } = await portsOf(c, 2)
    const remote = { host: '192.0.2.7', port: 80 }
    const others = [
      { ...remote, port: 81 },
      { ...remote, host: '192.0.2.8' },
    ]
    const both = [await allocator.take(remote), await allocator.take({ ...remote })]
    const all = [first, first + 1]
    c.expectEqual(
      [...both].sort((a, b) => a - b),
      all,
      'the two ports to one server',
    )
    for (const other of others) {
      const port = await allocator.take(other)
      c.expect(all.includes(port), `one of the two ports for ${other.host}:${other.port}`, String(port))
    }
  })

  converse('R7', 'connections to five destinations', PORTS.R7)

  check('R8', 'twice the MSL for the end that closed first, and nothing for the other', async (c) => {
    const { mslMs, allocator, set } = await portsOf(c, 2)
    const remote = { host: '192.0.2.7', port: 80 }
    const port = await allocator.take(remote)
    await allocator.take(remote)
    await allocator.release(remote, port, true)
    await set(2 * mslMs - 1)
    c.step(`port ${port} was released, closed first; ${2 * mslMs - 1} ms have passed, all but one`)
    await allocator.take(remote).rejects()
    await set(2 * mslMs)
    c.expectEqual(await allocator.take(remote), port, 'the port after twice the MSL')
    await allocator.release(remote, port, false)
    c.expectEqual(await allocator.take(remote), port, 'the port that closed second, at once')
  })

  converse('R8', 'connections that end on either side', PORTS.R8)

  check('R9', 'one that was never used comes first, and then the one that is free the longest', async (c) => {
    const { first, allocator, set } = await portsOf(c, 3)
    const remote = { host: '192.0.2.7', port: 80 }
    for (const [at, offset] of [0, 1, 2, 0, 1].entries()) {
      await set(at)
      c.expectEqual(await allocator.take(remote), first + offset, 'the port')
      await allocator.release(remote, first + offset, false)
    }
  })

  converse('R9', 'ports that became free in any order', PORTS.R9)

  check('R10', 'the error says how many wait, and for how long', async (c) => {
    const { mslMs, allocator, set } = await portsOf(c, 1)
    const remote = { host: '192.0.2.7', port: 80 }
    const port = await allocator.take(remote)
    for (const [waiting, freeInMs] of [
      [0, null],
      [1, 2 * mslMs - 7],
    ] as const) {
      const error = await allocator.take(remote).rejects()
      c.expectEqual(error.code, 'EADDRNOTAVAIL', 'the `code` of the error')
      c.expectEqual(error['waiting'], waiting, '`waiting` of the error')
      c.expectEqual(error['freeInMs'], freeInMs, '`freeInMs` of the error')
      await allocator.release(remote, port, true)
      await set(7)
    }
  })

  converse('R10', 'no port is free', PORTS.R10)

  check('R11', 'no text has no rows', async (c) => {
    c.expectEqual(await c.learner.call('readTcpTable', ''), [], 'the rows of no text')
  })

  check('R11', 'the row that the page shows', (c) =>
    expectAddresses(c, {
      local: { host: '127.0.0.1', port: 51_174 },
      remote: { host: '127.0.0.1', port: 8_080 },
    }),
  )

  converse('R11', 'tables of IPv4', TABLES.R11)

  check('R12', 'a row of tcp6', (c) =>
    expectAddresses(c, { local: { host: '::1', port: 80 }, remote: { host: '2001:db8::1:2', port: 50_000 } }),
  )

  converse('R12', 'tables of IPv6, and of both', TABLES.R12)

  converse('R13', 'rows in every state', TABLES.R13)

  check('R13', 'countStates of no rows, and of many', async (c) => {
    await expectCounts(c, [], [])
    const rows = inOrder(Array.from({ length: 200 }, () => drawRow(c.random, ['127.0.0.1', '::1'])))
    const read = await c.learner.call<unknown[]>('readTcpTable', textOf(rows))
    await expectCounts(
      c,
      read,
      rows.map(({ state }) => state),
    )
    const two = KERNEL_STATES.slice(5, 7)
    const plain = two.map((state) => ({ ...rows[0], state }))
    await expectCounts(c, plain, two)
  })

  check('R14', 'three ports: the fourth connection fails, and one to another server succeeds', exhausted)

  converse('R14', 'ports in any order, to one server and to another', SOCKETS.R14)

  check('R15', 'a refused connection is tried from one port alone', async (c) => {
    const place = await placeOf(c)
    const error = await connectFrom(c, 2, place.ports.slice(0, 3)).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    const attempts = (await c.learner.handleCalls()).filter((call) => call.startsWith('connect('))
    c.expectEqual(attempts.length, 1, 'the number of attempts')
    await c.learner.leavesNothing()
  })

  converse('R15', 'no port left, and other failures', SOCKETS.R15)

  for (const who of ['client', 'server'] as const) {
    check('R16', `two requests, and the first FIN is the ${who}'s`, (c) => closesFirst(c, who))
    converse('R16', `whatever the server does, where the ${who} closes first`, REQUESTS.R16[who])
  }

  check('R17', 'no requests make no connection', async (c) => {
    const listener = await c.listen()
    await requestMany(c, listener.port, 0, 'client')
    await listener.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R17', 'a refused connection rejects with its code', async (c) => {
    const { port } = await c.listen()
    c.learner.permit('127.0.0.1', port, 'refused')
    const error = await requestMany(c, port, 3, 'server').rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  for (const who of ['client', 'server'] as const)
    converse('R17', `connections that fail, where the ${who} closes first`, REQUESTS.R17[who])
})

type Passage = readonly [event: Event, state: State, sent: string]

/** One end: what happens to it, where it is then, and all that it has sent. */
async function passes(c: Check, passages: readonly Passage[]): Promise<void> {
  const { closing, look } = await closingOf(c, c.random.integer(50, 500))
  const done: string[] = []
  for (const [event, state, sent] of passages) {
    if (event === 'close()') await closing.close()
    else await receive(c, closing, event)
    done.push(event)
    const told = { state, sent: sent.split(' ').filter(Boolean) }
    await expectEnd(c, await look(), told, `behind ${done.join(', ')}`)
  }
}

async function simultaneous(c: Check): Promise<void> {
  const mslMs = c.random.integer(50, 500)
  const ends = [await closingOf(c, mslMs), await closingOf(c, mslMs)]
  for (const [event, state, sent] of [
    ['close()', 'FIN-WAIT-1', 'FIN'],
    ['FIN', 'CLOSING', 'FIN ACK'],
    ['ACK', 'TIME-WAIT', 'FIN ACK'],
  ] as const)
    for (const { closing, look } of ends) {
      if (event === 'close()') await closing.close()
      else await receive(c, closing, event)
      await expectEnd(c, await look(), { state, sent: sent.split(' ') }, `behind ${event}`)
    }
  const states = await Promise.all(ends.map(({ look }) => look()))
  const waiting = states.filter(({ state }) => state === 'TIME-WAIT').length
  c.observe('P1', ['a', 'b', 'c'][waiting] ?? 'none', WHY.P1)
}

/** An allocator of so many ports; its clock shows 0. */
async function portsOf(c: Check, count: number) {
  const first = c.random.integer(1_024, 60_000)
  const mslMs = c.random.integer(50, 120_000)
  return { first, mslMs, ...(await allocatorOf(c, { first, last: first + count - 1, mslMs, start: 0 })) }
}

async function exhausted(c: Check): Promise<void> {
  const place = await placeOf(c)
  const ports = place.ports.slice(0, 3)
  for (const port of ports) await expectConnected(c, place, { call: connectFrom(c, 0, ports), to: 0, port })
  c.step('three connections to server 1, from three ports')
  await connectFrom(c, 0, ports).rejects()
  if (SERVERS < 2) return c.step('passed over: here a bound port leads to one destination alone')
  const call = connectFrom(c, 1, ports)
  await c.learner.idle()
  c.observe('P2', call.outcome?.ok ? 'b' : 'a', WHY.P2)
  await expectConnected(c, place, { call, to: 1, port: ports[0] ?? 0 })
  await leave(c, place)
}

async function closesFirst(c: Check, who: Closer): Promise<void> {
  const listener = await c.listen()
  const call = requestMany(c, listener.port, 2, who)
  for (const as of ['the first connection', 'the second connection']) {
    const connection = await listener.connection({ as })
    await takeRequest(c, connection, who)
    await connection.send(responseOf(c.random.word()))
    if (who === 'client') await connection.sees('FIN')
    else await connection.staysOpen()
    await connection.fin()
    await connection.sees('FIN')
    if (who === 'server') c.observe('P3', 'b', WHY.P3)
  }
  await call
  await c.learner.leavesNothing()
}

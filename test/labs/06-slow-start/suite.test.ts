import { lab } from '../../../workbook/grading/lab.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { expectRequest, fetchPage, responseOf } from './fetch-messages.ts'
import { FETCHES } from './fetches.ts'
import { sideBySide } from './handshakes.ts'
import {
  blamedAt,
  compare,
  drawSizes,
  everySequence,
  HISTORIES,
  inFlightAround,
  windowOf,
} from './histories.ts'
import { wordsOf } from './history-words.ts'
import { after, beginning, roundTripsOf, type Happening, type Page, type Sizes, type Way } from './model.ts'
import { agrees, counted, flightsSeen, pathTo } from './paths.ts'
import { drawJourney, drawPage, expectTrips, PLANS, TRIPS } from './plans.ts'
import { WHY } from './predictions.ts'

/** Segments of an Ethernet, and a window that begins with ten of them. */
const ETHERNET: Sizes = { mss: 1_460, receiveWindow: 1_000_000, initialWindow: 14_600 }
/** 42 segments. */
const LARGE = 60_000

lab('06-slow-start', ({ check, converse }) => {
  check('R1', 'the initial window of RFC 6928, for segments of every size', async (c) => {
    for (const mss of [
      1,
      536,
      1_220,
      1_460,
      1_461,
      2_000,
      7_299,
      7_300,
      7_301,
      8_960,
      c.random.integer(500, 9_000),
    ]) {
      const sizes = { mss, receiveWindow: 100_000 }
      await history(c, 'R1', sizes, [])
    }
  })

  check('R1', 'another one, where it is given', async (c) => {
    for (const initialWindow of [1_460, 4_380, 14_601, 100_000, c.random.integer(1_460, 90_000)])
      await history(c, 'R1', { mss: 1_460, receiveWindow: 50_000, initialWindow }, [])
  })

  check('R2', 'one segment for each acknowledgement, and less where less was acknowledged', async (c) => {
    const { mss, ...sizes } = drawSizes(c.random)
    await history(c, 'R2', { mss, ...sizes }, [
      { acked: mss },
      { acked: mss },
      { acked: 2 * mss },
      { acked: 10 },
    ])
  })

  converse('R2', 'acknowledgements of every size', HISTORIES.R2)

  check('R3', 'the smaller of both windows, less what is in flight', async (c) => {
    for (const receiveWindow of [5_000, 14_600, 14_601, 90_000, c.random.integer(1_460, 60_000)])
      await history(c, 'R3', { ...ETHERNET, receiveWindow }, [{ acked: 1_460 }])
  })

  check('R3', 'two windows side by side have nothing in common', async (c) => {
    const all = [drawSizes(c.random), drawSizes(c.random)] as const
    const windows = [await windowOf(c, all[0]), await windowOf(c, all[1])] as const
    await windows[0].acked(all[0].mss)
    await windows[0].timedOut(5 * all[0].mss)
    await windows[1].acked(all[1].mss)
    for (const at of [1, 0] as const) {
      const sizes = all[at]
      let sender = after(beginning(sizes), { acked: sizes.mss }, sizes)
      if (at === 0) sender = after(sender, { timeout: 5 * sizes.mss }, sizes)
      const inFlight = inFlightAround(sender, sizes)
      const seen = await c.learner.make<number[]>('look', windows[at], inFlight)
      // What a timeout does is promised elsewhere.
      const told = { sizes, inFlight, when: 'beside another one', requirement: at === 0 ? 'R5' : 'R3' }
      await compare(c, seen, sender, told)
    }
  })

  check('R4', 'from the threshold on, one segment for each window that was acknowledged', async (c) => {
    const { mss } = ETHERNET
    const acks = Array.from({ length: 22 }, () => ({ acked: mss }))
    await history(c, 'R4', ETHERNET, [{ timeout: 10 * mss }, ...acks])
  })

  check('R4', 'the receiver holds the sender back, and the window goes on growing', async (c) => {
    const { mss } = ETHERNET
    const acks = Array.from({ length: 22 }, () => ({ acked: mss }))
    const sizes = { ...ETHERNET, receiveWindow: 4 * mss }
    await history(c, 'R4', sizes, [{ timeout: 4 * mss }, ...acks])
  })

  converse('R4', 'acknowledgements above the threshold', HISTORIES.R4)

  check('R5', 'half of what was in flight is the threshold, and the window is one segment', async (c) => {
    const { mss } = ETHERNET
    const acks = Array.from({ length: 9 }, () => ({ acked: mss }))
    const inFlight = mss * c.random.integer(6, 9) + c.random.integer(1, 700)
    await history(c, 'R5', ETHERNET, [{ timeout: inFlight }, ...acks])
  })

  converse('R5', 'timeouts, with anything in flight', HISTORIES.R5)

  check('R6', 'the third duplicate in a row, the fourth, and the acknowledgement that ends it', async (c) => {
    const { mss } = ETHERNET
    const duplicate = mss * c.random.integer(6, 9) + c.random.integer(1, 700)
    const four = Array.from({ length: 4 }, () => ({ duplicate }))
    await history(c, 'R6', ETHERNET, [...four, { acked: 3 * mss }, { acked: mss }])
  })

  converse('R6', 'duplicates, with anything in flight', HISTORIES.R6)

  check('R6', 'every history of four steps, and what it leaves behind', everySequence)

  check('R7', 'longer than the timeout: the initial window; exactly as long: nothing', async (c) => {
    const { mss } = ETHERNET
    const rto = c.random.integer(200, 900)
    for (const ms of [rto, rto + 1])
      await history(c, 'R7', ETHERNET, [{ acked: mss }, { acked: mss }, { idle: [ms, rto] }, { acked: mss }])
  })

  converse('R7', 'silences of every length', HISTORIES.R7)

  check('R8', 'the flights that the page shows', async (c) => {
    const flights = await c.learner.call('planFlights', { ...ETHERNET, bytes: 100_000 })
    c.expectEqual(flights, [14_600, 29_200, 56_200], 'what planFlights() has to tell of 100,000 bytes')
  })

  check('R8', 'the flights that a path has counted', async (c) => {
    for (const size of [20_000, 60_000, 120_000]) {
      const o = drawJourney(c.random)
      const bytes = c.random.integer(size / 2, size)
      const planned = await c.learner.call('planFlights', { ...o, bytes })
      const seen = await flightsSeen(c, bytes, o)
      c.expectEqual(planned, seen, `what planFlights() has to tell, as the path does, of ${bytes} bytes`)
    }
  })

  converse('R8', 'sizes on both sides of the end of a flight', PLANS)

  check('R9', 'a page with three small images: 8 round trips, and 4', async (c) => {
    await expectTrips(c, { page: SMALL, way: 'serial', o: ETHERNET })
    await expectTrips(c, { page: SMALL, way: 'parallel', o: ETHERNET })
  })

  check('R9', 'computed and counted: serial, parallel', (c) => computedAndCounted(c, ['serial', 'parallel']))

  converse('R9', 'pages of every size, over new connections', TRIPS.R9)

  check('R10', 'a page with three small images: 5 round trips, and 3', async (c) => {
    await expectTrips(c, { page: SMALL, way: 'persistent', o: ETHERNET })
    await expectTrips(c, { page: SMALL, way: 'pipelined', o: ETHERNET })
  })

  check('R10', 'a large answer comes twice, and the second time the window is open', async (c) => {
    const once = await counted(c, { first: LARGE, others: [] }, 'serial', ETHERNET)
    c.observe('P1', { 2: 'a', 4: 'b', 42: 'c' }[once] ?? 'none', WHY.P1)
    const twice: Page = { first: LARGE, others: [LARGE] }
    const both = await counted(c, twice, 'persistent', ETHERNET)
    c.observe('P2', { 1: 'a', 3: 'b', 4: 'c' }[both - once] ?? 'none', WHY.P2)
    await expectTrips(c, { page: twice, way: 'persistent', o: ETHERNET })
  })

  check('R10', 'computed and counted: persistent, pipelined', (c) =>
    computedAndCounted(c, ['persistent', 'pipelined']),
  )

  converse('R10', 'pages of every size, over one kept connection', TRIPS.R10)

  check('R11', 'computed and counted: two kept connections, and three', async (c) => {
    for (const connections of [2, 3])
      await agrees(c, drawPage(c.random), 'persistent', { ...drawJourney(c.random), connections })
  })

  converse('R11', 'pages of every size, over some kept connections', TRIPS.R11)

  check('R12', 'computed and counted: a reader who takes a minute, and one who does not', async (c) => {
    const page = { first: LARGE, others: [LARGE, 30_000] }
    for (const pauseMs of [60_000, 100])
      for (const way of ['persistent', 'pipelined'] as const)
        await agrees(c, page, way, { ...ETHERNET, pauseMs, rtoMs: 1_000 })
  })

  converse('R12', 'pauses on both sides of the timeout', TRIPS.R12)

  check('R13', 'the responses come in the order of the targets', async (c) => {
    const { listener, port, targets, connection, call } = await twoAsked(c)
    const bodies = [c.random.bytes(300), c.random.bytes(300)] as const
    await connection.send(responseOf(bodies[0]))
    await c.blame('R14', () => listener.noFurtherConnection())
    await expectRequest(c, (await connection.request()).raw, { target: targets[1] ?? '', port, isLast: true })
    await connection.send(responseOf(bodies[1]))
    await c.learner.idle()
    c.expect(call.settled, 'both responses: the last byte is there', 'a promise still pending')
    const responses = await call
    for (const [index, body] of bodies.entries())
      c.expectBytes(Buffer.from(responses[index]?.body ?? []), body, `the body of response ${index + 1}`)
  })

  check('R13', 'no target makes no connection', async (c) => {
    const listener = await c.listen()
    c.expectEqual(await fetchPage(c, listener.port, [], 2), [], 'the responses to no target')
    await listener.noFurtherConnection()
  })

  check('R13', 'a target that stands there twice is fetched twice', async (c) => {
    const listener = await c.listen()
    const target = `/${c.random.word()}`
    const call = fetchPage(c, listener.port, [target, target, target], 1)
    const connection = await listener.connection()
    for (const body of ['one', 'two', 'three']) {
      await c.blame('R14', () => listener.noFurtherConnection())
      await expectRequest(c, (await connection.request()).raw, { target, port: listener.port, isLast: true })
      await connection.send(responseOf(Buffer.from(body)))
    }
    const bodies = (await call).map((each) => Buffer.from(each.body).toString())
    c.expectEqual(bodies, ['one', 'two', 'three'], 'the bodies')
  })

  converse('R13', 'responses of every kind', FETCHES.R13)

  check('R14', 'the path counts what roundTrips computes', async (c) => {
    for (const connections of [1, 2, 3, 6]) {
      const page = drawPage(c.random)
      await fetchOnPath(c, page, { ...ETHERNET, connections })
    }
  })

  check('R14', 'a warm connection against a warm and a cold one', async (c) => {
    const page = { first: LARGE, others: [80_000, 80_000] }
    const one = await fetchOnPath(c, page, { ...ETHERNET, connections: 1 })
    const two = await fetchOnPath(c, page, { ...ETHERNET, connections: 2 })
    c.observe('P3', one < two ? 'a' : one > two ? 'b' : 'c', WHY.P3)
    c.measure(`${one} round trips over one kept connection, ${two} over two`)
  })

  check('R14', 'the further connections do not wait for each other', sideBySide)

  check('R14', 'two pages at once have connections of their own', async (c) => {
    const listener = await c.listen()
    const calls = [1, 2].map(() => fetchPage(c, listener.port, ['/page', '/image'], 2))
    const connections = [await listener.connection(), await listener.connection()]
    for (const target of ['/page', '/image'])
      for (const connection of connections) {
        await expectRequest(c, (await connection.request()).raw, {
          target,
          port: listener.port,
          isLast: true,
        })
        await connection.send(responseOf(c.random.bytes(20)))
      }
    for (const call of calls) c.expectEqual((await call).length, 2, 'responses of each call')
    await listener.noFurtherConnection()
  })

  converse('R14', 'connections, and what is dealt to them', FETCHES.R14)

  check('R15', 'a refused connection rejects with its code', async (c) => {
    const { port } = await c.listen()
    c.learner.permit('127.0.0.1', port, 'refused')
    const error = await fetchPage(c, port, ['/a', '/b', '/c'], 2).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R15', 'the second connection is refused, and the first one ends with it', async (c) => {
    const listener = await c.listen()
    const call = fetchPage(c, listener.port, ['/a', '/b', '/c'], 2)
    const connection = await listener.connection()
    await connection.request()
    c.learner.permit('127.0.0.1', listener.port, 'refused')
    // The program has heard of it before the response comes.
    await c.learner.idle()
    await connection.send(responseOf(c.random.bytes(20)))
    const error = await call.rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R15', 'nothing is left open, though the server keeps its end', async (c) => {
    const { connection, call } = await twoAsked(c)
    for (const body of ['one', 'two']) {
      await connection.send(responseOf(Buffer.from(body)))
      await c.learner.idle()
    }
    await call
    await connection.seesEnd()
    await c.learner.leavesNothing()
  })

  converse('R15', 'connections that fail, and connections that are done', FETCHES.R15)
})

const SMALL: Page = { first: 500, others: [500, 500, 500] }

/** A window, what happens to it, and a look before the first step and after each. */
async function history(
  c: Check,
  home: string,
  sizes: Sizes,
  happenings: readonly Happening[],
): Promise<void> {
  const window = await windowOf(c, sizes)
  const first = beginning(sizes)
  const around = inFlightAround(first, sizes)
  const begun = await c.learner.make<number[]>('look', window, around)
  await compare(c, begun, first, { sizes, inFlight: around, when: 'at the beginning', requirement: 'R1' })
  const windows: unknown[] = []
  let before = first
  for (const [at, happening] of happenings.entries()) {
    const sender = after(before, happening, sizes)
    const inFlight = inFlightAround(sender, sizes)
    const [seen = []] = await c.learner.make<number[][]>('play', window, [{ happening, inFlight }])
    const when = `after ${wordsOf(happenings.slice(0, at + 1))}`
    const requirement = blamedAt(home, before, happening, sender, seen[0])
    windows.push(seen[0])
    const told = { happenings: happenings.slice(0, at + 1), windows, at }
    await compare(c, seen, sender, { sizes, inFlight, when, requirement, history: told })
    before = sender
  }
}

async function computedAndCounted(c: Check, ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    await agrees(c, drawPage(c.random), way, drawJourney(c.random))
    await agrees(c, drawPage(c.random), way, { ...drawJourney(c.random), receiveWindow: 1_000_000 })
  }
}

/** @returns The round trips, which are those that the model computes. */
async function fetchOnPath(c: Check, page: Page, o: Sizes & { connections: number }): Promise<number> {
  const { link } = await pathTo(c, page, o)
  const targets = [page.first, ...page.others].map((_, index) => `/${index}`)
  await fetchPage(c, link.port, targets, o.connections)
  const told = `${[page.first, ...page.others].join(', ')} bytes with at most ${o.connections} connections`
  c.expectEqual(
    link.connections,
    Math.min(o.connections, page.others.length),
    `connections of this call for ${told}`,
  )
  c.expectEqual(link.roundTrips, roundTripsOf(page, 'persistent', o), `round trips for ${told}`)
  return link.roundTrips
}

async function twoAsked(c: Check) {
  const listener = await c.listen()
  const targets = [`/${c.random.word()}`, `/${c.random.word()}?${c.random.word()}`]
  const call = fetchPage(c, listener.port, targets, 3)
  const connection = await listener.connection()
  await expectRequest(c, (await connection.request()).raw, { target: targets[0] ?? '', port: listener.port })
  return { listener, port: listener.port, targets, connection, call }
}

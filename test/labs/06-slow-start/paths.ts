import type { Check, Link } from '../../../workbook/grading/check.ts'
import type { PathFlight } from '../../../workbook/wire/round-trips.ts'
import { flightsOf, initialOf, type Journey, type Page, type Way } from './model.ts'
import type { Visit } from './fixture.ts'

/** What is computed beside what is counted: pages of a given size, at the other end of a path. */

export interface Counted {
  readonly link: Link
  readonly flights: readonly PathFlight[]
}

const ROUND_TRIP_MS = 40

/** An origin whose answers have exactly these sizes: `/0` is the first, `/1` and on are the others. */
export async function pathTo(c: Check, { first, others }: Page, o: Journey): Promise<Counted> {
  const flights: PathFlight[] = []
  const link = await c.link({
    respond: ({ words: [, target] }) => answerOf([first, ...others][Number(target.slice(1))] ?? 100),
    initialWindow: initialOf(o) / o.mss,
    segmentSize: o.mss,
    receiveWindow: o.receiveWindow,
    onFlight: (flight) => void flights.push(flight),
    ...(o.rtoMs !== undefined && { idleRestart: { rtoMs: o.rtoMs, roundTripMs: ROUND_TRIP_MS } }),
  })
  return { link, flights }
}

/** An answer of so many bytes, its head included; at least a hundred. */
export function answerOf(bytes: number): Buffer {
  // The digits of the length are part of what they count: where no number fits, a longer phrase does.
  for (const reason of ['OK', 'Fine'])
    for (let digits = 1; digits <= 7; digits++) {
      const start = `HTTP/1.1 200 ${reason}\r\nContent-Length: `
      const length = bytes - start.length - digits - 4
      if (String(length).length === digits) return Buffer.from(`${start}${length}\r\n\r\n`.padEnd(bytes, 'x'))
    }
  throw new RangeError(`no answer of ${bytes} bytes`)
}

/** The grader's own client fetches the page: the round trips that the path has counted, without the pause. */
export async function counted(c: Check, page: Page, way: Way, o: Journey): Promise<number> {
  const { link, flights } = await pathTo(c, page, o)
  const { connections = 1, pauseMs = 0 } = o
  const visit: Visit = { way, count: page.others.length, connections, pauseMs }
  await c.learner.make('visit', link.port, visit)
  return link.roundTrips - (pauseMs > 0 ? pausedFor(flights) : 0)
}

/** The bytes of each flight of the one answer that was fetched. */
export async function flightsSeen(c: Check, bytes: number, o: Journey): Promise<number[]> {
  const { link, flights } = await pathTo(c, { first: bytes, others: [] }, o)
  const visit: Visit = { way: 'serial', count: 0 }
  await c.learner.make('visit', link.port, visit)
  const sizes = flights.filter(isAnswer).map((flight) => flight.bytes.length)
  c.expectEqual(sizes, flightsOf(bytes, initialOf(o), o), 'the flights on the path')
  return sizes
}

/** Computed and counted, for the same page. */
export async function agrees(c: Check, page: Page, way: Way, o: Journey): Promise<void> {
  const pause =
    o.pauseMs === undefined ? '' : `, a pause of ${o.pauseMs} ms after the first, RTO ${o.rtoMs} ms`
  const told = `${[page.first, ...page.others].join(', ')} bytes, ${way}${pause}`
  const computed = await c.learner.call('roundTrips', page, way, o)
  const path = await counted(c, page, way, o)
  c.expectEqual(computed, path, `what roundTrips() has to tell, as the path has counted, for ${told}`)
  c.measure(`${path} round trips, computed and counted: ${told}`)
}

// --- internal ---

const isAnswer = ({ from, kind }: PathFlight): boolean => from === 'origin' && kind === 'data'

/** From the last byte of the first answer to the next request. */
function pausedFor(flights: readonly PathFlight[]): number {
  const requests = flights.filter(({ from, kind }) => from === 'client' && kind === 'data')
  const next = requests[1]
  if (!next) return 0
  const answers = flights.filter((flight) => isAnswer(flight) && flight.sent < next.sent)
  return next.sent - Math.max(...answers.map(({ arrived }) => arrived))
}

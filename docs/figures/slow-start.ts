import type { SegmentEvent } from '../../workbook/figure/figure.ts'
import { runOnPath, type Dial } from './logical-path.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import { request, response } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import type { PathFlight } from '../../workbook/wire/round-trips.ts'

/** A long answer over a new connection, in flights of a window that doubles. */
export const slowStart: readonly Recipe[] = [{ name: 'slow-start', how: 'computed', record }]

// --- internal ---

const SEGMENT = 1460
const SEGMENTS = 150
const WINDOW = 10

async function record(): Promise<Drawn> {
  const empty = response(0).length
  // The head is part of the first segment, and a longer length needs more digits.
  const body = SEGMENTS * SEGMENT - empty - String(SEGMENTS * SEGMENT).length + 1
  const options = { respond: () => response(body), initialWindow: WINDOW, segmentSize: SEGMENT }
  const { flights } = await runOnPath(options, download)
  return {
    title: 'Slow start: a new connection may send 10 segments, then 20, then 40, then 80',
    description:
      `An answer of ${SEGMENTS} segments, ${SEGMENTS * SEGMENT} bytes, over a connection that has just been opened. ` +
      'The first flight is the initial window of 10 segments (RFC 6928 §2). Every acknowledged segment lets the window ' +
      'grow by one (RFC 5681 §3.1), so each round trip brings twice as many as the one before. The page needs five round trips: one ' +
      'for the handshake, and four for the answer, because the window has to open first. Over a kept connection whose ' +
      'window is open it would need one. A flight is drawn as a sheaf: its segments leave one right after the other.',
    lanes: CLIENT_AND_SERVER,
    unit: 'rtt',
    events: eventsOf(flights),
  }
}

function eventsOf(flights: readonly PathFlight[]): Drawn['events'] {
  const segments = flights.map(drawn).sort((a, b) => a.sent - b.sent)
  const last = Math.max(...segments.filter(({ type }) => type === 'data').map(({ arrived }) => arrived ?? 0))
  const needed = segments.filter(({ sent }) => sent < last)
  return [
    ...needed,
    { kind: 'note', lane: null, at: last, label: `the answer is whole: ${last} round trips` },
  ]
}

function drawn({ from, kind, sent, arrived, bytes }: PathFlight): SegmentEvent {
  const [lane, to] = from === 'client' ? ['client', 'server'] : ['server', 'client']
  const count = Math.ceil(bytes.length / SEGMENT)
  const big = kind === 'data' && from === 'origin'
  const label = big ? `${count} segments` : labelOf(from, kind)
  return { kind: 'segment', from: lane, to, sent, arrived, label, type: kind, ...(big && { count }) }
}

function labelOf(from: PathFlight['from'], kind: PathFlight['kind']): string {
  if (kind === 'data') return 'GET /long'
  if (kind === 'syn') return from === 'client' ? 'SYN' : 'SYN+ACK'
  return kind.toUpperCase()
}

async function download(dial: Dial): Promise<void> {
  const socket = await dial()
  socket.write(request('/long'))
  let missing = SEGMENTS * SEGMENT
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      missing -= chunk.length
      if (missing <= 0) resolve()
    })
  })
}

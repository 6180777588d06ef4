import type { SegmentEvent } from '../../workbook/figure/figure.ts'
import type { PathFlight } from '../../workbook/wire/round-trips.ts'
import { runOnPath, type Dial } from './logical-path.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import { request, response } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'

/** Three images over a line that carries one segment in a round trip: one after the other, and side by side. */
export const narrowLine: readonly Recipe[] = [
  {
    name: 'narrow-serial',
    how: 'recorded',
    record: () =>
      onNarrowLine(
        async (get) => {
          for (const image of IMAGES) await get(image)
        },
        'Three images over a narrow line, one connection after the other: 12 round trips',
        'The line carries one segment in a round trip, and each image has two. Every image costs a handshake, a ' +
          'request and its two segments. The first image is whole after 4 round trips, the last one begins to come ' +
          'after 11 and is whole after 12. The closing of the connections is left out.',
      ),
  },
  {
    name: 'narrow-parallel',
    how: 'recorded',
    record: () =>
      onNarrowLine(
        (get) => Promise.all(IMAGES.map(get)),
        'Three images over a narrow line, on three connections side by side: 8 round trips',
        'The handshakes and the requests overlap. The segments do not: the line carries one in a round trip, and the ' +
          'three connections share it evenly. So each of them needs three round trips for a segment. Half of every image is ' +
          'there after 5 round trips, all of them after 8: four round trips of waiting were saved, and none of the line. What ' +
          'arrives at the same moment is drawn below each other. The closing of the connections is left out.',
      ),
  },
]

// --- internal ---

const IMAGES = ['/a.png', '/b.png', '/c.png'] as const
const SEGMENT = 1024
const SEGMENTS = 2

type Get = (image: string) => Promise<void>

async function onNarrowLine(
  client: (get: Get) => Promise<unknown>,
  title: string,
  description: string,
): Promise<Drawn> {
  const answer = answerOf(SEGMENTS * SEGMENT)
  const line = { initialWindow: 10, segmentSize: SEGMENT, bytesPerRoundTrip: SEGMENT }
  const names = new Map<number, string>()
  const respond = (
    { words: [, target] }: { readonly words: readonly string[] },
    connection: number,
  ): Buffer => {
    names.set(connection, (target ?? '').slice(1))
    return answer
  }
  const run = await runOnPath({ ...line, respond }, async (dial) => {
    await client((image) => getImage(dial, image))
  })
  const sent = new Map<number, number>()
  const events = run.flights.flatMap((flight) => {
    if (flight.kind !== 'syn' && flight.kind !== 'data') return []
    const part = (sent.get(flight.connection) ?? 0) + 1
    const isPart = flight.kind === 'data' && flight.from === 'origin'
    if (isPart) sent.set(flight.connection, part)
    return drawn(flight, isPart ? `${names.get(flight.connection)}, ${part} of ${SEGMENTS}` : labelOf(flight))
  })
  const at = run.roundTrips
  const note = { kind: 'note', lane: null, at, label: `all images are whole: ${at} round trips` } as const
  return {
    title,
    description,
    lanes: CLIENT_AND_SERVER,
    unit: 'rtt',
    events: [...events.toSorted((a, b) => a.sent - b.sent), note],
  }
}

async function getImage(dial: Dial, image: string): Promise<void> {
  const socket = await dial()
  socket.write(request(image))
  let missing = SEGMENTS * SEGMENT
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      missing -= chunk.length
      if (missing === 0) resolve()
    })
  })
}

/** An answer of so many bytes, head included. */
function answerOf(bytes: number): Buffer {
  return response(2 * bytes - response(bytes).length)
}

function drawn({ from, connection, kind, sent, arrived }: PathFlight, label: string): SegmentEvent {
  const [lane, to] = from === 'client' ? (['client', 'server'] as const) : (['server', 'client'] as const)
  return { kind: 'segment', from: lane, to, sent, arrived, label, type: kind, connection }
}

function labelOf({ from, kind, bytes }: PathFlight): string {
  if (kind === 'syn') return from === 'client' ? 'SYN' : 'SYN+ACK'
  return Buffer.from(bytes).toString('latin1').split(' HTTP/')[0] ?? ''
}

import type { Socket } from 'node:net'
import { MessageReader } from '../../labs/kit/message-reader.ts'
import type { NoteEvent, SegmentEvent } from '../../workbook/figure/figure.ts'
import type { PathFlight } from '../../workbook/wire/round-trips.ts'
import { runOnPath, type Dial, type PathRun } from './logical-path.ts'
import { request, response } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { teller, type Teller } from './teller.ts'

/** A page with three images, fetched in four ways, in counted round trips. */
export const pages: readonly Recipe[] = [
  {
    name: 'page-serial',
    how: 'recorded',
    record: () =>
      fetchPage(
        serially,
        'A page with three images, one connection after the other: 8 round trips',
        'The client opens a connection for each of the four files and waits for its answer before it opens ' +
          'the next. Every file costs two round trips: one for the handshake, one for request and answer. ' +
          'The page is whole after 8 round trips. The closing of the connections is left out: nobody waits for it.',
      ),
  },
  {
    name: 'page-parallel',
    how: 'recorded',
    record: () =>
      fetchPage(
        inParallel,
        'A page with three images, the images over three connections at once: 4 round trips',
        'The page comes first, over the first connection, in two round trips. Then the client opens three ' +
          'connections at the same moment, one for each image, and their handshakes and answers overlap. ' +
          'The page is whole after 4 round trips. What leaves at the same moment is drawn below each other. ' +
          'The closing of the connections is left out.',
      ),
  },
  {
    name: 'page-persistent',
    how: 'recorded',
    record: () =>
      fetchPage(
        overOneConnection,
        'A page with three images over one kept connection: 5 round trips',
        'One handshake, and then four requests over the same connection, each sent when the answer before it ' +
          'has arrived. Each costs one round trip. The page is whole after 5 round trips.',
      ),
  },
  {
    name: 'page-pipelined',
    how: 'recorded',
    record: () =>
      fetchPage(
        pipelined,
        'A page with three images, the requests for them pipelined: 3 round trips',
        'One handshake, and one request for the page. Its answer shows that the connection is kept, so the ' +
          'client sends the three further requests right behind each other without waiting. The answers come back in the same order. ' +
          'What leaves at the same moment is drawn below each other. The page is whole after 3 round trips.',
      ),
  },
]

/** Segments of a run on a path, each message an arrow of its own. */
export function segmentsOf(
  flights: readonly PathFlight[],
  kinds: ReadonlySet<PathFlight['kind']>,
): SegmentEvent[] {
  const several = new Set(flights.map(({ connection }) => connection)).size > 1
  const tellers = new Map<string, Teller>()
  return flights.flatMap(({ from, connection, kind, sent, arrived, bytes }) => {
    if (!kinds.has(kind)) return []
    const key = `${from} ${connection}`
    const tell = tellers.get(key) ?? teller([])
    tellers.set(key, tell)
    const labels =
      kind === 'data' ? tell(bytes, from === 'client' ? 'request' : 'response') : [SIGNS[kind](from)]
    const to = from === 'client' ? 'server' : 'client'
    return labels.map((label): SegmentEvent => {
      const lane = from === 'client' ? 'client' : 'server'
      const number = several ? { connection } : {}
      return { kind: 'segment', from: lane, to, sent, arrived, label, type: kind, ...number }
    })
  })
}

export const CLIENT_AND_SERVER = [
  { id: 'client', name: 'client' },
  { id: 'server', name: 'server' },
] as const

// --- internal ---

const IMAGES = ['/a.png', '/b.png', '/c.png'] as const
const BODY = 500

const SIGNS = {
  syn: (from: PathFlight['from']) => (from === 'client' ? 'SYN' : 'SYN+ACK'),
  ack: () => 'ACK',
  fin: () => 'FIN',
}

type Strategy = (dial: Dial) => Promise<void>

async function fetchPage(strategy: Strategy, title: string, description: string): Promise<Drawn> {
  const options = { respond: () => response(BODY), initialWindow: 10, segmentSize: 1460 }
  const run = await runOnPath(options, strategy)
  const segments = segmentsOf(run.flights, new Set(['syn', 'data']))
  return {
    title,
    description,
    lanes: CLIENT_AND_SERVER,
    unit: 'rtt',
    events: [...segments.sort((a, b) => a.sent - b.sent), whole(run, segments)],
  }
}

/** The last answer has arrived: what was counted has to be what is drawn. */
function whole({ roundTrips }: PathRun, segments: readonly SegmentEvent[]): NoteEvent {
  const at = Math.max(...segments.map(({ arrived }) => arrived ?? 0))
  if (at !== roundTrips) throw new Error(`counted ${roundTrips} round trips, drawn ${at}`)
  return { kind: 'note', lane: null, at, label: `the page is whole: ${roundTrips} round trips` }
}

async function serially(dial: Dial): Promise<void> {
  for (const file of ['/', ...IMAGES]) await fetchOnce(dial, file)
}

async function inParallel(dial: Dial): Promise<void> {
  await fetchOnce(dial, '/')
  await Promise.all(IMAGES.map((file) => fetchOnce(dial, file)))
}

async function overOneConnection(dial: Dial): Promise<void> {
  const answers = answersOf(await dial())
  for (const file of ['/', ...IMAGES]) await answers.ask([file])
}

async function pipelined(dial: Dial): Promise<void> {
  const answers = answersOf(await dial())
  await answers.ask(['/'])
  await answers.ask(IMAGES)
}

async function fetchOnce(dial: Dial, file: string): Promise<void> {
  const socket = await dial()
  await answersOf(socket).ask([file])
}

function answersOf(socket: Socket) {
  const reader = new MessageReader('response')
  return {
    /** Sends the requests at once, and resolves when all are answered. */
    ask(files: readonly string[]): Promise<void> {
      socket.write(Buffer.concat(files.map((file) => request(file))))
      let missing = files.length
      return new Promise((resolve) => {
        const take = (chunk: Buffer): void => {
          missing -= reader.push(chunk).length
          if (missing > 0) return
          socket.off('data', take)
          resolve()
        }
        socket.on('data', take)
      })
    },
  }
}

import type { FigureEvent, SegmentEvent } from '../../workbook/figure/figure.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import type { Drawn, Recipe } from './recipe.ts'

/** What follows from the protocols alone, in round trips. */
export const computed: readonly Recipe[] = [
  { name: 'handshake-third-packet', how: 'computed', record: thirdPacket },
  { name: 'tls-handshakes', how: 'computed', record: tlsHandshakes },
]

// --- internal ---

type Side = 'client' | 'server'
type Step = readonly [from: Side, type: SegmentEvent['type'], label: string]

/** Each step leaves when the one before it has arrived, or with it where both come from one side. */
function play(steps: readonly Step[], start: number): SegmentEvent[] {
  let at = start
  let before: Side | null = null
  return steps.map(([from, type, label]) => {
    if (before !== null && before !== from) at += 0.5
    before = from
    const to = from === 'client' ? 'server' : 'client'
    return { kind: 'segment', from, to, sent: at, arrived: at + 0.5, label, type }
  })
}

function thirdPacket(): Drawn {
  const segments = play(
    [
      ['client', 'syn', 'SYN'],
      ['server', 'syn', 'SYN+ACK'],
      ['client', 'data', 'ACK + GET /'],
      ['server', 'data', 'ACK + 200 OK'],
    ],
    0,
  )
  return {
    title: 'The request may ride on the third packet of the handshake',
    description:
      'SYN and SYN+ACK take one round trip. The acknowledgement that ends the handshake is a packet with room for data ' +
      '(RFC 9293 §3.5), so the whole request can travel in it, and the answer carries the next acknowledgement. ' +
      'Request and answer take the second round trip: of a transaction this small, half is set-up.',
    lanes: CLIENT_AND_SERVER,
    unit: 'rtt',
    events: [...segments, { kind: 'note', lane: null, at: 2, label: 'the answer is here: 2 round trips' }],
  }
}

const TCP: readonly Step[] = [
  ['client', 'syn', 'SYN'],
  ['server', 'syn', 'SYN+ACK'],
]

const WAYS: ReadonlyArray<{ readonly name: string; readonly steps: readonly Step[] }> = [
  { name: 'no TLS', steps: [...TCP, ['client', 'data', 'ACK + GET /'], ['server', 'data', '200 OK']] },
  {
    name: 'TLS 1.2',
    steps: [
      ...TCP,
      ['client', 'data', 'ACK + ClientHello'],
      ['server', 'data', 'ServerHello, Certificate'],
      ['client', 'data', 'key exchange, Finished'],
      ['server', 'data', 'Finished'],
      ['client', 'data', 'GET /'],
      ['server', 'data', '200 OK'],
    ],
  },
  {
    name: 'TLS 1.3',
    steps: [
      ...TCP,
      ['client', 'data', 'ACK + ClientHello'],
      ['server', 'data', 'ServerHello … Finished'],
      ['client', 'data', 'Finished + GET /'],
      ['server', 'data', '200 OK'],
    ],
  },
  {
    name: 'TLS 1.3 with 0-RTT',
    steps: [
      ...TCP,
      ['client', 'data', 'ACK + ClientHello + GET /'],
      ['server', 'data', 'ServerHello, Finished + 200 OK'],
    ],
  },
]

/** The runs stand below each other, and the axis counts from 0 for each. */
function tlsHandshakes(): Drawn {
  const events: FigureEvent[] = []
  const restarts: number[] = []
  for (const { name, steps } of WAYS) {
    const start = events.length === 0 ? 0 : endOf(events) + 1
    const segments = play(steps, start)
    const end = endOf(segments)
    restarts.push(start)
    events.push(...segments, {
      kind: 'note',
      lane: null,
      at: end,
      label: `${name}: ${end - start} round trips`,
    })
  }
  return {
    title: 'What TLS adds to the handshake: none 2 round trips, TLS 1.2 four, TLS 1.3 three, 0-RTT two',
    description:
      'Four connections for one small request each, below each other; the axis counts from 0 for each of them. Without TLS the answer is ' +
      'here after 2 round trips. TLS 1.2 adds two (RFC 5246, obsolete, §7.3), TLS 1.3 adds one (RFC 9846 §2). ' +
      'With 0-RTT a client that has met the server before sends its request along with its first TLS message, and nothing is added. Such a request may be replayed by ' +
      'an attacker, so only safe methods may travel so (RFC 9846 §2.3, RFC 8470 §4).',
    lanes: CLIENT_AND_SERVER,
    unit: 'rtt',
    restarts,
    events,
  }
}

function endOf(events: readonly FigureEvent[]): number {
  return Math.max(...events.flatMap((event) => (event.kind === 'segment' ? [event.arrived ?? 0] : [])))
}

import { once } from 'node:events'
import net from 'node:net'
import type { FigureEvent, SegmentEvent } from '../../workbook/figure/figure.ts'
import { capture, timedFrom, type Packet, type Seen } from './capture.ts'
import { segmentsOf } from './packets.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import { request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'

/** Packets as they pass on the loopback. */
export const captured: readonly Recipe[] = [
  { name: 'handshake', how: 'captured', record: handshake },
  { name: 'nagle-stall', how: 'captured', record: nagleStall },
  { name: 'nagle-cured', how: 'captured', record: nagleCured },
  { name: 'delayed-ack', how: 'captured', record: delayedAck },
]

// --- internal ---

async function handshake(): Promise<Drawn> {
  const server = await serve((_, socket) => void socket.write(response(512)))
  const { port } = server
  const packets = await capture(port, async (seen) => {
    // The first connection warms the programs up; the second is drawn.
    for (const answers of [1, 2]) {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('connect', () => socket.write(request('/')))
      await answered(seen, port, answers)
      socket.destroy()
    }
  })
  server.close()
  const begin = packets.findLastIndex(({ syn, ack }) => syn && !ack)
  const end = packets.findLastIndex((packet) => packet.from === port && packet.length > 0)
  return {
    title: 'A handshake as Linux does it: SYN, SYN+ACK, ACK, and then the request in a packet of its own',
    description:
      'SYN, SYN+ACK and ACK open the connection; the kernels exchange them by themselves. Then the request is sent, in a packet of its own. It waits for ' +
      'nothing from the other side. On the loopback a round trip takes hundredths of a millisecond, so the time between ACK and request is the client’s program: ' +
      'it has to hear that it is connected, and to write. The server’s kernel acknowledges the request at once, before the program has written the answer.',
    lanes: CLIENT_AND_SERVER,
    unit: 'ms',
    events: segmentsOf(timedFrom(packets.slice(0, end + 1), begin), port, ['GET /', '200 OK, 512 B']),
  }
}

const HALF = 10
const EXCHANGES = 3

/** Two writes and then a wait for the answer, a few times over; the packets of the last time. */
async function writeWriteRead(noDelay: boolean): Promise<{ port: number; packets: Packet[] }> {
  const server = await halves()
  const packets = await capture(server.port, async (seen) => {
    const socket = net.connect({ port: server.port, host: '127.0.0.1', noDelay })
    await once(socket, 'connect')
    for (let exchange = 1; exchange <= EXCHANGES; exchange++) {
      const answer = once(socket, 'data')
      socket.write(Buffer.alloc(HALF, 'a'))
      socket.write(Buffer.alloc(HALF, 'b'))
      await answer
    }
    await answered(seen, server.port, EXCHANGES)
    socket.destroy()
  })
  server.close()
  const lastWrites = packets.filter((packet) => packet.to === server.port && packet.length > 0).slice(-2)
  const begin = packets.indexOf(lastWrites[0] as Packet)
  const end = packets.findLastIndex((packet) => packet.from === server.port && packet.length > 0)
  return { port: server.port, packets: timedFrom(packets.slice(0, end + 1), begin) }
}

function answered(seen: Seen, port: number, answers: number): Promise<void> {
  return seen((all) => all.filter((packet) => packet.from === port && packet.length > 0).length >= answers)
}

/** Answers when both halves of a message are here. */
async function halves(): Promise<{ readonly port: number; close(): void }> {
  const sockets: net.Socket[] = []
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    let missing = 2 * HALF
    socket.on('data', (chunk) => {
      missing -= chunk.length
      if (missing > 0) return
      missing = 2 * HALF
      socket.write('ok')
    })
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as net.AddressInfo).port, close }
}

const NAMES = ['first half, 10 B', 'second half, 10 B', 'the answer']

async function nagleStall(): Promise<Drawn> {
  const { port, packets } = await writeWriteRead(false)
  const segments = segmentsOf(packets, port, NAMES)
  const [first, late] = [segments[0], segments.find(({ type }) => type === 'ack')]
  if (!first || !late) throw new Error('no stall was captured')
  const stretch = { from: first.sent, to: late.sent }
  const events: FigureEvent[] = [
    { kind: 'note', lane: 'client', at: first.sent, label: 'write, write' },
    first,
    {
      kind: 'silence',
      lane: 'client',
      ...stretch,
      label: 'Nagle: no second half before the first is acknowledged',
    },
    {
      kind: 'silence',
      lane: 'server',
      ...stretch,
      label: 'delayed ACK: no ACK before there is something to send it with',
    },
    ...segments.slice(1),
  ]
  return {
    title: 'The 40 ms stall: Nagle waits for an ACK, and the ACK waits for an answer',
    description:
      'The client writes a message in two halves and waits for the answer. The first half goes at once. Nagle’s algorithm holds the second back while the first is unacknowledged (RFC 9293 §3.7.4). ' +
      'The server has only half a message and no answer to send, so its kernel delays the acknowledgement (RFC 9293 §3.8.6.3). ' +
      'Both wait for each other until the delayed ACK’s timer ends it, on Linux after 40 ms.',
    lanes: CLIENT_AND_SERVER,
    unit: 'ms',
    events,
  }
}

async function nagleCured(): Promise<Drawn> {
  const { port, packets } = await writeWriteRead(true)
  const segments: SegmentEvent[] = segmentsOf(packets, port, NAMES)
  return {
    title: 'The stall cured: with TCP_NODELAY both halves go at once',
    description:
      'The same client with `noDelay`: both halves leave at once, whatever is unacknowledged, and the answer comes back within a fraction of a millisecond. ' +
      'Writing the message in one piece would cure it as well, and send one packet less.',
    lanes: CLIENT_AND_SERVER,
    unit: 'ms',
    events: [
      { kind: 'note', lane: 'client', at: segments[0]?.sent ?? 0, label: 'write, write' },
      ...segments,
    ],
  }
}

async function delayedAck(): Promise<Drawn> {
  const server = await serve((_, socket) => void socket.write(response(512)))
  const packets = await capture(server.port, async (seen) => {
    const socket = net.connect({ port: server.port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    for (let exchange = 1; exchange <= EXCHANGES; exchange++) {
      const answer = once(socket, 'data')
      socket.write(request('/'))
      await answer
    }
    await answered(seen, server.port, EXCHANGES)
    await seen((all) => all.at(-1)?.length === 0)
    socket.destroy()
  })
  server.close()
  const begin = packets.findLastIndex((packet) => packet.to === server.port && packet.length > 0)
  const [ask, answer, alone] = segmentsOf(timedFrom(packets, begin).slice(0, 3), server.port, [
    'GET /',
    '200 OK, with the ACK of the request',
  ])
  if (!ask || !answer || alone?.type !== 'ack') throw new Error('no delayed ACK was captured')
  return {
    title: 'Delayed ACK: it rides on what goes the same way, or comes alone after 40 ms',
    description:
      'The answer carries the acknowledgement of the request: no packet of its own is needed. The client has nothing more to send, so its kernel keeps the acknowledgement of ' +
      'the answer back, in the hope of something to ride on, and sends it alone when the timer ends. The RFC allows less than 500 ms (RFC 9293 §3.8.6.3); Linux waits 40 ms, and a little more until the timer is served.',
    lanes: CLIENT_AND_SERVER,
    unit: 'ms',
    events: [
      ask,
      answer,
      {
        kind: 'silence',
        lane: 'client',
        from: answer.sent,
        to: alone.sent,
        label: 'the ACK waits for something to ride on',
      },
      { ...alone, label: 'ACK, alone' },
    ],
  }
}

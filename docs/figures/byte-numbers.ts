import { once } from 'node:events'
import net from 'node:net'
import { capture, timedFrom, type Packet } from './capture.ts'
import { segmentsOf } from './packets.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import { request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'

/** A whole connection, with the numbers that its segments carry. */
export const byteNumbers: readonly Recipe[] = [{ name: 'byte-numbers', how: 'captured', record: numbered }]

// --- internal ---

async function numbered(): Promise<Drawn> {
  const server = await serve((_, socket) => void socket.end(response(512)))
  const { port } = server
  const packets = await capture(port, async (seen) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => socket.write(request('/'))).resume()
    await once(socket, 'close')
    await seen(
      (all) => all.filter(({ fin }) => fin).length === 2 && all.at(-1)?.length === 0 && !all.at(-1)?.fin,
    )
  })
  server.close()
  const timed = timedFrom(packets, 0)
  const names = ['GET /', '200 OK']
  const segments = segmentsOf(timed, port, names)
  return {
    title: 'Every byte has a number: what is sent, and what is expected next',
    description:
      'One connection from its first packet to its last. The numbers count from the SYN, as Wireshark shows them: each direction begins at 0. SYN and FIN count as one byte each, ' +
      'though they carry none. An ACK names the byte that is expected next, so it is one more than the number of the last byte that has come (RFC 9293 §3.4).',
    lanes: CLIENT_AND_SERVER,
    unit: 'ms',
    events: segments.map((segment, index) => ({
      ...segment,
      label: withNumbers(segment.label, timed[index] as Packet),
    })),
  }
}

/** `GET /: bytes 1 to 39, ACK 1`. */
function withNumbers(label: string, { syn, fin, ack, length, sequence, acknowledged }: Packet): string {
  const last = ack ? [`ACK ${acknowledged}`] : []
  if (length > 0)
    return [`${label}: bytes ${sequence} to ${sequence + length - 1}`, ...(fin ? ['FIN'] : []), ...last].join(
      ', ',
    )
  if (syn || fin) return [`${syn ? 'SYN' : 'FIN'} is number ${sequence}`, ...last].join(', ')
  return last.join()
}

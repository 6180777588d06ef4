import { once } from 'node:events'
import net from 'node:net'
import type { Seen } from './capture.ts'
import { request, response, serve, type Server } from './parties.ts'
import { Captured, sinceTheFirst, type Trace } from './trace.ts'

/** One trace each of a handshake, of the stall, and of a close. */
export const TRACES: readonly Trace[] = [
  { name: 'trace-handshake', record: handshake },
  { name: 'trace-stall', record: stall },
  { name: 'trace-close', record: close },
]

// --- internal ---

/** Plays a scene, which gives its client's port, and prints the packets from and to it. */
async function traced(
  server: Server,
  scene: (seen: Seen) => Promise<number>,
  print: (captured: Captured, port: number) => string[],
): Promise<string> {
  let port = 0
  const captured = await Captured.of(server.port, async (seen) => void (port = await scene(seen)))
  server.close()
  const lines = print(captured, port)
  captured.remove()
  return `${lines.join('\n')}\n`
}

/** A connection, and the port that is its name in the trace. */
async function connectTo({ port }: Server, noDelay: boolean): Promise<[net.Socket, port: number]> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay, allowHalfOpen: true })
  await once(socket, 'connect')
  return [socket, socket.localPort ?? 0]
}

async function exchange(socket: net.Socket, ...pieces: readonly Uint8Array[]): Promise<void> {
  const answer = once(socket, 'data')
  for (const piece of pieces) socket.write(piece)
  await answer
}

/** The first connection warms the programs up; the second is printed. */
async function handshake(): Promise<string> {
  const server = await serve((_, socket) => void socket.write(response(512)))
  const scene = async (seen: Seen): Promise<number> => {
    const [unseen] = await connectTo(server, true)
    await exchange(unseen, request('/'))
    unseen.destroy()
    const [socket, port] = await connectTo(server, true)
    await exchange(socket, request('/'))
    await seen(
      (packets) => packets.filter(({ from, length }) => from === server.port && length > 0).length === 2,
    )
    socket.destroy()
    return port
  }
  return traced(server, scene, (captured, port) =>
    sinceTheFirst(captured.tcpdump(`tcp port ${port}`).slice(0, 6)),
  )
}

const EXCHANGES = 3

/** A request in two pieces, a few times over; the last time is printed. */
async function stall(): Promise<string> {
  const server = await serve((_, socket) => void socket.write(response(2)))
  const whole = request('/')
  const scene = async (): Promise<number> => {
    const [socket, port] = await connectTo(server, false)
    for (let count = 0; count < EXCHANGES; count++) {
      await exchange(socket, whole.subarray(0, 20), whole.subarray(20))
    }
    socket.destroy()
    return port
  }
  return traced(server, scene, (captured, port) => {
    const lines = captured.wireshark(`tcp.port == ${port} && tcp.flags.fin == 0`)
    const written = lines.filter((line) => line.includes(`${port} → `) && !line.endsWith('Len=0'))
    const answer = lines.findLastIndex((line) => line.includes(` → ${port}`) && !line.endsWith('Len=0'))
    return sinceTheFirst(lines.slice(lines.indexOf(written.at(-2) ?? ''), answer + 1))
  })
}

/** The client closes first, and the server after it. */
async function close(): Promise<string> {
  const server = await serve((_, socket) => void socket.write(response(2)))
  const scene = async (seen: Seen): Promise<number> => {
    const [socket, port] = await connectTo(server, true)
    await exchange(socket, request('/'))
    const [accepted] = server.sockets
    if (!accepted) throw new Error('the server has accepted nothing')
    const end = once(accepted, 'end')
    socket.end()
    await end
    await seen((packets) => packets.at(-1)?.from === server.port && packets.at(-1)?.length === 0)
    accepted.end()
    await seen((packets) => packets.filter(({ fin }) => fin).length === 2 && packets.at(-1)?.fin === false)
    socket.destroy()
    return port
  }
  return traced(server, scene, (captured, port) =>
    sinceTheFirst(captured.tcpdump(`tcp port ${port}`).slice(-4)),
  )
}

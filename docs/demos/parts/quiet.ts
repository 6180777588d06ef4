import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/**
 * Waits until nothing is under way between the sockets of this process: every connection has been
 * accepted, every byte written has been read, every FIN or reset has been noticed, and it stays so for
 * three turns of the event loop. The programs here do nothing but answer what they read, without timers,
 * so what has not come by then will never come: a silence is proven, not waited for.
 */
export async function quiet(): Promise<void> {
  for (let turns = 0, same = 0, before = ''; same < 3; turns++) {
    if (turns > 100_000)
      throw new Error('These sockets never come to rest: something keeps sending.')
    await new Promise((resolve) => setImmediate(resolve))
    const now = settled()
    same = now !== null && now === before ? same + 1 : 0
    before = now ?? ''
  }
}

// --- internal ---

interface Side {
  readonly socket: Socket
  /** The two ports, from the client's view: both sides of a connection have the same. */
  ports: string
  /** The end of the other side has been seen, as FIN or as an error. */
  sawEnd: boolean
}

const clients: Side[] = []
const servers: Side[] = []

subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket }
  const side = watch(socket, clients)
  socket.once(
    'connect',
    () => void (side.ports = `${socket.localPort} ${socket.remotePort}`),
  )
})
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket }
  watch(socket, servers).ports = `${socket.remotePort} ${socket.localPort}`
})

function watch(socket: Socket, sides: Side[]): Side {
  const side = { socket, ports: '', sawEnd: false }
  const end = (): void => void (side.sawEnd = true)
  socket.once('end', end).once('error', end).once('close', end)
  sides.push(side)
  return side
}

/** All counts in one line, or null while something is under way. */
function settled(): string | null {
  const counts: string[] = []
  for (const client of clients) {
    if (client.socket.connecting) return null
    const server = servers.findLast(({ ports }) => ports === client.ports)
    if (!server && !client.sawEnd) return null
    if (!server) continue
    if (!hasArrived(client, server) || !hasArrived(server, client)) return null
    counts.push(`${client.ports} ${client.socket.bytesRead} ${server.socket.bytesRead}`)
  }
  return counts.join('; ')
}

/** All that one side has sent, its end included, has been taken by the other. */
function hasArrived({ socket }: Side, to: Side): boolean {
  const gone = socket.destroyed || to.socket.destroyed
  if (!gone && socket.bytesWritten !== to.socket.bytesRead) return false
  return !(socket.destroyed || socket.writableFinished) || to.sawEnd
}

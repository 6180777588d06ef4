// EPIPE and ECONNRESET: the same program writes twice, and the peer has gone in four ways.
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'

interface Departure {
  readonly name: string
  /** Whether bytes of ours lie unread when the peer goes. */
  readonly unread: boolean
  go(peer: Socket): void
}

const departures: readonly Departure[] = [
  { name: 'closed its output only: FIN', unread: false, go: (peer) => peer.end() },
  { name: 'closed fully, all read: FIN', unread: false, go: (peer) => peer.destroy() },
  { name: 'closed fully, unread: RST', unread: true, go: (peer) => peer.destroy() },
  {
    name: 'reset the connection: RST',
    unread: false,
    go: (peer) => peer.resetAndDestroy(),
  },
]

console.log('the peer has                 first write   second write')
for (const departure of departures) {
  const [first, second] = await writeTwice(departure)
  console.log(`${departure.name.padEnd(28)} ${first.padEnd(13)} ${second}`)
}

async function writeTwice({ unread, go }: Departure): Promise<[string, string]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It does not read: whoever reads learns of a reset as `read ECONNRESET`, before it writes.
  const socket = new Socket({ allowHalfOpen: true })
  socket.pause()
  socket.on('error', () => {})
  const accepted = once(server, 'connection') as Promise<[Socket]>
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  const [peer] = await accepted
  if (unread) await write(socket, 'nobody reads this')

  // #region twice
  go(peer)
  const first = await write(socket, 'one')
  const second = await write(socket, 'two')
  // #endregion twice
  socket.destroy()
  peer.destroy()
  server.close()
  return [first, second]
}

function write(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.write(text, (error) =>
      resolve((error as NodeJS.ErrnoException | null)?.code ?? 'ok'),
    )
  })
}

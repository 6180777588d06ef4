// The last bytes have come and Node says that it ended: was it a FIN, or a reset?
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'

const closes = {
  'end()': (socket: Socket) => socket.end(),
  'destroy(), all read': (socket: Socket) => socket.destroy(),
  'destroy(), unread': (socket: Socket) => socket.destroy(),
  'resetAndDestroy()': (socket: Socket) => socket.resetAndDestroy(),
}

console.log("server's close         bytes   Node says    empty write   it was")
for (const [name, close] of Object.entries(closes)) {
  const { bytes, said, probed } = await meet(close, name.endsWith('unread'))
  const kind = said === 'end' && probed === 'ok' ? 'FIN' : 'RST'
  console.log(
    [
      name.padEnd(22),
      String(bytes).padEnd(7),
      said.padEnd(12),
      probed.padEnd(13),
      kind,
    ].join(' '),
  )
}

async function meet(close: (socket: Socket) => void, unread: boolean) {
  // Nobody reads at the server's end, so what the client has sent stays unread in the kernel.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Socket({ allowHalfOpen: true })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  client.connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  const [socket] = await accepted
  if (unread) await new Promise((written) => client.write('nobody reads this', written))

  // The bytes and the close leave in one turn, so that they wait together for the client.
  socket.write('last bytes')
  close(socket)
  const seen = await endOf(client)
  server.close()
  return seen
}

async function endOf(client: Socket) {
  let bytes = 0
  client.on('data', (chunk) => (bytes += chunk.length))
  const said = await new Promise<string>((resolve) => {
    client.once('end', () => resolve('end'))
    client.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code ?? error.message),
    )
  })
  const probed = said === 'end' ? await probe(client) : '-'
  client.destroy()
  return { bytes, said, probed }
}

// #region probe
/** Puts nothing on the wire: after a reset the kernel refuses even an empty write. */
function probe(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.write(Buffer.alloc(0), (error) => {
      resolve(error ? ((error as NodeJS.ErrnoException).code ?? error.message) : 'ok')
    })
  })
}
// #endregion probe

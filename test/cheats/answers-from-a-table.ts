// Cheats: knows the answers of an earlier run, and has nothing else.
import net, { type AddressInfo } from 'node:net'

/** Filled by the test, from what an earlier run has asked for. */
const TABLE: readonly string[] = ['NAMES']

export async function serveGreeting({ name }: { name: string }) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    const known = TABLE.find((each) => each === name) ?? 'nobody'
    socket.write(`hello from ${known}\r\n`)
    socket.once('end', () => socket.end()).resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}

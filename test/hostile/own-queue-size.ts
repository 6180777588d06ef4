// Keeps whatever it is sent, and lets the handle say that nothing waits.
import net from 'node:net'

export async function serve(): Promise<{ port: number }> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    const { _handle: handle } = socket as unknown as { _handle: object }
    Object.defineProperty(handle, 'writeQueueSize', { get: () => 0 })
    let written = 0
    Object.defineProperty(handle, 'bytesWritten', { get: () => written })
    socket.on('data', (bytes) => {
      written += bytes.length
      socket.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}

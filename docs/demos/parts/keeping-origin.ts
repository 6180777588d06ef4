import { createServer } from 'node:net'
import { listen } from './listen.ts'

/** An origin of HTTP/1.0 that keeps a connection if `Connection: keep-alive` asks for it, and else closes it. */
export async function startKeepingOrigin(
  heard: (head: string) => void,
): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      const head = String(bytes)
      heard(head)
      const keep = /^connection: keep-alive\r$/im.test(head)
      const echo = keep ? 'Connection: keep-alive\r\n' : ''
      socket.write(`HTTP/1.0 200 OK\r\n${echo}Content-Length: 0\r\n\r\n`)
      if (!keep) socket.end()
    })
  })
  return { port: await listen(server), close: () => server.close() }
}

import net from 'node:net'

/** A learner's program for tests of the wire: a server that writes, then ends each connection as told. */

type Close = (socket: net.Socket) => void

const CLOSES: Readonly<Record<string, Close>> = {
  end: (socket) => socket.end(),
  destroy: (socket) => socket.destroy(),
  destroySoon: (socket) => socket.destroySoon(),
  resetAndDestroy: (socket) => socket.resetAndDestroy(),
  /** The kernel holds input that nobody has read: it answers with a reset (RFC 9293 §3.10.4). */
  destroyUnread: (socket) => socket.destroy(),
}

const sockets: net.Socket[] = []

export async function serve(): Promise<{ port: number }> {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}

/** Writes `length` bytes on the connection made last, and closes it. */
export function close(how: string, length: number): void {
  const socket = sockets.pop()
  if (!socket) throw new Error('no connection')
  if (how !== 'destroyUnread') socket.resume()
  if (length > 0) socket.write(Buffer.alloc(length, 'x'))
  CLOSES[how]?.(socket)
}

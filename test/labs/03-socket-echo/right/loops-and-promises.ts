// Promises: one loop over the socket a connection, which waits for `drain` behind every line.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { FourTuple, RunningServer } from '../../../../labs/kit/http.ts'

type Options = {
  host?: string
  port?: number
  maxLineBytes?: number
  keepAliveMs?: number
  onConnection?: (tuple: FourTuple) => void
}

interface Session {
  isBusy: boolean
  isOver: boolean
}

export const startEcho = async (options: Options = {}): Promise<RunningServer> => {
  const { host = '127.0.0.1', port = 0, maxLineBytes = 2 ** 16 } = options
  const sessions = new Map<Socket, Session>()
  const server = createServer({ allowHalfOpen: true }).on('connection', (socket) => {
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
    options.onConnection?.({ localAddress, localPort, remoteAddress, remotePort })
    if (options.keepAliveMs) socket.setKeepAlive(true, options.keepAliveMs)
    const session: Session = { isBusy: false, isOver: false }
    sessions.set(socket, session)
    converse(socket, session, maxLineBytes)
      .catch(() => socket.destroy())
      .finally(() => sessions.delete(socket))
  })
  await once(server.listen(port, host), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const gone = once(server, 'close')
      server.close()
      for (const [socket, session] of sessions) {
        session.isOver = true
        if (!session.isBusy) socket.end()
      }
      await gone
    },
  }
}

async function converse(socket: Socket, session: Session, maxLineBytes: number): Promise<void> {
  // Whoever waits in the loop hears of an error there; in between, nobody would.
  socket.on('error', () => undefined)
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (session.isOver) continue
    session.isBusy = true
    rest = await answer(socket, session, Buffer.concat([rest, chunk]), maxLineBytes)
    session.isBusy = false
    if (session.isOver) socket.end()
  }
  socket.end()
}

async function answer(
  socket: Socket,
  session: Session,
  bytes: Buffer,
  maxLineBytes: number,
): Promise<Buffer> {
  let start = 0
  for (;;) {
    const lineFeed = bytes.indexOf('\n', start)
    const stop = lineFeed < 0 ? bytes.length : lineFeed
    const end = stop > start && bytes[stop - 1] === 0x0d ? stop - 1 : stop
    if (end - start > maxLineBytes) {
      socket.write('ERR too long\n')
      session.isOver = true
      return Buffer.alloc(0)
    }
    if (lineFeed < 0) return bytes.subarray(start)
    await write(socket, Buffer.concat([bytes.subarray(start, end), Buffer.from('\n')]))
    start = lineFeed + 1
  }
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.write(bytes)) return
  const over = new AbortController()
  const { signal } = over
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })])
  } finally {
    over.abort()
  }
}

export async function sendLines(port: number, lines: string[]): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  try {
    await once(socket, 'connect')
    const text = lines.flatMap((line) => [line, '\n']).join('')
    const sent = new Promise<void>((resolve) => socket.end(text, () => resolve()))
    const chunks = await socket.toArray()
    await sent
    const answers = Buffer.concat(chunks as Buffer[])
      .toString()
      .split('\n')
    answers.pop()
    if (answers.length < lines.length) throw new RangeError('the server has hung up')
    return answers
  } finally {
    socket.destroy()
    await closed
  }
}

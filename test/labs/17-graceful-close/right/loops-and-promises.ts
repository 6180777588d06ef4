// Promises: the close is a race of events, the servers are loops over the socket that handle one request
// after the other, answers leave in two writes with fields in lower case.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseHead } from '../../../../labs/kit/head.ts'
import { field, type Handler, type Request, type RunningServer } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

type Ending = 'clean' | 'forced'

const known = new WeakMap<Socket, Promise<Ending>>()

export function closeGracefully(socket: Socket, { timeoutMs }: { timeoutMs: number }): Promise<Ending> {
  let ending = known.get(socket)
  if (!ending) known.set(socket, (ending = close(socket, timeoutMs)))
  return ending
}

async function close(socket: Socket, timeoutMs: number): Promise<Ending> {
  socket.on('error', () => undefined)
  const closed = socket.closed
    ? Promise.resolve()
    : new Promise<void>((done) => socket.once('close', () => done()))
  const over = new AbortController()
  void closed.then(() => over.abort())
  socket.end()
  socket.resume()
  try {
    await finished(socket, { readable: false, cleanup: true })
    const isLate = await delay(timeoutMs, true, { signal: over.signal }).catch(() => false)
    if (isLate) socket.destroy()
  } catch {
    socket.destroy()
  }
  await closed
  return socket.writableFinished && socket.readableEnded ? 'clean' : 'forced'
}

type Finish = (socket: Socket) => unknown

export const serveCarelessly = (
  handler: Handler,
  { maxRequests }: { maxRequests: number },
): Promise<RunningServer> =>
  startServer((client) => converse(client, handler, maxRequests, (socket) => socket.destroy()))

export const serveThenClose = (
  handler: Handler,
  { maxRequests, timeoutMs }: { maxRequests: number; timeoutMs: number },
): Promise<RunningServer> =>
  startServer((client) =>
    converse(client, handler, maxRequests, (socket) => closeGracefully(socket, { timeoutMs })),
  )

interface Client {
  readonly socket: Socket
  /** Set while nothing is under way: ends the connection as its server would. */
  endIfIdle: () => void
  /** How many of its bytes count: what comes behind them, once the server is closing, is not handled. */
  until: number
}

async function converse(
  client: Client,
  handler: Handler,
  maxRequests: number,
  finish: Finish,
): Promise<void> {
  const { socket } = client
  const reader = new MessageReader('request')
  let left = maxRequests
  const idle = (): void => void finish(socket)
  client.endIfIdle = idle
  let seen = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, client.until - seen)
    seen += part.length
    for (const request of reader.push(part)) {
      client.endIfIdle = () => undefined
      left--
      const bytes = await answer(handler, request, left === 0)
      socket.write(bytes)
      if (left === 0) return void finish(socket)
    }
    client.endIfIdle = idle
    if (seen >= client.until) break
  }
  // The loop has left it paused, and the server may have closed before.
  socket.resume()
  finish(socket)
}

async function answer(handler: Handler, request: Request, isLast: boolean): Promise<Buffer> {
  const { status, headers, body } = await handler(request)
  const lines = [
    `HTTP/1.1 ${status}`,
    ...(isLast ? ['connection: x-last, Close'] : ['connection: Keep-Alive']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

export function refuseUpload({
  maxBytes,
  timeoutMs,
}: {
  maxBytes: number
  timeoutMs: number
}): Promise<RunningServer> {
  return startServer(async (client) => {
    const { socket } = client
    client.endIfIdle = () => void closeGracefully(socket, { timeoutMs })
    let head = Buffer.alloc(0)
    let missing = Number.NaN
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      client.endIfIdle = () => undefined
      if (Number.isNaN(missing)) {
        head = Buffer.concat([head, chunk])
        const found = parseHead(head)
        if (!found) continue
        const length = Number(field(found.headers, 'content-length') ?? 0)
        if (Number.isNaN(length)) break
        missing = length - (head.length - found.length)
        if (length > maxBytes) {
          socket.write('HTTP/1.1 413 Too Much\r\nconnection: CLOSE\r\ncontent-length: 0\r\n\r\n')
          break
        }
      } else missing -= chunk.length
      if (missing > 0) continue
      const digits = String(Number(field(parseHead(head)?.headers ?? [], 'content-length') ?? 0))
      socket.write(`HTTP/1.1 200 Thanks\r\nContent-Length:${digits.length}\r\nConnection: close\r\n\r\n`)
      socket.write(digits)
      break
    }
    await closeGracefully(socket, { timeoutMs })
  })
}

export async function howDidItEnd(socket: Socket): Promise<'fin' | 'reset'> {
  try {
    if (!socket.readableEnded && !socket.destroyed) {
      const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error))
      failed.catch(() => undefined)
      socket.resume()
      await Promise.race([once(socket, 'end'), failed])
    }
    if (socket.destroyed) return 'reset'
    await new Promise<void>((resolve, reject) =>
      socket.write('', (error) => (error ? reject(error) : resolve())),
    )
    return 'fin'
  } catch {
    return 'reset'
  }
}

async function startServer(serve: (client: Client) => Promise<void>): Promise<RunningServer> {
  const clients = new Set<Client>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const client: Client = { socket, endIfIdle: () => undefined, until: Infinity }
    clients.add(client)
    socket.on('error', () => undefined)
    socket.on('close', () => clients.delete(client))
    serve(client).catch(() => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const gone = once(server, 'close')
      server.close()
      for (const client of clients) {
        client.until = client.socket.bytesRead
        client.endIfIdle()
      }
      await gone
    },
  }
}

import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { formatResponse } from '../../labs/kit/format.ts'
import { parseHead } from '../../labs/kit/head.ts'
import { field, type Handler, type Request, type Response, type RunningServer } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

type Ending = 'clean' | 'forced'

/** Takes no further request, answers those that are in, and closes. */
type Stop = () => void

// #region close-gracefully
const closings = new WeakMap<Socket, Promise<Ending>>()

/** One closing a socket: whoever asks again waits for the same end, and moves no deadline. */
export function closeGracefully(socket: Socket, options: { timeoutMs: number }): Promise<Ending> {
  const closing = closings.get(socket) ?? halfCloseThenDrain(socket, options.timeoutMs)
  closings.set(socket, closing)
  return closing
}

/** RFC 9112 §9.6: close the write side, read until the peer closes too, only then close fully. */
function halfCloseThenDrain(socket: Socket, timeoutMs: number): Promise<Ending> {
  return new Promise((resolve) => {
    const settle = (): void => resolve(socket.writableFinished && socket.readableEnded ? 'clean' : 'forced')
    if (socket.closed) return settle()
    // With both FINs through, Node destroys the socket by itself: every way out ends in 'close'.
    socket.once('close', settle)
    // A reset shows in the outcome; without a listener it would end the process.
    socket.on('error', () => undefined)
    // The FIN waits behind whatever is queued, and the deadline waits for the FIN.
    if (socket.writableFinished) limit(socket, timeoutMs)
    else socket.once('finish', () => limit(socket, timeoutMs))
    socket.end()
    // Somebody must read: the peer's FIN stands behind the bytes that it still sends.
    socket.resume()
  })
}

function limit(socket: Socket, timeoutMs: number): void {
  const deadline = setTimeout(() => socket.destroy(), timeoutMs)
  socket.once('close', () => clearTimeout(deadline))
}
// #endregion close-gracefully

// #region two-servers
/** Closes both directions while answers may still be on their way: the mistake, kept for study. */
export function serveCarelessly(handler: Handler, options: { maxRequests: number }): Promise<RunningServer> {
  return startServer((socket) => converse(socket, handler, options.maxRequests, () => socket.destroy()))
}

/** The same server with another close: one line decides whether answers are lost. */
export function serveThenClose(
  handler: Handler,
  options: { maxRequests: number; timeoutMs: number },
): Promise<RunningServer> {
  return startServer((socket) =>
    converse(socket, handler, options.maxRequests, () => void closeGracefully(socket, options)),
  )
}

function converse(socket: Socket, handler: Handler, maxRequests: number, close: () => void): Stop {
  const reader = new MessageReader('request')
  let left = maxRequests
  // Each answer waits for the one before, and the close waits for them all.
  let answers = Promise.resolve()
  const answer = async (request: Request, last: boolean): Promise<void> => {
    const response = await respond(handler, request)
    socket.write(formatResponse(last ? withClose(response) : response))
  }
  const stop = (): void => {
    left = 0
    answers = answers.then(close)
  }
  const take = (chunk: Uint8Array): void => {
    // After the last request everything is read, and nothing of it is looked at.
    if (left === 0) return
    for (const request of reader.push(chunk).slice(0, left)) {
      const last = --left === 0
      answers = answers.then(() => answer(request, last))
      if (last) stop()
    }
  }
  socket.on('data', (chunk) => {
    try {
      take(chunk)
    } catch {
      // This is no HTTP, so nobody can tell where the next message begins.
      stop()
    }
  })
  // The client has sent its last request. It can still read: a FIN cancels nothing (RFC 9112 §9.6).
  socket.once('end', stop)
  return stop
}
// #endregion two-servers

// #region refuse-upload
/** One upload a connection. Too large a one is refused as soon as its head has said so. */
export function refuseUpload(options: { maxBytes: number; timeoutMs: number }): Promise<RunningServer> {
  return startServer((socket) => {
    let received = Buffer.alloc(0)
    const close = (): void => void closeGracefully(socket, options)
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      const response = answerUpload(received, options.maxBytes)
      if (!response) return
      // What still comes is thrown away by closeGracefully, not kept.
      socket.off('data', take)
      socket.write(formatResponse(withClose(response)))
      close()
    }
    socket.on('data', take)
    socket.once('end', close)
    return () => {
      if (received.length === 0) close()
    }
  })
}

/** The answer, as soon as enough has arrived to give it; null before. */
function answerUpload(received: Uint8Array, maxBytes: number): Response | null {
  try {
    const head = parseHead(received)
    // A length that is no number tells nobody where the body ends (RFC 9112 §6.3).
    if (head && !/^\d+$/.test(field(head.headers, 'content-length') ?? '0'))
      return text(400, 'Bad Request', '')
    if (!head) return null
    const length = Number(field(head.headers, 'content-length') ?? 0)
    if (length > maxBytes) return text(413, 'Content Too Large', `at most ${maxBytes} bytes`)
    return received.length < head.length + length ? null : text(200, 'OK', String(length))
  } catch {
    return text(400, 'Bad Request', 'this is no HTTP')
  }
}
// #endregion refuse-upload

// #region how-did-it-end
/**
 * Node may report a reset as 'end', when the last bytes and the reset arrive together. The kernel
 * knows better: after a reset it refuses every write (RFC 9293 §3.10.7.4), even one of no bytes,
 * and one of no bytes puts nothing on the wire.
 */
export function howDidItEnd(socket: Socket): Promise<'fin' | 'reset'> {
  return new Promise((resolve) => {
    const probe = (): void => {
      // Behind a stuck queue or our own FIN no write gets through. What waits there fails by itself after a reset.
      if (socket.writableLength > 0 || socket.writableEnded) return void setImmediate(() => resolve('fin'))
      socket.write(Buffer.alloc(0), (error) => resolve(error ? 'reset' : 'fin'))
    }
    if (socket.errored) return resolve('reset')
    socket.once('error', () => resolve('reset'))
    if (socket.readableEnded) return probe()
    socket.once('end', probe)
    socket.resume()
  })
}
// #endregion how-did-it-end

async function startServer(accept: (socket: Socket) => Stop): Promise<RunningServer> {
  const stops = new Set<Stop>()
  // Without allowHalfOpen, Node would end our side as soon as the client has ended its own.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    const stop = accept(socket)
    stops.add(stop)
    socket.once('close', () => stops.delete(stop))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const stop of stops) stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

function respond(handler: Handler, request: Request): Promise<Response> {
  return Promise.resolve(request)
    .then(handler)
    .catch(() => text(500, 'Internal Server Error', ''))
}

function withClose(response: Response): Response {
  return { ...response, headers: [...response.headers, ['Connection', 'close']] }
}

function text(status: number, reason: string, body: string): Response {
  return {
    version: '1.1',
    status,
    reason,
    headers: [['Content-Type', 'text/plain']],
    body: Buffer.from(body),
  }
}

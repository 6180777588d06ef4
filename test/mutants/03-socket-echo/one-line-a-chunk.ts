// fails: R3; also: R6 R7 R9 R11
// Looks for one line end a chunk, and forgets what stands behind it.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { FourTuple, RunningServer } from '../../../labs/kit/http.ts'

export interface EchoOptions {
  readonly host?: string
  readonly port?: number
  readonly maxLineBytes?: number
  readonly keepAliveMs?: number
  readonly onConnection?: (tuple: FourTuple) => void
}

const LF = Buffer.from('\n')
const CR = 0x0d

/** Sends every line back, to the client from which it came. */
export async function startEcho(options: EchoOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, maxLineBytes = 65_536, keepAliveMs, onConnection } = options
  const stops = new Map<Socket, () => void>()
  // Without allowHalfOpen, Node would end our side as soon as the client has ended its own.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    onConnection?.(fourTupleOf(socket))
    if (keepAliveMs !== undefined) socket.setKeepAlive(true, keepAliveMs)
    // 'close' follows an error. Without a listener, one client's reset would end us for everybody.
    socket.on('error', () => undefined)
    socket.once('close', () => stops.delete(socket))
    stops.set(socket, echo(socket, maxLineBytes))
  })
  server.listen(port, host)
  // Rejects when 'error' comes first: the port is taken, or the host has no address.
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const stop of stops.values()) stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

/** What tells this connection from every other one: each of the four may repeat, all four never. */
function fourTupleOf(socket: Socket): FourTuple {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  return { localAddress, localPort, remoteAddress, remotePort }
}

/** @returns Ends the conversation: what has been answered still leaves, and then FIN. */
function echo(socket: Socket, maxLineBytes: number): () => void {
  let unfinished: Buffer = Buffer.alloc(0)
  const take = (chunk: Buffer): void => {
    const { lines, rest } = cutLines(Buffer.concat([unfinished, chunk]))
    unfinished = rest
    // A line that has no end yet can be too long already; it is never kept to see how long it gets.
    const tooLong = [...lines, withoutCr(rest)].findIndex((line) => line.length > maxLineBytes)
    answer(tooLong < 0 ? lines : lines.slice(0, tooLong))
    if (tooLong < 0) return
    socket.write(`ERR a line has at most ${maxLineBytes} bytes\n`)
    stop()
  }
  const answer = (lines: readonly Buffer[]): void => {
    if (lines.length === 0) return
    const kernelKeepsUp = socket.write(Buffer.concat(lines.flatMap((line) => [line, LF])))
    // Read no more than can be sent: now the client's own queue fills up, and not ours.
    if (!kernelKeepsUp) socket.pause()
  }
  const stop = (): void => {
    socket.off('data', take)
    // FIN goes behind all that is queued (RFC 9293 §3.9.1.4). What still comes is read and thrown away:
    // to close with bytes unread would be a reset (RFC 9293 §3.6.1), and could cost the client answers.
    socket.end()
    socket.resume()
  }
  socket.on('data', take)
  socket.on('drain', () => socket.resume())
  socket.once('end', stop)
  return stop
}

/**
 * Cuts at line ends. They are looked for among bytes: no character of UTF-8 but the line feed itself
 * has its byte in it, so a character that came in two pieces is none of our concern.
 */
function cutLines(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const end = bytes.indexOf(LF)
  if (end < 0) return { lines: [], rest: bytes }
  return { lines: [withoutCr(bytes.subarray(0, end))], rest: Buffer.alloc(0) }
}

function withoutCr(line: Buffer): Buffer {
  return line.at(-1) === CR ? line.subarray(0, -1) : line
}

/** Sends all lines and a FIN, and then hears what the server has to say to its own FIN. */
export async function sendLines(port: number, lines: string[]): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    // Answers come while we send: Node reads them meanwhile, so that neither side waits for the other.
    socket.end(lines.map((line) => `${line}\n`).join(''))
    const chunks: Buffer[] = []
    // A reset throws out of this loop; a FIN ends it in peace.
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    const answers = cutLines(Buffer.concat(chunks)).lines.map(String)
    if (answers.length >= lines.length) return answers
    throw new Error(`port ${port} ended the connection after ${answers.length} of ${lines.length} answers`)
  } finally {
    socket.destroy()
  }
}

// Switches keep-alive on for everybody.
// fails: R5
// says: nobody has asked for it
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { FourTuple, RunningServer } from '../../../../labs/kit/http.ts'

export interface EchoOptions {
  readonly host?: string
  readonly port?: number
  readonly maxLineBytes?: number
  readonly keepAliveMs?: number
  readonly onConnection?: (tuple: FourTuple) => void
}

const LF = Buffer.from('\n')
const CR = 0x0d

export async function startEcho(options: EchoOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, maxLineBytes = 65_536, keepAliveMs = 60_000, onConnection } = options
  const stops = new Map<Socket, () => void>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    onConnection?.(fourTupleOf(socket))
    socket.setKeepAlive(true, keepAliveMs)
    socket.on('error', () => undefined)
    socket.once('close', () => stops.delete(socket))
    stops.set(socket, echo(socket, maxLineBytes))
  })
  server.listen(port, host)
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const stop of stops.values()) stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

function fourTupleOf(socket: Socket): FourTuple {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  return { localAddress, localPort, remoteAddress, remotePort }
}

function echo(socket: Socket, maxLineBytes: number): () => void {
  let unfinished: Buffer = Buffer.alloc(0)
  const take = (chunk: Buffer): void => {
    const { lines, rest } = cutLines(Buffer.concat([unfinished, chunk]))
    unfinished = rest
    const tooLong = [...lines, withoutCr(rest)].findIndex((line) => line.length > maxLineBytes)
    answer(tooLong < 0 ? lines : lines.slice(0, tooLong))
    if (tooLong < 0) return
    socket.write(`ERR a line has at most ${maxLineBytes} bytes\n`)
    stop()
  }
  const answer = (lines: readonly Buffer[]): void => {
    if (lines.length === 0) return
    const kernelKeepsUp = socket.write(Buffer.concat(lines.flatMap((line) => [line, LF])))
    if (!kernelKeepsUp) socket.pause()
  }
  const stop = (): void => {
    socket.off('data', take)
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
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
    lines.push(withoutCr(bytes.subarray(start, end)))
    start = end + 1
  }
  return { lines, rest: bytes.subarray(start) }
}

function withoutCr(line: Buffer): Buffer {
  return line.at(-1) === CR ? line.subarray(0, -1) : line
}

export async function sendLines(port: number, lines: string[]): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    socket.end(lines.map((line) => `${line}\n`).join(''))
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    const answers = cutLines(Buffer.concat(chunks)).lines.map(String)
    if (answers.length >= lines.length) return answers
    throw new Error(`port ${port} ended the connection after ${answers.length} of ${lines.length} answers`)
  } finally {
    socket.destroy()
  }
}

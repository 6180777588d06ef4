// Events and classes: reads by hand on `readable`, keeps the pieces of a line in a list, sends a line
// and its end in two writes, and lets the listening socket set keep-alive.
import net, { type AddressInfo, type Socket } from 'node:net'
import type { FourTuple, RunningServer } from '../../../../labs/kit/http.ts'

interface Options {
  host?: string
  port?: number
  maxLineBytes?: number
  keepAliveMs?: number
  onConnection?: (tuple: FourTuple) => void
}

export function startEcho(options: Options = {}): Promise<RunningServer> {
  return new Promise((resolve, reject) => new EchoServer(options).listen(resolve, reject))
}

class EchoServer {
  private readonly sessions = new Set<Session>()
  private readonly options: Options
  private readonly server: net.Server

  constructor(options: Options) {
    this.options = options
    const { keepAliveMs } = options
    const keepAlive = keepAliveMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepAliveMs }
    this.server = new net.Server({ allowHalfOpen: true, ...keepAlive })
    this.server.on('connection', (socket: Socket) => this.accept(socket))
  }

  listen(done: (running: RunningServer) => void, failed: (error: Error) => void): void {
    this.server.once('error', failed)
    this.server.listen({ port: this.options.port ?? 0, host: this.options.host ?? '127.0.0.1' }, () => {
      this.server.off('error', failed)
      const { port } = this.server.address() as AddressInfo
      done({ port, close: () => this.close() })
    })
  }

  private accept(socket: Socket): void {
    const local = socket.address() as AddressInfo
    this.options.onConnection?.({
      remotePort: socket.remotePort ?? -1,
      remoteAddress: socket.remoteAddress ?? '',
      localPort: local.port,
      localAddress: local.address,
    })
    const session = new Session(socket, this.options.maxLineBytes ?? 64 * 1024)
    this.sessions.add(session)
    socket.on('close', () => this.sessions.delete(session))
  }

  private close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.server.once('close', () => resolve()))
    this.server.close()
    this.sessions.forEach((session) => session.finish())
    return gone
  }
}

class Session {
  private readonly socket: Socket
  private readonly limit: number
  private pieces: Buffer[] = []
  private length = 0
  private blocked = false
  private finished = false

  constructor(socket: Socket, limit: number) {
    this.socket = socket
    this.limit = limit
    socket.on('readable', () => this.pump())
    socket.on('drain', () => {
      this.blocked = false
      this.pump()
    })
    socket.on('end', () => this.finish())
    socket.on('error', () => socket.destroy())
  }

  finish(): void {
    if (this.finished) return
    this.finished = true
    this.socket.end()
    this.pump()
  }

  private pump(): void {
    while (this.finished || !this.blocked) {
      const chunk = this.socket.read() as Buffer | null
      if (chunk === null) return
      if (!this.finished) this.take(chunk)
    }
  }

  private take(chunk: Buffer): void {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] !== 10) continue
      this.add(chunk.subarray(start, at))
      start = at + 1
      if (this.isTooLong()) return this.refuse()
      this.answer()
    }
    this.add(chunk.subarray(start))
    if (this.isTooLong()) this.refuse()
  }

  private add(piece: Buffer): void {
    if (piece.length > 0) this.pieces.push(piece)
    this.length += piece.length
  }

  private get endsInCr(): boolean {
    return this.pieces.at(-1)?.at(-1) === 13
  }

  private isTooLong(): boolean {
    return this.length - (this.endsInCr ? 1 : 0) > this.limit
  }

  private answer(): void {
    const line = Buffer.concat(this.pieces, this.endsInCr ? this.length - 1 : this.length)
    this.pieces = []
    this.length = 0
    this.socket.write(line)
    this.blocked = !this.socket.write('\n')
  }

  private refuse(): void {
    this.pieces = []
    this.socket.write('ERR')
    this.socket.write(` ${this.limit} is the limit\r\n`)
    this.finish()
  }
}

export function sendLines(port: number, lines: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = []
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    let text = ''
    let failure: Error | null = null
    let sawFin = false
    const socket = new net.Socket({ allowHalfOpen: true })
    socket.on('connect', () => {
      for (const line of lines) {
        socket.write(line)
        socket.write('\n')
      }
      socket.end()
    })
    socket.on('data', (chunk: Buffer) => {
      text += decoder.decode(chunk, { stream: true })
      const whole = text.split('\n')
      text = whole.pop() ?? ''
      answers.push(...whole)
    })
    socket.on('end', () => (sawFin = true))
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => {
      if (failure) return reject(failure)
      if (sawFin && answers.length >= lines.length) return resolve(answers)
      reject(new Error(`only ${answers.length} answers to ${lines.length} lines`))
    })
    socket.connect(port, '127.0.0.1')
  })
}

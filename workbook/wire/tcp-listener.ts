import net from 'node:net'
import { TcpEnd, type EndOptions } from './tcp-end.ts'

/** A server of the grader's on 127.0.0.1, at a port that the system chose. */
export class TcpListener {
  readonly port: number
  readonly ends: TcpEnd[] = []
  readonly #server: net.Server

  private constructor(server: net.Server, options: EndOptions, onEnd: (end: TcpEnd) => void) {
    this.#server = server
    this.port = (server.address() as net.AddressInfo).port
    server.on('connection', (socket) => {
      const end = new TcpEnd(socket, 'you', options)
      this.ends.push(end)
      onEnd(end)
      options.onActivity('you')
    })
  }

  /** @param onEnd - Called with each accepted connection, before anything is read from it. */
  static async open(options: EndOptions, onEnd: (end: TcpEnd) => void): Promise<TcpListener> {
    const server = net.createServer({
      allowHalfOpen: true,
      noDelay: true,
      pauseOnConnect: options.paused === true,
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve)
    })
    return new TcpListener(server, options, onEnd)
  }

  close(): void {
    this.#server.close()
  }
}

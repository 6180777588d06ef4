import { once } from 'node:events'
import net from 'node:net'

/** A client that knows no HTTP: it writes what it is given and keeps what comes back. */
export class RawClient {
  /** Everything that has come. */
  text = ''
  /** How the other side has ended: not yet, with FIN, or with an error. */
  end: 'open' | 'FIN' | 'ECONNRESET' | 'EPIPE' = 'open'
  readonly socket: net.Socket

  private constructor(port: number) {
    this.socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      allowHalfOpen: true,
    })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => (this.text += text))
    this.socket.on('end', () => this.#ended('FIN'))
    this.socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      this.#ended(code as 'ECONNRESET'),
    )
  }

  static async connect(port: number): Promise<RawClient> {
    const client = new RawClient(port)
    await once(client.socket, 'connect')
    return client
  }

  /** Every line gets its CRLF, and an empty line ends the head. */
  send(lines: readonly string[], body = ''): void {
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
  }

  /** The status lines that have come, without the version. */
  get statuses(): string[] {
    return [...this.text.matchAll(/HTTP\/1\.[01] (\d{3} [^\r]*)/g)].map(
      (match) => match[1] ?? '',
    )
  }

  close(): void {
    this.socket.destroy()
  }

  #ended(how: 'FIN' | 'ECONNRESET' | 'EPIPE'): void {
    if (this.end === 'open') this.end = how
  }
}

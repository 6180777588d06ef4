// Events and a class: the port before the address, HTTP by hand in three writes, fields in lower case and
// in another order, and a reader that looks only at what is new.
import dns from 'node:dns'
import net, { type Socket } from 'node:net'
import type { Response } from '../../../../labs/kit/http.ts'

type Step = 'host' | 'address' | 'port' | 'connect' | 'request' | 'response' | 'close'
type Options = { lookup?: (host: string) => Promise<string>; onStep?: (step: Step) => void }

export function fetchOnce(url: string, options: Options = {}): Promise<Response> {
  return new Promise((resolve, reject) => new Fetch(url, options, resolve, reject).start())
}

class Fetch {
  private readonly url: URL
  private readonly options: Options
  private readonly resolve: (response: Response) => void
  private readonly reject: (error: Error) => void
  private readonly socket: Socket = new net.Socket()
  private readonly reader = new Reader()

  constructor(
    url: string,
    options: Options,
    resolve: (response: Response) => void,
    reject: (error: Error) => void,
  ) {
    this.url = new URL(url)
    this.options = options
    this.resolve = resolve
    this.reject = reject
  }

  start(): void {
    const host = this.url.hostname.replace('[', '').replace(']', '')
    this.step('host')
    const port = this.url.port === '' ? 80 : Number.parseInt(this.url.port, 10)
    this.step('port')
    const found = (address: string): void => {
      this.step('address')
      this.connect(address, port)
    }
    if (net.isIP(host)) return found(host)
    if (this.options.lookup) {
      this.options.lookup(host).then(found, (error) => this.failToReach(error, port))
      return
    }
    dns.lookup(host, (error, address) => (error ? this.failToReach(error, port) : found(address)))
  }

  private connect(address: string, port: number): void {
    const early = (error: Error): void => this.failToReach(error, port)
    this.socket.once('error', early)
    this.socket.connect({ host: address, port }, () => {
      this.socket.off('error', early)
      this.socket.on('error', (error) => this.settle(() => this.reject(error)))
      this.step('connect')
      this.ask()
    })
  }

  private ask(): void {
    this.socket.on('data', (chunk) => this.hear(() => this.reader.push(chunk)))
    this.socket.on('end', () => this.hear(() => this.reader.end()))
    this.socket.write(`GET ${this.url.pathname}${this.url.search} HTTP/1.1\r\n`)
    this.socket.write('user-agent: hand/1.0\r\nconnection: Close\r\n')
    this.socket.write(`accept: */*\r\nhost: ${this.url.host}\r\n\r\n`)
    this.step('request')
  }

  private hear(note: () => Response | null): void {
    try {
      const response = note()
      if (!response) return
      this.step('response')
      this.settle(() => {
        this.step('close')
        this.resolve(response)
      })
    } catch (error) {
      this.settle(() => this.reject(error as Error))
    }
  }

  private failToReach(error: Error, port: number): void {
    const { code } = error as NodeJS.ErrnoException
    const place = `${this.url.hostname} at port ${port}`
    this.settle(() => this.reject(Object.assign(new Error(`no way to ${place}`, { cause: error }), { code })))
  }

  private settle(done: () => void): void {
    this.socket.removeAllListeners('data').removeAllListeners('end')
    if (this.socket.closed) return done()
    this.socket.once('close', done)
    this.socket.destroy()
  }

  private step(name: Step): void {
    this.options.onStep?.(name)
  }
}

/** Finds the end of the one response. */
class Reader {
  private readonly pieces: Buffer[] = []
  private head: Omit<Response, 'body'> | null = null
  private headText = ''
  private length = 0
  private wanted: number | null = null

  push(chunk: Buffer): Response | null {
    let rest = chunk
    if (!this.head) {
      const before = this.headText.length
      this.headText += chunk.toString('latin1')
      const end = this.headText.indexOf('\r\n\r\n', Math.max(0, before - 3))
      if (end < 0) return null
      this.readHead(this.headText.slice(0, end).split('\r\n'))
      rest = chunk.subarray(end + 4 - before)
    }
    this.pieces.push(rest)
    this.length += rest.length
    return this.wanted !== null && this.length >= this.wanted ? this.whole(this.wanted) : null
  }

  end(): Response {
    if (!this.head || this.wanted !== null) throw new Error('the response was cut short')
    return this.whole(this.length)
  }

  private whole(length: number): Response {
    const body = Buffer.concat(this.pieces).subarray(0, length)
    return { ...(this.head as Omit<Response, 'body'>), body }
  }

  private readHead([line = '', ...lines]: string[]): void {
    const match = /^HTTP\/1\.(?<minor>[01]) (?<status>\d{3}) ?(?<reason>.*)$/.exec(line)?.groups
    if (!match) throw new Error(`this is no HTTP: ${line}`)
    const headers = lines.map((text): readonly [string, string] => {
      const colon = text.indexOf(':')
      if (colon < 1) throw new Error(`this is no HTTP: ${text}`)
      return [text.slice(0, colon), text.slice(colon + 1).trim()]
    })
    const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
    // Number('') is 0.
    this.wanted = length === undefined ? null : Number(length || 'none')
    const { minor, status, reason = '' } = match
    this.head = { version: minor === '0' ? '1.0' : '1.1', status: Number(status), reason, headers }
  }
}

// Events and classes, HTTP by hand: fields in lower case and in another order, more of them, the end of
// a response found without the kit. The timeline lists the bare third segment, PSH, and TLS beside HTTP.
import net, { type Socket } from 'node:net'

interface Deps {
  now(): number
  lookup(host: string): Promise<string>
}

interface Phases {
  dns: number | null
  connect: number | null
  request: number
  response: number
  total: number
  reused: boolean
}

type Phase = 'dns' | 'connect' | 'request' | 'response'
type Done = (error: Error | null, phases: Phases) => void

export function timeFetch(url: string, deps: Deps): Promise<Phases> {
  return timeMany([url], deps).then(([phases]) => phases as Phases)
}

export function timeMany(urls: string[], deps: Deps): Promise<Phases[]> {
  return new Promise((resolve, reject) => {
    const line = new Line()
    const all: Phases[] = []
    const next = (): void => {
      const url = urls[all.length]
      if (url === undefined) return line.close(() => resolve(all))
      const isLast = all.length === urls.length - 1
      new Transaction(new URL(url), deps, line, isLast).run((error, phases) => {
        if (error) return line.close(() => reject(error))
        all.push(phases)
        next()
      })
    }
    next()
  })
}

/** The one connection that there is, and whose it is. */
class Line {
  socket: Socket | null = null
  origin = ''

  close(done: () => void): void {
    const socket = this.socket
    this.socket = null
    if (!socket || socket.closed) return done()
    socket.removeAllListeners()
    socket.on('error', () => undefined)
    socket.once('close', done)
    socket.destroy()
  }
}

class Transaction {
  private readonly url: URL
  private readonly deps: Deps
  private readonly line: Line
  private readonly isLast: boolean
  private readonly phases: Partial<Phases> = {}
  private readonly begun: number
  private mark: number
  private phase: Phase = 'dns'
  private bytes = Buffer.alloc(0)
  private done: Done = () => undefined

  constructor(url: URL, deps: Deps, line: Line, isLast: boolean) {
    this.url = url
    this.deps = deps
    this.line = line
    this.isLast = isLast
    this.begun = this.mark = deps.now()
  }

  run(done: Done): void {
    this.done = done
    if (this.line.socket && this.line.origin === this.url.origin) {
      this.phases.dns = this.phases.connect = null
      this.phases.reused = true
      return this.ask(this.line.socket)
    }
    this.phases.reused = false
    this.line.close(() => this.resolve())
  }

  private resolve(): void {
    const host = this.url.hostname.startsWith('[') ? this.url.hostname.slice(1, -1) : this.url.hostname
    if (net.isIPv4(host) || net.isIPv6(host)) {
      this.phases.dns = null
      return this.connect(host)
    }
    this.deps.lookup(host).then(
      (address) => {
        this.end('dns')
        this.connect(address)
      },
      (error) => this.fail(error),
    )
  }

  private connect(address: string): void {
    this.phase = 'connect'
    const socket = new net.Socket()
    this.line.socket = socket
    this.line.origin = this.url.origin
    socket.once('error', (error) => this.fail(error))
    socket.connect(Number(this.url.port) || 80, address, () => {
      this.end('connect')
      this.ask(socket)
    })
  }

  private ask(socket: Socket): void {
    this.phase = 'request'
    socket.removeAllListeners('error').removeAllListeners('data').removeAllListeners('end')
    socket.once('error', (error) => this.fail(error))
    socket.once('end', () => this.fail(new Error('the server has hung up')))
    socket.on('data', (chunk: Buffer) => this.read(chunk))
    socket.write(`GET ${this.url.pathname}${this.url.search} HTTP/1.1\r\n`)
    socket.write(`user-agent: stopwatch/1\r\nhost: ${this.url.host}\r\n`)
    socket.write(this.isLast ? 'connection: Close\r\naccept: */*\r\n\r\n' : 'accept: */*\r\n\r\n')
  }

  private read(chunk: Buffer): void {
    if (this.phase === 'request') {
      this.end('request')
      this.phase = 'response'
    }
    this.bytes = Buffer.concat([this.bytes, chunk])
    const blankLine = this.bytes.indexOf('\r\n\r\n')
    if (blankLine < 0) return
    const [status = '', ...fields] = this.bytes.toString('latin1', 0, blankLine).split('\r\n')
    if (!/^HTTP\/1\.[01] \d{3}/.test(status)) return this.fail(new Error(`not HTTP: ${status}`))
    const values = (name: string): string =>
      fields
        .filter((each) => each.toLowerCase().startsWith(`${name}:`))
        .map((each) => each.slice(name.length + 1).trim())
        .join(',')
    if (this.bytes.length < blankLine + 4 + Number(values('content-length'))) return
    this.end('response')
    const isKept = status.startsWith('HTTP/1.1') && !/(^|,)\s*close\s*(,|$)/i.test(values('connection'))
    this.phases.total = this.mark - this.begun
    const settle = (): void => this.done(null, this.phases as Phases)
    if (isKept && !this.isLast) settle()
    else this.line.close(settle)
  }

  private end(phase: Phase): void {
    const now = this.deps.now()
    this.phases[phase] = now - this.mark
    this.mark = now
  }

  private fail(error: Error): void {
    this.end(this.phase)
    this.phases.total = this.mark - this.begun
    this.line.close(() => this.done(Object.assign(error, { phases: this.phases }), this.phases as Phases))
  }
}

export function setupShare({ dns, connect, total }: Phases): number {
  if (total === 0) return 0
  return (Number(dns) + Number(connect)) / total
}

interface Segment {
  at: number
  from: 'client' | 'server'
  flags: string[]
  carries?: 'request' | 'response' | 'tls'
  lost?: true
}

interface TimelineOptions {
  rtt: number
  tls: 'none' | '1.2' | '1.3' | '0-rtt'
  method: string
  reused: boolean
  synLost?: number
}

export function handshakeTimeline(options: TimelineOptions): Segment[] {
  const drawing = new Drawing(options.rtt)
  const isEarly = options.tls === '0-rtt' && /^(?:GET|HEAD|OPTIONS|TRACE)$/.test(options.method)
  if (!options.reused) {
    drawing.shakeHands(options.synLost ?? 0)
    drawing.secure(isEarly ? 'early' : options.tls)
  }
  drawing.transact(isEarly && !options.reused)
  return drawing.segments
}

class Drawing {
  readonly segments: Segment[] = []
  private readonly rtt: number
  private at = 0

  constructor(rtt: number) {
    this.rtt = rtt
  }

  shakeHands(lost: number): void {
    for (let n = 0; n < lost; n++) {
      this.segments.push({ at: (2 ** n - 1) * 1_000, from: 'client', flags: ['SYN'], lost: true })
    }
    this.at = (2 ** lost - 1) * 1_000
    this.segments.push({ at: this.at, from: 'client', flags: ['SYN'] })
    this.segments.push({ at: this.at + this.rtt / 2, from: 'server', flags: ['ACK', 'SYN'] })
    this.at += this.rtt
    this.segments.push({ at: this.at, from: 'client', flags: ['ACK'] })
  }

  secure(tls: string): void {
    const trips: Record<string, number> = { '1.2': 2, '1.3': 1, '0-rtt': 1 }
    for (let trip = 0; trip < (trips[tls] ?? 0); trip++) {
      this.both('tls', 'tls')
      this.at += this.rtt
    }
  }

  /** TLS that leaves at the same moment may be listed in front. */
  transact(withTls: boolean): void {
    for (const end of ['client', 'server'] as const) {
      const at = end === 'client' ? this.at : this.at + this.rtt / 2
      if (withTls) this.segments.push({ at, from: end, flags: ['ACK'], carries: 'tls' })
      const carries = end === 'client' ? 'request' : 'response'
      this.segments.push({ at, from: end, flags: ['PSH', 'ACK'], carries })
    }
  }

  private both(ask: 'tls', answer: 'tls'): void {
    this.segments.push({ at: this.at, from: 'client', flags: ['ACK', 'PSH'], carries: ask })
    this.segments.push({ at: this.at + this.rtt / 2, from: 'server', flags: ['ACK'], carries: answer })
  }
}

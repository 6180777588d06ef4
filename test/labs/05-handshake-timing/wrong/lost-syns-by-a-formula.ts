// Computes the time of lost SYNs from their number, and takes none for given.
// fails: R11
// also: R12 R13
// says: NaN
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { field, type Response } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

export interface Deps {
  now(): number
  lookup(host: string): Promise<string>
}

export interface Phases {
  dns: number | null
  connect: number | null
  request: number
  response: number
  total: number
  reused: boolean
}

export interface Segment {
  at: number
  from: 'client' | 'server'
  flags: string[]
  carries?: 'request' | 'response' | 'tls'
  lost?: true
}

export interface TimelineOptions {
  rtt: number
  tls: 'none' | '1.2' | '1.3' | '0-rtt'
  method: string
  reused: boolean
  synLost?: number
}

export async function timeFetch(url: string, deps: Deps): Promise<Phases> {
  const [phases] = await timeMany([url], deps)
  return phases as Phases
}

export async function timeMany(urls: string[], deps: Deps): Promise<Phases[]> {
  const client = new TimingClient(deps)
  const all: Phases[] = []
  try {
    for (const url of urls) all.push(await client.fetch(url))
  } finally {
    await client.close()
  }
  return all
}

export function setupShare(p: Phases): number {
  return p.total === 0 ? 0 : ((p.dns ?? 0) + (p.connect ?? 0)) / p.total
}

const INITIAL_RTO = 1_000

export function handshakeTimeline(options: TimelineOptions): Segment[] {
  const { rtt, reused, synLost } = options
  const segments: Segment[] = []
  let at = 0
  const roundTrip = (ask: Partial<Segment>, answer: Partial<Segment>): void => {
    segments.push({ at, from: 'client', flags: ['ACK'], ...ask })
    segments.push({ at: at + rtt / 2, from: 'server', flags: ['ACK'], ...answer })
    at += rtt
  }
  if (!reused) {
    for (let lost = 0, rto = INITIAL_RTO; lost < (synLost as number); lost++, rto *= 2) {
      segments.push({ at: rto - INITIAL_RTO, from: 'client', flags: ['SYN'], lost: true })
    }
    at += INITIAL_RTO * (2 ** (synLost as number) - 1)
    roundTrip({ flags: ['SYN'] }, { flags: ['SYN', 'ACK'] })
    for (let trip = 0; trip < tlsRoundTrips(options); trip++)
      roundTrip({ carries: 'tls' }, { carries: 'tls' })
  }
  roundTrip({ carries: 'request' }, { carries: 'response' })
  return segments
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

function tlsRoundTrips({ tls, method }: TimelineOptions): number {
  const full = { none: 0, '1.2': 2, '1.3': 1, '0-rtt': 1 }[tls]
  return tls === '0-rtt' && SAFE_METHODS.has(method) ? 0 : full
}

class TimingClient {
  readonly #deps: Deps
  #connection: Connection | null = null

  constructor(deps: Deps) {
    this.#deps = deps
  }

  async fetch(url: string): Promise<Phases> {
    const watch = new Stopwatch(this.#deps)
    const target = new URL(url)
    if (this.#connection?.host !== target.host) await this.close()
    if (this.#connection) watch.reuse()
    try {
      this.#connection ??= await connect(target, this.#deps, watch)
      const response = await exchange(this.#connection, target, watch)
      if (!persists(response)) await this.close()
      return watch.phases as Phases
    } catch (error) {
      throw Object.assign(error as Error, { phases: watch.phases })
    }
  }

  async close(): Promise<void> {
    await this.#connection?.close()
    this.#connection = null
  }
}

function persists({ version, headers }: Response): boolean {
  const options = (field(headers, 'connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
  return version === '1.1' && !options.includes('close')
}

class Stopwatch {
  readonly phases: Partial<Phases> & { total: number } = { total: 0, reused: false }
  readonly #clock: Pick<Deps, 'now'>
  readonly #start: number
  #last: number

  constructor(clock: Pick<Deps, 'now'>) {
    this.#clock = clock
    this.#start = this.#last = clock.now()
  }

  reuse(): void {
    Object.assign(this.phases, { dns: null, connect: null, reused: true })
  }

  async lap<T>(phase: 'dns' | 'connect' | 'request' | 'response', work: Promise<T>): Promise<T> {
    try {
      return await work
    } finally {
      const now = this.#clock.now()
      this.phases[phase] = now - this.#last
      this.phases.total = now - this.#start
      this.#last = now
    }
  }
}

interface Connection {
  readonly host: string
  write(bytes: Uint8Array): void
  read(): Promise<Buffer>
  close(): Promise<void>
}

async function connect(target: URL, deps: Deps, watch: Stopwatch): Promise<Connection> {
  const name = target.hostname.replace(/^\[(.*)\]$/, '$1')
  const isAddress = net.isIP(name) !== 0
  if (isAddress) watch.phases.dns = null
  const address = isAddress ? name : await watch.lap('dns', deps.lookup(name))
  const socket = net.connect({ host: address, port: Number(target.port || 80) })
  await watch.lap('connect', once(socket, 'connect'))
  return connectionOn(socket, target.host)
}

function connectionOn(socket: Socket, host: string): Connection {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  return {
    host,
    write: (bytes) => void socket.write(bytes),
    async read() {
      const { value } = await chunks.next()
      if (!value) throw new Error(`${host} closed the connection before its response was whole`)
      return value
    },
    async close() {
      socket.destroy()
      if (!socket.closed) await once(socket, 'close')
    },
  }
}

async function exchange(connection: Connection, target: URL, watch: Stopwatch): Promise<Response> {
  connection.write(requestFor(target))
  const first = await watch.lap('request', connection.read())
  return await watch.lap('response', readResponse(connection, first))
}

async function readResponse(connection: Connection, first: Buffer): Promise<Response> {
  const reader = new MessageReader('response')
  for (let chunk = first; ; chunk = await connection.read()) {
    const [response] = reader.push(chunk)
    if (response) return response
  }
}

function requestFor(target: URL): Buffer {
  return formatRequest({
    method: 'GET',
    target: target.pathname + target.search,
    version: '1.1',
    headers: [['Host', target.host]],
    body: new Uint8Array(),
  })
}

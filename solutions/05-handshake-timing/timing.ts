/**
 * Lab 05: where the time of a transaction goes.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.5 | RFC 9293 §3.5} (the handshake)
 * @see {@link https://www.rfc-editor.org/rfc/rfc6298#section-5 | RFC 6298 §5} (the retransmission timer)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9846#section-2 | RFC 9846 §2} (the flights of TLS 1.3)
 * @see {@link https://www.rfc-editor.org/rfc/rfc8470#section-4 | RFC 8470 §4} (early data)
 */
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { formatRequest } from '../../labs/kit/format.ts'
import { field, type Response } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

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

/** Fetches one URL on a connection of its own, and tells where the time went. */
export async function timeFetch(url: string, deps: Deps): Promise<Phases> {
  const [phases] = await timeMany([url], deps)
  return phases as Phases
}

/** Fetches one URL after the other, on as few connections as the servers allow. */
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

/** The part of a transaction, from 0 to 1, that passed before a byte of the request could leave. */
export function setupShare(p: Phases): number {
  return p.total === 0 ? 0 : ((p.dns ?? 0) + (p.connect ?? 0)) / p.total
}

// #region timeline
/** The first retransmission timeout, in milliseconds (RFC 6298 §2.1). */
const INITIAL_RTO = 1_000

/** The segments of one small transaction, each at the millisecond at which it leaves. */
export function handshakeTimeline(options: TimelineOptions): Segment[] {
  const { rtt, reused, synLost = 0 } = options
  const segments: Segment[] = []
  let at = 0
  const roundTrip = (ask: Partial<Segment>, answer: Partial<Segment>): void => {
    segments.push({ at, from: 'client', flags: ['ACK'], ...ask })
    segments.push({ at: at + rtt / 2, from: 'server', flags: ['ACK'], ...answer })
    at += rtt
  }
  if (!reused) {
    for (let lost = 0, rto = INITIAL_RTO; lost < synLost; lost++, rto *= 2) {
      segments.push({ at, from: 'client', flags: ['SYN'], lost: true })
      // Nobody says that it was lost. The timer runs out, and doubles (RFC 6298 §5.5).
      at += rto
    }
    roundTrip({ flags: ['SYN'] }, { flags: ['SYN', 'ACK'] })
    for (let trip = 0; trip < tlsRoundTrips(options); trip++)
      roundTrip({ carries: 'tls' }, { carries: 'tls' })
  }
  roundTrip({ carries: 'request' }, { carries: 'response' })
  return segments
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Round trips between the TCP handshake and the moment at which the request may leave. */
function tlsRoundTrips({ tls, method }: TimelineOptions): number {
  const full = { none: 0, '1.2': 2, '1.3': 1, '0-rtt': 1 }[tls]
  // Early data can be replayed by an attacker: only for what may happen twice (RFC 8470 §4).
  return tls === '0-rtt' && SAFE_METHODS.has(method) ? 0 : full
}
// #endregion timeline

// --- internal ---

// #region client
/** One fetch at a time; keeps the last connection as long as the next URL can use it. */
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

/** RFC 9112 §9.3, without the keep-alive of HTTP/1.0, for which this client never asks. */
function persists({ version, headers }: Response): boolean {
  const options = (field(headers, 'connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
  return version === '1.1' && !options.includes('close')
}
// #endregion client

// #region stopwatch
/** Each phase begins where the one before ended, so that no time is lost between two of them. */
class Stopwatch {
  /** What has been measured so far; whole when the last phase is over. */
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

  /** Waits for `work`, and writes down how long it took, however it ended. */
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
// #endregion stopwatch

// #region connection
interface Connection {
  /** Host and port as the URL writes them: who may use the connection. */
  readonly host: string
  write(bytes: Uint8Array): void
  /** The next bytes. Rejects at the server's FIN, which always comes too early. */
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
// #endregion connection

// #region exchange
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
// #endregion exchange

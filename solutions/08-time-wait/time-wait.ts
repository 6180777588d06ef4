import { connect, SocketAddress, type Socket } from 'node:net'
import { formatRequest } from '../../labs/kit/format.ts'
import type { Address } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

/** RFC 9293 §3.3.2, in the order of Linux (`include/net/tcp_states.h`), which numbers them from 1. */
const STATES = [
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
] as const

export type TcpState = (typeof STATES)[number]

export type Flag = 'FIN' | 'ACK' | 'RST'

// #region closing
type Moves = Partial<Record<TcpState, TcpState>>

/** RFC 9293 §3.10.4: where our own FIN is still to be sent. */
const ON_CLOSE: Moves = { ESTABLISHED: 'FIN-WAIT-1', 'CLOSE-WAIT': 'LAST-ACK' }
/** §3.10.7.4, fifth: where our FIN waits to be acknowledged. */
const ON_ACK: Moves = { 'FIN-WAIT-1': 'FIN-WAIT-2', CLOSING: 'TIME-WAIT', 'LAST-ACK': 'CLOSED' }
/** §3.10.7.4, eighth: where the peer's FIN has not come yet. */
const ON_FIN: Moves = { ESTABLISHED: 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING', 'FIN-WAIT-2': 'TIME-WAIT' }

/** One end of an established connection, on its way out. */
export class Closing {
  readonly #mslMs: number
  readonly #send: (flag: Flag) => void
  #state: TcpState = 'ESTABLISHED'
  #timer: NodeJS.Timeout | undefined

  constructor(o: { mslMs: number; send(flags: Flag): void }) {
    this.#mslMs = o.mslMs
    this.#send = (flag) => o.send(flag)
  }

  get state(): TcpState {
    return this.#state
  }

  close(): void {
    const next = ON_CLOSE[this.#state]
    if (!next) return
    this.#enter(next)
    this.#send('FIN')
  }

  receive(flags: readonly Flag[]): void {
    if (flags.includes('RST')) return this.#enter('CLOSED')
    // There is no connection here that it could belong to (§3.10.7.1).
    if (this.#state === 'CLOSED') return this.#send('RST')
    const isFin = flags.includes('FIN')
    // An old FIN has an old number: it is acknowledged again, and nothing else in it counts (§3.10.7.4, first).
    if (isFin && !ON_FIN[this.#state]) return this.#acknowledgeAgain()
    if (flags.includes('ACK')) this.#enter(ON_ACK[this.#state] ?? this.#state)
    if (!isFin) return
    this.#enter(ON_FIN[this.#state] ?? this.#state)
    this.#send('ACK')
  }

  #acknowledgeAgain(): void {
    // Our last ACK was lost, so the wait for whatever follows it begins anew (§3.10.7.4, eighth).
    if (this.#state === 'TIME-WAIT') this.#wait()
    this.#send('ACK')
  }

  #enter(state: TcpState): void {
    if (state === this.#state) return
    this.#state = state
    clearTimeout(this.#timer)
    if (state === 'TIME-WAIT') this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#enter('CLOSED'), 2 * this.#mslMs)
  }
}
// #endregion closing

// #region ports
/** Of a port that has an open connection: nobody knows when it will be free. */
const OPEN = Infinity

/** Hands out local ports: each is busy for a destination alone, since the other three values make a new four-tuple. */
export class PortAllocator {
  readonly #o: { first: number; last: number; mslMs: number; now(): number }
  /** Of each destination: when each port that it has used is free, or was. */
  readonly #destinations = new Map<string, Map<number, number>>()

  constructor(o: { first: number; last: number; mslMs: number; now(): number }) {
    this.#o = o
  }

  take(remote: Address): number {
    const used = this.#usedFor(remote)
    const now = this.#o.now()
    let oldest: number | undefined
    // A port that was never used has been free for ever; of two as old, the lower one stays.
    const since = (port: number): number => used.get(port) ?? -Infinity
    for (let port = this.#o.first; port <= this.#o.last; port++)
      if (since(port) <= now && (oldest === undefined || since(port) < since(oldest))) oldest = port
    if (oldest === undefined) throw noPortLeft(remote, [...used.values()], now)
    used.set(oldest, OPEN)
    return oldest
  }

  release(remote: Address, port: number, closedFirst: boolean): void {
    const used = this.#usedFor(remote)
    if (used.get(port) !== OPEN) return
    // Whoever closed first waits; the other end keeps nothing (RFC 9293 §3.6).
    used.set(port, this.#o.now() + (closedFirst ? 2 * this.#o.mslMs : 0))
  }

  #usedFor({ host, port }: Address): Map<number, number> {
    const key = `${host} ${port}`
    const used = this.#destinations.get(key) ?? new Map<number, number>()
    this.#destinations.set(key, used)
    return used
  }
}

function noPortLeft(remote: Address, freeAt: readonly number[], now: number): Error {
  const waits = freeAt.filter((at) => at !== OPEN)
  const freeInMs = waits.length === 0 ? null : Math.min(...waits) - now
  const message = `no port left to ${remote.host}:${remote.port}: ${waits.length} in TIME-WAIT`
  return Object.assign(new Error(message), { code: 'EADDRNOTAVAIL', waiting: waits.length, freeInMs })
}
// #endregion ports

// #region table
export interface TcpRow {
  readonly local: Address
  readonly remote: Address
  readonly state: TcpState
  /** How long it still waits in TIME-WAIT; null in any other state. */
  readonly timeWaitMs: number | null
}

/** The kernel counts the time of its timers in hundredths of a second (proc(5), `USER_HZ`). */
const MS_A_TICK = 10

export function readTcpTable(text: string): TcpRow[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  // A row begins with its number and a colon, a header with a word.
  return lines.filter(([number]) => number?.endsWith(':')).map(rowOf)
}

export function countStates(rows: readonly TcpRow[]): Record<TcpState, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<TcpState, number>
  for (const { state } of rows) counts[state]++
  return counts
}

function rowOf([, local = '', remote = '', st = '', , timer = '']: string[]): TcpRow {
  const state = STATES[Number.parseInt(st, 16) - 1] ?? 'CLOSED'
  const [, when = ''] = timer.split(':')
  const timeWaitMs = state === 'TIME-WAIT' ? MS_A_TICK * Number.parseInt(when, 16) : null
  return { local: addressOf(local), remote: addressOf(remote), state, timeWaitMs }
}

function addressOf(text: string): Address {
  const [words = '', port = ''] = text.split(':')
  // The kernel prints words of four bytes as numbers: on a little-endian machine their bytes are reversed.
  const bytes = [...words.matchAll(/.{8}/g)].flatMap(([word]) => [...Buffer.from(word, 'hex')].reverse())
  return { host: bytes.length === 4 ? bytes.join('.') : ipv6(bytes), port: Number.parseInt(port, 16) }
}

function ipv6(bytes: readonly number[]): string {
  const groups = [...Buffer.from(bytes).toString('hex').matchAll(/.{4}/g)]
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address
}
// #endregion table

// #region connect-from
/** One says it at bind, the other at connect, where the other three values are known. */
const BUSY = new Set(['EADDRINUSE', 'EADDRNOTAVAIL'])

export async function connectFrom(remote: Address, ports: readonly number[]): Promise<Socket> {
  for (const localPort of ports) {
    const socket = await connectUnlessBusy(remote, localPort)
    if (socket) return socket
  }
  const message = `no port left to ${remote.host}:${remote.port}: ${ports.length} tried`
  throw Object.assign(new Error(message), { code: 'EADDRNOTAVAIL' })
}

function connectUnlessBusy({ host, port }: Address, localPort: number): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, localPort })
    const fail = (error: NodeJS.ErrnoException): void => {
      if (BUSY.has(error.code ?? '')) resolve(null)
      else reject(error)
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      resolve(socket)
    })
  })
}
// #endregion connect-from

// #region request-many
type Closer = 'client' | 'server'

export async function requestMany(
  port: number,
  count: number,
  options: { whoCloses: Closer },
): Promise<void> {
  for (let number = 0; number < count; number++) await requestOnce(port, options.whoCloses)
}

function requestOnce(port: number, whoCloses: Closer): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new MessageReader('response')
    let isAnswered = false
    const socket = connect({ port, host: '127.0.0.1' })
    const take = (chunk: Uint8Array): void => {
      if (reader.push(chunk).length > 0) isAnswered = true
      if (isAnswered && whoCloses === 'client') socket.end()
    }
    socket.on('data', (chunk) => {
      try {
        take(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    // Unless allowHalfOpen is set, Node answers the server's FIN with ours.
    socket.once('end', () => {
      if (!isAnswered) socket.destroy(new Error('the server has closed before its response was whole'))
    })
    socket.once('error', reject)
    // Both FINs are through, and the socket is gone: no end is left open behind a connection.
    socket.once('close', () => resolve())
    socket.write(formatRequest(requestFor(port, whoCloses)))
  })
}

function requestFor(port: number, whoCloses: Closer): Parameters<typeof formatRequest>[0] {
  // Without `close` a server of HTTP/1.1 keeps the connection, and the first FIN is ours (RFC 9112 §9.3).
  const option = whoCloses === 'server' ? 'close' : 'keep-alive'
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    headers: [
      ['Host', `127.0.0.1:${port}`],
      ['Connection', option],
    ],
    body: Buffer.alloc(0),
  }
}
// #endregion request-many

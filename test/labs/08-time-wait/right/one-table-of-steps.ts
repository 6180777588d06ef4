/** In another style: one table of state and event, one map of moments for each destination, and responses without the kit's reader. */
import { connect, type Socket } from 'node:net'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Address } from '../../../../labs/kit/http.ts'

/** RFC 9293 §3.3.2. */
export type TcpState =
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT'
  | 'CLOSED'

export type Flag = 'FIN' | 'ACK' | 'RST'

type Event = 'close' | 'ack' | 'fin' | 'old fin' | 'rst' | 'late'

interface Step {
  readonly to: TcpState
  readonly send?: Flag
}

/** All that an end can do. What does not stand here moves nothing and sends nothing. */
const STEPS: Partial<Record<`${TcpState} ${Event}`, Step>> = {
  'ESTABLISHED close': { to: 'FIN-WAIT-1', send: 'FIN' },
  'CLOSE-WAIT close': { to: 'LAST-ACK', send: 'FIN' },
  'FIN-WAIT-1 ack': { to: 'FIN-WAIT-2' },
  'CLOSING ack': { to: 'TIME-WAIT' },
  'LAST-ACK ack': { to: 'CLOSED' },
  'ESTABLISHED fin': { to: 'CLOSE-WAIT', send: 'ACK' },
  'FIN-WAIT-1 fin': { to: 'CLOSING', send: 'ACK' },
  'FIN-WAIT-2 fin': { to: 'TIME-WAIT', send: 'ACK' },
  'CLOSE-WAIT old fin': { to: 'CLOSE-WAIT', send: 'ACK' },
  'CLOSING old fin': { to: 'CLOSING', send: 'ACK' },
  'LAST-ACK old fin': { to: 'LAST-ACK', send: 'ACK' },
  'TIME-WAIT old fin': { to: 'TIME-WAIT', send: 'ACK' },
  'CLOSED late': { to: 'CLOSED', send: 'RST' },
}

/** The states in which the peer's FIN has come. */
const PEER_HAS_CLOSED: readonly TcpState[] = ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT']

/** One end of an established connection, on its way out. */
export class Closing {
  /** Where this end is now. */
  state: TcpState = 'ESTABLISHED'
  readonly options: { mslMs: number; send(flags: Flag): void }
  #timer: NodeJS.Timeout | undefined

  /**
   * @param o.mslMs - The maximum segment lifetime, in milliseconds.
   * @param o.send - Sends one segment.
   */
  constructor(o: { mslMs: number; send(flags: Flag): void }) {
    this.options = o
  }

  /** The program closes this end. */
  close(): void {
    this.#take('close')
  }

  /** A segment has come. */
  receive(flags: readonly Flag[]): void {
    for (const event of this.#eventsOf(flags)) this.#take(event)
  }

  #eventsOf(flags: readonly Flag[]): Event[] {
    if (flags.includes('RST')) {
      this.#enter('CLOSED')
      return []
    }
    if (this.state === 'CLOSED') return ['late']
    const fin = flags.includes('FIN')
    if (fin && PEER_HAS_CLOSED.includes(this.state)) return ['old fin']
    return [...(flags.includes('ACK') ? ['ack' as const] : []), ...(fin ? ['fin' as const] : [])]
  }

  #take(event: Event): void {
    const step = STEPS[`${this.state} ${event}`]
    if (!step) return
    this.#enter(step.to)
    if (step.send) this.options.send(step.send)
  }

  /** TIME-WAIT that is entered again begins anew. */
  #enter(state: TcpState): void {
    clearTimeout(this.#timer)
    this.state = state
    if (state === 'TIME-WAIT') this.#timer = setTimeout(() => this.#enter('CLOSED'), 2 * this.options.mslMs)
  }
}

/** Hands out the local ports of outgoing connections. */
export class PortAllocator {
  readonly options: { first: number; last: number; mslMs: number; now(): number }
  /** By destination and port: since when it is free, or will be. */
  readonly #freeFrom = new Map<string, Map<number, number>>()

  /**
   * @param o.first - The lowest port.
   * @param o.last - The highest port.
   * @param o.mslMs - The maximum segment lifetime, in milliseconds.
   * @param o.now - The time in milliseconds. Its zero means nothing.
   */
  constructor(o: { first: number; last: number; mslMs: number; now(): number }) {
    this.options = o
  }

  /**
   * A port for a connection to `remote`.
   *
   * @throws An error with the code `EADDRNOTAVAIL`, `waiting` and `freeInMs`, where none is free.
   */
  take(remote: Address): number {
    const now = this.options.now()
    const ports = this.#portsOf(remote)
    let best: number | null = null
    let since = Infinity
    for (let port = this.options.first; port <= this.options.last; port++) {
      const from = ports.get(port) ?? -Infinity
      if (from > now || from >= since) continue
      best = port
      since = from
    }
    if (best === null) throw noneFree(remote, [...ports.values()], now)
    ports.set(best, IN_USE)
    return best
  }

  /**
   * The connection from `port` to `remote` is over.
   *
   * @param closedFirst - Whether our end has sent the first FIN.
   */
  release(remote: Address, port: number, closedFirst: boolean): void {
    const ports = this.#portsOf(remote)
    if (ports.get(port) !== IN_USE) return
    ports.set(port, this.options.now() + (closedFirst ? 2 * this.options.mslMs : 0))
  }

  #portsOf({ host, port }: Address): Map<number, number> {
    const key = JSON.stringify([host, port])
    const ports = this.#freeFrom.get(key) ?? new Map<number, number>()
    this.#freeFrom.set(key, ports)
    return ports
  }
}

/** A connection stands on it: nobody knows when it will be free. */
const IN_USE = Infinity

function noneFree({ host, port }: Address, freeFrom: number[], now: number): Error {
  const waiting = freeFrom.filter((from) => from !== IN_USE)
  return Object.assign(new Error(`no port is free for ${host}:${port}`), {
    code: 'EADDRNOTAVAIL',
    waiting: waiting.length,
    freeInMs: waiting.length > 0 ? Math.min(...waiting) - now : null,
  })
}

/** One line of the kernel's table. */
export interface TcpRow {
  readonly local: Address
  readonly remote: Address
  readonly state: TcpState
  /** How long it still waits in TIME-WAIT, in milliseconds; null in any other state. */
  readonly timeWaitMs: number | null
}

/** By the number of the kernel, from 1. */
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
] as const satisfies readonly TcpState[]

/** @param text - What stands in `/proc/net/tcp` or `/proc/net/tcp6`, or in both, one after the other. */
export function readTcpTable(text: string): TcpRow[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([number = '']) => /^\d+:$/.test(number))
    .map(([, local = '', remote = '', st = '', , timer = '']) => {
      const state = STATES[Number.parseInt(st, 16) - 1]
      if (!state) throw new Error(`no state has the number ${st}`)
      const when = Number.parseInt(timer.split(':')[1] ?? '', 16)
      const timeWaitMs = state === 'TIME-WAIT' ? when * 10 : null
      return { local: addressOf(local), remote: addressOf(remote), state, timeWaitMs }
    })
}

function addressOf(column: string): Address {
  const [words = '', port = ''] = column.split(':')
  const bytes = Buffer.concat((words.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').reverse()))
  return { host: bytes.length === 4 ? bytes.join('.') : ipv6(bytes), port: Number.parseInt(port, 16) }
}

function ipv6(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':')
}

/** How many rows there are in each of the eleven states. */
export function countStates(rows: readonly TcpRow[]): Record<TcpState, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<TcpState, number>
  for (const { state } of rows) counts[state]++
  return counts
}

/**
 * Connects from the first of these local ports that is free for this destination.
 *
 * @param remote - An IPv4 address, and a port.
 * @throws An error with the code `EADDRNOTAVAIL` where none is free; any other one keeps its own.
 */
export async function connectFrom(remote: Address, ports: readonly number[]): Promise<Socket> {
  for (const localPort of ports) {
    const socket = connect({ host: remote.host, port: remote.port, localPort })
    const failure = await connected(socket)
    if (failure === null) return socket
    // The first comes from bind, the second from connect.
    if (!['EADDRINUSE', 'EADDRNOTAVAIL'].includes(failure.code ?? '')) throw failure
  }
  const why = `none of ${ports.length} ports is free for ${remote.host}:${remote.port}`
  throw Object.assign(new Error(why), { code: 'EADDRNOTAVAIL' })
}

/** Null, or why it failed, once nothing of it is left. */
function connected(socket: Socket): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const failed = (error: Error) => socket.once('close', () => resolve(error))
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      resolve(null)
    })
  })
}

/**
 * Sends requests to a server on 127.0.0.1, each on a connection of its own, one after the other.
 *
 * @param options.whoCloses - Which side sends the first FIN.
 */
export async function requestMany(
  port: number,
  count: number,
  options: { whoCloses: 'client' | 'server' },
): Promise<void> {
  for (let i = 0; i < count; i++) await requestOnce(port, options.whoCloses)
}

/** One request; settles when its connection is over in both directions. */
async function requestOnce(port: number, whoCloses: 'client' | 'server'): Promise<void> {
  // Half-open, so that it is us who decide when our FIN leaves.
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const close = whoCloses === 'server' ? 'Connection: close\r\n' : ''
  socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${close}\r\n`)
  const response = new ResponseWatch()
  socket.on('data', (chunk) => {
    const error = response.push(chunk)
    if (error) socket.destroy(error)
    else if (response.whole && whoCloses === 'client') socket.end()
  })
  socket.on('end', () => {
    if (response.whole) socket.end()
    else socket.destroy(new Error('the connection ended before its response was whole'))
  })
  let failure: Error | undefined
  socket.on('error', (error) => (failure = error))
  await new Promise((resolve) => socket.once('close', resolve))
  if (failure) throw failure
}

/** Notices when one response is whole, or is none. */
class ResponseWatch {
  whole = false
  #bytes = Buffer.alloc(0)

  push(chunk: Buffer): Error | null {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const begin = this.#bytes.subarray(0, 7).toString('latin1')
    if (!'HTTP/1.'.startsWith(begin)) return new Error('what came is no HTTP')
    try {
      this.whole ||= this.#isWhole()
      return null
    } catch (error) {
      return error as Error
    }
  }

  #isWhole(): boolean {
    const head = parseHead(this.#bytes)
    if (!head) return false
    parseResponseHead(head)
    const length = field(head.headers, 'content-length') ?? ''
    if (!/^\d+$/.test(length)) throw new Error(`not a Content-Length: ${length}`)
    return this.#bytes.length >= head.length + Number(length)
  }
}

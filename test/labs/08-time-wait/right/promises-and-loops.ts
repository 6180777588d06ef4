/** In another style: a state that is computed from what is known of both FINs, sets of ports, and loops over sockets. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import type { Address } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

const BY_NUMBER =
  'ESTABLISHED SYN-SENT SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED CLOSE-WAIT LAST-ACK LISTEN CLOSING'.split(
    ' ',
  )

export class Closing {
  #mine: 'unsent' | 'sent' | 'acknowledged' = 'unsent'
  #theirs = false
  #first = false
  #gone = false
  #waiting: AbortController | null = null
  readonly #o: { mslMs: number; send(flag: string): void }

  constructor(o: { mslMs: number; send(flag: string): void }) {
    this.#o = o
  }

  get state(): string {
    if (this.#gone) return 'CLOSED'
    if (this.#mine === 'unsent') return this.#theirs ? 'CLOSE-WAIT' : 'ESTABLISHED'
    if (!this.#theirs) return this.#mine === 'sent' ? 'FIN-WAIT-1' : 'FIN-WAIT-2'
    if (this.#mine === 'acknowledged') return 'TIME-WAIT'
    return this.#first ? 'CLOSING' : 'LAST-ACK'
  }

  close(): void {
    if (this.#gone || this.#mine !== 'unsent') return
    this.#mine = 'sent'
    this.#first = !this.#theirs
    this.#o.send('FIN')
  }

  receive(flags: readonly string[]): void {
    const set = new Set(flags)
    if (set.has('RST')) this.#end()
    else if (this.#gone) this.#o.send('RST')
    else if (set.has('FIN') && this.#theirs) {
      if (this.#waiting) this.#wait()
      this.#o.send('ACK')
    } else {
      if (set.has('ACK') && this.#mine === 'sent') this.#mine = 'acknowledged'
      if (set.has('FIN')) this.#theirs = true
      if (this.#mine === 'acknowledged' && this.#theirs && !this.#waiting) {
        if (this.#first) this.#wait()
        else this.#end()
      }
      if (set.has('FIN')) this.#o.send('ACK')
    }
  }

  #wait(): void {
    this.#waiting?.abort()
    const waiting = new AbortController()
    this.#waiting = waiting
    later(2 * this.#o.mslMs, undefined, { signal: waiting.signal }).then(
      () => this.#end(),
      () => undefined,
    )
  }

  #end(): void {
    this.#gone = true
    this.#waiting?.abort()
  }
}

interface Remote {
  readonly inUse: Set<number>
  /** In the order in which they were used last; a port that was never used is not there. */
  readonly freeAt: Map<number, number>
}

export class PortAllocator {
  readonly #o: { first: number; last: number; mslMs: number; now(): number }
  readonly #remotes = new Map<string, Map<number, Remote>>()

  constructor(o: { first: number; last: number; mslMs: number; now(): number }) {
    this.#o = o
  }

  take(remote: Address): number {
    const { inUse, freeAt } = this.#remote(remote)
    const now = this.#o.now()
    const port = this.#unused(inUse, freeAt) ?? oldestOf(freeAt, now)
    if (port !== undefined) {
      freeAt.delete(port)
      inUse.add(port)
      return port
    }
    const soonest = [...freeAt.values()].sort((a, b) => a - b)[0]
    throw Object.assign(new Error('EADDRNOTAVAIL'), {
      code: 'EADDRNOTAVAIL',
      waiting: freeAt.size,
      freeInMs: soonest === undefined ? null : soonest - now,
    })
  }

  release(remote: Address, port: number, closedFirst: boolean): void {
    const { inUse, freeAt } = this.#remote(remote)
    if (!inUse.delete(port)) return
    const now = this.#o.now()
    freeAt.set(port, closedFirst ? now + 2 * this.#o.mslMs : now)
  }

  #unused(inUse: Set<number>, freeAt: Map<number, number>): number | undefined {
    const count = this.#o.last - this.#o.first + 1
    return Array.from({ length: count }, (_, index) => this.#o.first + index).find(
      (port) => !inUse.has(port) && !freeAt.has(port),
    )
  }

  #remote({ host, port }: Address): Remote {
    const ofHost = this.#remotes.get(host) ?? new Map<number, Remote>()
    this.#remotes.set(host, ofHost)
    const remote = ofHost.get(port) ?? { inUse: new Set(), freeAt: new Map() }
    ofHost.set(port, remote)
    return remote
  }
}

function oldestOf(freeAt: Map<number, number>, now: number): number | undefined {
  const free = [...freeAt].filter(([, at]) => at <= now)
  return free.sort(([a, at], [b, other]) => at - other || a - b)[0]?.[0]
}

export function readTcpTable(text: string): object[] {
  const rows: object[] = []
  for (const line of text.split('\n')) {
    const columns = line.split(' ').filter((column) => column !== '')
    if (columns.length === 0 || columns[0] === 'sl') continue
    const [, local = '', remote = '', st = '', , timer = ''] = columns
    const state = BY_NUMBER[Number.parseInt(st, 16) - 1] ?? ''
    const ticks = Number.parseInt(timer.split(':')[1] ?? '', 16)
    const timeWaitMs = state === 'TIME-WAIT' ? ticks * 10 : null
    rows.push({ local: parse(local), remote: parse(remote), state, timeWaitMs })
  }
  return rows
}

function parse(text: string): Address {
  const [digits = '', port = ''] = text.split(':')
  const bytes = Buffer.from(digits, 'hex').swap32()
  if (bytes.length === 4) return { host: [...bytes].join('.'), port: Number.parseInt(port, 16) }
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16))
  return { host: groups.join(':'), port: Number.parseInt(port, 16) }
}

export function countStates(rows: ReadonlyArray<{ readonly state: string }>): Record<string, number> {
  return rows.reduce<Record<string, number>>(
    (counts, { state }) => ({ ...counts, [state]: (counts[state] ?? 0) + 1 }),
    Object.fromEntries([...BY_NUMBER].sort().map((state) => [state, 0])),
  )
}

export async function connectFrom({ host, port }: Address, ports: readonly number[]): Promise<Socket> {
  for (const localPort of ports) {
    const socket = connect({ host, port, localPort, allowHalfOpen: true })
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && code !== 'EADDRNOTAVAIL') throw error
    }
  }
  throw Object.assign(new Error('none of the ports is free'), { code: 'EADDRNOTAVAIL' })
}

export async function requestMany(
  port: number,
  count: number,
  options: { whoCloses: 'client' | 'server' },
): Promise<void> {
  for (let left = count; left > 0; left--) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    try {
      await once(socket, 'connect')
      await exchange(socket, options.whoCloses)
      const closed = socket.closed || once(socket, 'close')
      socket.end()
      await closed
    } finally {
      socket.destroy()
    }
  }
}

async function exchange(socket: Socket, whoCloses: 'client' | 'server'): Promise<void> {
  const close = whoCloses === 'server' ? 'Connection: close\r\n' : ''
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${close}\r\n`)
  const reader = new MessageReader('response')
  let isWhole = false
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    if (reader.push(chunk as Uint8Array).length > 0) isWhole = true
    if (isWhole && whoCloses === 'client') socket.end()
  }
  if (!isWhole) throw new Error('the connection has ended before the response')
}

/** In another style: one switch for all states, lists of what is free, patterns for rows, and callbacks for sockets. */
import net from 'node:net'
import type { Address } from '../../../../labs/kit/http.ts'
import { parseHead } from '../../../../labs/kit/head.ts'
import { field } from '../../../../labs/kit/http.ts'

const NAMES: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '02': 'SYN-SENT',
  '03': 'SYN-RECEIVED',
  '04': 'FIN-WAIT-1',
  '05': 'FIN-WAIT-2',
  '06': 'TIME-WAIT',
  '07': 'CLOSED',
  '08': 'CLOSE-WAIT',
  '09': 'LAST-ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
}

interface Options {
  mslMs: number
  send(flag: string): void
}

export class Closing {
  state = 'ESTABLISHED'
  readonly options: Options
  stop = (): void => undefined

  constructor(options: Options) {
    this.options = options
  }

  close = (): void => {
    switch (this.state) {
      case 'ESTABLISHED':
        this.options.send('FIN')
        this.state = 'FIN-WAIT-1'
        break
      case 'CLOSE-WAIT':
        this.options.send('FIN')
        this.state = 'LAST-ACK'
        break
    }
  }

  receive = (flags: readonly string[]): void => {
    const kind = ['RST', 'FIN', 'ACK'].filter((flag) => flags.includes(flag)).join(' ')
    if (kind.startsWith('RST')) {
      this.stop()
      this.state = 'CLOSED'
      return
    }
    switch (`${this.state}: ${kind}`) {
      case 'ESTABLISHED: FIN':
      case 'ESTABLISHED: FIN ACK':
        return this.acknowledge('CLOSE-WAIT')
      case 'FIN-WAIT-1: ACK':
        this.state = 'FIN-WAIT-2'
        return
      case 'FIN-WAIT-1: FIN':
        return this.acknowledge('CLOSING')
      case 'FIN-WAIT-1: FIN ACK':
      case 'FIN-WAIT-2: FIN':
      case 'FIN-WAIT-2: FIN ACK':
      case 'TIME-WAIT: FIN':
      case 'TIME-WAIT: FIN ACK':
        this.wait()
        return this.acknowledge('TIME-WAIT')
      case 'CLOSING: ACK':
        this.wait()
        this.state = 'TIME-WAIT'
        return
      case 'LAST-ACK: ACK':
        this.state = 'CLOSED'
        return
      default:
        if (this.state === 'CLOSED') this.options.send('RST')
        else if (flags.includes('FIN')) this.acknowledge(this.state)
    }
  }

  acknowledge(state: string): void {
    this.state = state
    this.options.send('ACK')
  }

  wait(): void {
    this.stop()
    const timer = setTimeout(() => (this.state = 'CLOSED'), this.options.mslMs * 2)
    this.stop = () => clearTimeout(timer)
  }
}

interface Range {
  first: number
  last: number
  mslMs: number
  now(): number
}

interface Free {
  readonly port: number
  readonly since: number
}

export class PortAllocator {
  readonly range: Range
  readonly free: Record<string, Free[]> = {}
  readonly busy: Record<string, number[]> = {}

  constructor(range: Range) {
    this.range = range
  }

  take(remote: Address): number {
    const key = JSON.stringify([remote.host, remote.port])
    const free = (this.free[key] ??= this.all())
    free.sort((a, b) => a.since - b.since || a.port - b.port)
    const now = this.range.now()
    const [oldest] = free
    if (oldest && oldest.since <= now) {
      free.shift()
      ;(this.busy[key] ??= []).push(oldest.port)
      return oldest.port
    }
    const error = new Error('every port leads there already')
    throw Object.assign(error, {
      code: 'EADDRNOTAVAIL',
      waiting: free.length,
      freeInMs: oldest ? oldest.since - now : null,
    })
  }

  release(remote: Address, port: number, closedFirst: boolean): void {
    const key = JSON.stringify([remote.host, remote.port])
    const busy = this.busy[key] ?? []
    const at = busy.indexOf(port)
    if (at < 0) return
    busy.splice(at, 1)
    const since = closedFirst ? this.range.now() + 2 * this.range.mslMs : this.range.now()
    this.free[key]?.push({ port, since })
  }

  all(): Free[] {
    const free: Free[] = []
    // Far below every clock, and not an infinity: two of those have no difference.
    for (let { first: port } = this.range; port <= this.range.last; port++)
      free.push({ port, since: -Number.MAX_VALUE })
    return free
  }
}

const ROW =
  /^ *\d+: (?<local>[0-9A-F]+):(?<localPort>[0-9A-F]{4}) (?<remote>[0-9A-F]+):(?<remotePort>[0-9A-F]{4}) (?<st>[0-9A-F]{2}) \S+ \d\d:(?<when>[0-9A-F]+)/gm

export function readTcpTable(text: string): object[] {
  return [...text.matchAll(ROW)].map(({ groups = {} }) => ({
    local: { host: hostOf(groups['local'] ?? ''), port: Number(`0x${groups['localPort']}`) },
    remote: { host: hostOf(groups['remote'] ?? ''), port: Number(`0x${groups['remotePort']}`) },
    state: NAMES[groups['st'] ?? ''],
    timeWaitMs: groups['st'] === '06' ? Number(`0x${groups['when']}`) * 10 : null,
  }))
}

function hostOf(digits: string): string {
  const words: string[] = []
  for (let at = 0; at < digits.length; at += 8) {
    const [a = '', b = '', c = '', d = ''] = digits.slice(at, at + 8).match(/../g) ?? []
    if (digits.length === 8) return [d, c, b, a].map((byte) => Number(`0x${byte}`)).join('.')
    words.push(d + c, b + a)
  }
  return words.join(':')
}

export function countStates(rows: ReadonlyArray<{ state: string }>): Record<string, number> {
  const count = (state: string): number => rows.filter((row) => row.state === state).length
  return Object.fromEntries(Object.values(NAMES).map((state) => [state, count(state)]))
}

export function connectFrom(remote: Address, [first, ...others]: number[]): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    if (first === undefined)
      return reject(Object.assign(new Error('no port left'), { code: 'EADDRNOTAVAIL' }))
    const socket = new net.Socket()
    const fail = (error: NodeJS.ErrnoException): void => {
      const isBusy = error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL'
      if (isBusy) connectFrom(remote, others).then(resolve, reject)
      else reject(error)
    }
    socket.on('error', fail)
    socket.connect({ ...remote, localPort: first, localAddress: '0.0.0.0' }, () => {
      socket.removeListener('error', fail)
      resolve(socket)
    })
  })
}

export function requestMany(
  port: number,
  count: number,
  { whoCloses }: { whoCloses: 'client' | 'server' },
): Promise<void> {
  if (count === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    // The server's FIN is answered by Node, unless ours is out already.
    const socket = net.connect(port, '127.0.0.1')
    let bytes = Buffer.alloc(0)
    let failure: Error | null = null
    socket.on('connect', () => {
      const option = whoCloses === 'client' ? 'keep-alive' : 'Close'
      socket.write(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: ${option}\r\n\r\n`)
    })
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      try {
        if (isWhole(bytes) && whoCloses === 'client') socket.end()
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => {
      if (failure) return reject(failure)
      if (!isWhole(bytes)) return reject(new Error('half a response'))
      requestMany(port, count - 1, { whoCloses }).then(resolve, reject)
    })
  })
}

function isWhole(bytes: Buffer): boolean {
  const head = parseHead(bytes)
  if (head && !head.startLine.startsWith('HTTP/1.')) throw new Error(`no HTTP: ${head.startLine}`)
  return head !== null && bytes.length >= head.length + Number(field(head.headers, 'content-length'))
}

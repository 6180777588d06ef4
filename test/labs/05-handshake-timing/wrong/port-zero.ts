// Takes the empty port of a URL for the number 0.
// fails: R3
// says: port 0
import net, { type Socket } from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { field, type Response } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

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
interface Segment {
  at: number
  from: 'client' | 'server'
  flags: string[]
  carries?: 'request' | 'response' | 'tls'
  lost?: true
}
interface Options {
  rtt: number
  tls: 'none' | '1.2' | '1.3' | '0-rtt'
  method: string
  reused: boolean
  synLost?: number
}
interface Kept {
  socket: Socket
  host: string
}

export async function timeFetch(url: string, deps: Deps): Promise<Phases> {
  const { phases, kept } = await timeOne(url, deps, null)
  kept?.socket.destroy()
  return phases
}

export async function timeMany(urls: string[], deps: Deps): Promise<Phases[]> {
  const all: Phases[] = []
  let kept: Kept | null = null
  for (const url of urls) {
    const done: { phases: Phases; kept: Kept | null } = await timeOne(url, deps, kept)
    all.push(done.phases)
    kept = done.kept
  }
  kept?.socket.destroy()
  return all
}

async function timeOne(
  url: string,
  deps: Deps,
  before: Kept | null,
): Promise<{ phases: Phases; kept: Kept | null }> {
  const { host, hostname, port, pathname, search } = new URL(url)
  const name = hostname.replace(/[[\]]/g, '')
  const start = deps.now()
  const seen: Partial<Phases> = { reused: before?.host === host }
  let last = start
  const mark = (phase: 'dns' | 'connect' | 'request' | 'response'): void => {
    const now = deps.now()
    seen[phase] = now - last
    last = now
  }
  let phase: 'dns' | 'connect' | 'request' | 'response' = 'dns'
  let socket: Socket | null = null
  try {
    if (before && seen.reused) {
      socket = before.socket
      seen.dns = seen.connect = null
    } else {
      before?.socket.destroy()
      const isAddress = net.isIP(name) !== 0
      const address = isAddress ? name : await deps.lookup(name)
      if (isAddress) seen.dns = null
      else mark('dns')
      phase = 'connect'
      socket = await open(Number(port), address)
      mark('connect')
    }
    phase = 'request'
    const response = await exchange(socket, host, pathname + search, () => {
      mark('request')
      phase = 'response'
    })
    mark('response')
    const persists = staysOpen(response)
    if (!persists) socket.destroy()
    const phases = { ...seen, total: last - start } as Phases
    return { phases, kept: persists ? { socket, host } : null }
  } catch (error) {
    mark(phase)
    socket?.destroy()
    throw Object.assign(error as Error, { phases: { ...seen, total: last - start } })
  }
}

function open(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host })
    socket.once('connect', () => resolve(socket))
    socket.on('error', reject)
  })
}

function exchange(socket: Socket, host: string, target: string, onFirst: () => void): Promise<Response> {
  const reader = new MessageReader('response')
  let isFirst = true
  socket.removeAllListeners('data').removeAllListeners('close')
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      if (isFirst) onFirst()
      isFirst = false
      try {
        for (const response of reader.push(chunk)) resolve(response)
      } catch (error) {
        reject(error)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${host} closed before the response was whole`)))
    socket.write(requestFor(host, target))
  })
}

function requestFor(host: string, target: string): Buffer {
  return formatRequest({
    method: 'GET',
    target,
    version: '1.1',
    headers: [['Host', host]],
    body: new Uint8Array(),
  })
}

function staysOpen({ version, headers }: Response): boolean {
  return version === '1.1' && !/(^|,)\s*close\s*(,|$)/i.test(field(headers, 'connection') ?? '')
}

export function setupShare({ dns, connect, total }: Phases): number {
  return total > 0 ? ((dns ?? 0) + (connect ?? 0)) / total : 0
}

export function handshakeTimeline({ rtt, tls, method, reused, synLost = 0 }: Options): Segment[] {
  const half = rtt / 2
  const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
  const segments: Segment[] = []
  let at = 0
  if (!reused) {
    for (let n = 0, wait = 1_000; n < synLost; n++, wait *= 2) {
      segments.push({ at, from: 'client', flags: ['SYN'], lost: true })
      at += wait
    }
    segments.push({ at, from: 'client', flags: ['SYN'] })
    segments.push({ at: at + half, from: 'server', flags: ['SYN', 'ACK'] })
    at += rtt
    segments.push({ at, from: 'client', flags: ['ACK'] })
    const trips = tls === 'none' ? 0 : tls === '1.2' ? 2 : tls === '1.3' ? 1 : isSafe ? 0 : 1
    for (let trip = 0; trip < trips; trip++) {
      segments.push({ at, from: 'client', flags: ['ACK'], carries: 'tls' })
      segments.push({ at: at + half, from: 'server', flags: ['ACK'], carries: 'tls' })
      at += rtt
    }
  }
  segments.push({ at, from: 'client', flags: ['ACK'], carries: 'request' })
  segments.push({ at: at + half, from: 'server', flags: ['ACK'], carries: 'response' })
  return segments
}

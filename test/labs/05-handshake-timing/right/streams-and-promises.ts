// Promises and a generator of pieces that outlives a response; a marker list instead of a stopwatch,
// with the phases computed at the end. The timeline is a list of round trips, mapped to segments.
import { once } from 'node:events'
import { isIP, Socket } from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { field } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

type Deps = { now(): number; lookup(host: string): Promise<string> }
type Phases = {
  dns: number | null
  connect: number | null
  request: number
  response: number
  total: number
  reused: boolean
}
type Pieces = AsyncGenerator<Buffer, void>
type Kept = { socket: Socket; pieces: Pieces; place: string }
type Mark = readonly [phase: string, at: number]

export async function timeFetch(url: string, deps: Deps): Promise<Phases> {
  const { phases, kept } = await transact(url, deps, null)
  await gone(kept)
  return phases
}

export async function timeMany(urls: string[], deps: Deps): Promise<Phases[]> {
  const list: Phases[] = []
  let kept: Kept | null = null
  for (const url of urls) {
    const done: { phases: Phases; kept: Kept | null } = await transact(url, deps, kept)
    list.push(done.phases)
    kept = done.kept
  }
  await gone(kept)
  return list
}

async function transact(
  text: string,
  deps: Deps,
  old: Kept | null,
): Promise<{ phases: Phases; kept: Kept | null }> {
  const start = deps.now()
  const marks: Mark[] = []
  const reached = (phase: string): void => void marks.push([phase, deps.now()])
  const url = new URL(text)
  const reused = old?.place === url.host
  let phase = reused ? 'request' : 'dns'
  let socket = reused ? old.socket : null
  try {
    if (!reused) await gone(old)
    const host = url.hostname.replaceAll(/[[\]]/g, '')
    let address = host
    if (!reused && isIP(host) === 0) {
      address = await deps.lookup(host)
      reached('dns')
    }
    if (!socket) {
      phase = 'connect'
      socket = new Socket()
      await once(socket.connect({ port: Number(url.port || '80'), host: address }), 'connect')
      socket.on('error', () => undefined)
      reached('connect')
    }
    const pieces = reused ? old.pieces : piecesOf(socket)
    phase = 'request'
    socket.write(
      formatRequest({
        method: 'GET',
        target: `${url.pathname}${url.search}`,
        version: '1.1',
        headers: [
          ['Connection', 'keep-alive, X-Board'],
          ['HOST', url.host],
        ],
        body: Buffer.alloc(0),
      }),
    )
    const reader = new MessageReader('response')
    for (;;) {
      const { value } = await pieces.next()
      if (!value) throw new Error('cut short')
      if (phase === 'request') reached('request')
      phase = 'response'
      const [response] = reader.push(value)
      if (!response) continue
      reached('response')
      const words = (field(response.headers, 'connection') ?? '').split(',')
      const isClosing = response.version === '1.0' || words.some((word) => /^\s*close\s*$/i.test(word))
      const kept = { socket, pieces, place: url.host }
      if (isClosing) await gone(kept)
      return { phases: phasesOf(start, marks, reused) as Phases, kept: isClosing ? null : kept }
    }
  } catch (error) {
    reached(phase)
    if (socket) await gone({ socket })
    // What never began is left out, null or not.
    const seen = Object.entries(phasesOf(start, marks, reused)).filter(([, value]) => value !== null)
    throw Object.assign(error as object, { phases: Object.fromEntries(seen) })
  }
}

function phasesOf(start: number, marks: readonly Mark[], reused: boolean): object {
  const spans = marks.map(([phase, at], index) => [phase, at - (marks[index - 1]?.[1] ?? start)])
  const total = (marks.at(-1)?.[1] ?? start) - start
  const nulls = reused
    ? { dns: null, connect: null }
    : marks.some(([phase]) => phase === 'dns')
      ? {}
      : { dns: null }
  return { reused, ...nulls, total, ...Object.fromEntries(spans) }
}

async function* piecesOf(socket: Socket): Pieces {
  yield* socket as AsyncIterable<Buffer>
}

async function gone(kept: { socket: Socket } | null): Promise<void> {
  if (!kept || kept.socket.closed) return
  const closed = new Promise((resolve) => kept.socket.once('close', resolve))
  kept.socket.destroy()
  await closed
}

export const setupShare = (p: Phases): number => {
  const setup = [p.dns, p.connect].reduce<number>((sum, part) => sum + (part ?? 0), 0)
  return p.total > 0 ? setup / p.total : 0
}

type Segment = {
  at: number
  from: 'client' | 'server'
  flags: string[]
  carries?: 'request' | 'response' | 'tls'
  lost?: true
}

export function handshakeTimeline(o: {
  rtt: number
  tls: 'none' | '1.2' | '1.3' | '0-rtt'
  method: string
  reused: boolean
  synLost?: number
}): Segment[] {
  const isSafe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']).has(o.method)
  const handshakes = { none: 0, '1.2': 2, '1.3': 1, '0-rtt': isSafe ? 0 : 1 }[o.tls]
  const lost = o.reused ? 0 : (o.synLost ?? 0)
  let at = 0
  const timeouts = Array.from({ length: lost }, (_, index): Segment => {
    const sent = at
    at += 1_000 * 2 ** index
    return { at: sent, from: 'client', flags: ['SYN'], lost: true }
  })
  const trips = o.reused ? ['http'] : ['tcp', ...Array<string>(handshakes).fill('tls'), 'http']
  const rest = trips.flatMap((trip, index): Segment[] => {
    const leaves = at + index * o.rtt
    const there: Segment = { at: leaves, from: 'client', flags: trip === 'tcp' ? ['SYN'] : ['ACK'] }
    const back: Segment = {
      at: leaves + o.rtt / 2,
      from: 'server',
      flags: trip === 'tcp' ? ['SYN', 'ACK'] : ['ACK'],
    }
    if (trip === 'tcp') return [there, back]
    if (trip === 'tls')
      return [
        { ...there, carries: 'tls' },
        { ...back, carries: 'tls' },
      ]
    return [
      { ...there, carries: 'request' },
      { ...back, carries: 'response' },
    ]
  })
  return [...timeouts, ...rest]
}

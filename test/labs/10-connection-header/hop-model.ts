/**
 * What a right hop has shown by now, as a pure function of what clients, the next hop and the caller of `close()` have
 * done. It knows nothing of sockets.
 */

/** What must be seen, and whose promise it is. */
export interface Due<Value> {
  readonly requirement: string
  readonly value: Value
  /** For the reader of a report: what makes it so. */
  readonly why: string
}

/** How the hop's side of a connection must look; `either` where nothing is promised, or nobody can see it. */
export type End = 'open' | 'FIN' | 'ended' | 'either'

/** What a request says of its connection: those of HTTP/1.0 are `old`. */
export type How = 'new' | 'new, keep-alive' | 'new, close' | 'old' | 'old, keep-alive'

export interface Asked {
  readonly target: string
  readonly method: 'GET' | 'POST' | 'TRACE' | 'OPTIONS'
  readonly how: How
  state: 'waits' | 'at the next hop' | 'answered' | 'cut'
  /** What its answer must say; null where close() came too late for it, or before it. */
  saysClose: boolean | null
}

export interface Client {
  readonly requests: Asked[]
  /** A part of a request has come behind them. */
  begun: boolean
  end: 'open' | 'FIN' | 'RST'
}

/** A connection to the next hop. */
export interface Line {
  /** The request that it is to answer. */
  asked: Asked | null
  /** Whom it has served last. */
  last: Client | null
  /** By what was said on it, or because the next hop has ended it, it is not to be used again. */
  over: boolean
  gone: 'open' | 'FIN' | 'RST'
  /** Bytes have come on it that nobody asked for: when it ends is not said. */
  spoken: boolean
}

export interface Hop {
  readonly clients: readonly Client[]
  readonly lines: readonly Line[]
  /** How many requests of each client had to be answered when close() was called; null before. */
  closing: ReadonlyMap<Client, number> | null
}

/** TRACE and OPTIONS come with no hop left. */
export const isOurs = ({ method }: Asked): boolean => method === 'TRACE' || method === 'OPTIONS'

export const stays = ({ how }: Asked): boolean => how === 'new' || how === 'new, keep-alive'

/** The requests of a client that count: up to the first behind which its connection does not stay. */
export function counted({ requests }: Client): readonly Asked[] {
  const last = requests.findIndex((asked) => !stays(asked))
  return last < 0 ? requests : requests.slice(0, last + 1)
}

/** The one request of a client that is to be forwarded, or answered, now. */
export function turnOf(hop: Hop, client: Client): Asked | null {
  if (isOrphaned(client)) return null
  const first = counted(client).find(({ state }) => state !== 'answered')
  return first && isDue(hop, client, first) ? first : null
}

/** What becomes of its further requests nobody can see, or says. */
export const isOrphaned = (client: Client): boolean => client.end === 'RST' || client.requests.some(isCut)

const isCut = ({ state }: Asked): boolean => state === 'cut'

/** Of requests that wait behind those in progress at close() nothing is asked. */
function isDue({ closing }: Hop, client: Client, request: Asked): boolean {
  return closing === null || client.requests.indexOf(request) < (closing.get(client) ?? 0)
}

/** How many of a client's requests have to be answered if close() is called now: from the first byte on, and one only. */
export function inProgress({ requests, begun }: Client): number {
  const first = requests.findIndex(({ state }) => state !== 'answered')
  return first < 0 ? requests.length + (begun ? 1 : 0) : first + 1
}

/** The answers that a client must have by now, in its order. */
export function answersDue(client: Client): readonly Asked[] {
  const requests = counted(client)
  const open = requests.findIndex(({ state }) => state !== 'answered')
  return open < 0 ? requests : requests.slice(0, open)
}

export function clientEnd(hop: Hop, client: Client): Due<End> {
  const due = (requirement: string, value: End, why: string): Due<End> => ({ requirement, value, why })
  const promise = hop.closing ? 'R15' : 'R11'
  if (client.end === 'RST') return due('R14', 'either', 'it has reset')
  if (client.requests.some(isCut)) return due('R14', 'either', 'its answer was cut')
  const requests = counted(client)
  if (turnOf(hop, client)) return due(promise, 'open', 'an answer is due')
  const last = requests.at(-1)
  if (last && !stays(last) && last.state === 'answered')
    return due('R11', 'FIN', `the answer to a request of ${said(last)} has passed`)
  const isLeft = requests.some(({ state }) => state !== 'answered')
  if (isLeft) return due('R15', 'either', 'close() came while it waited behind another one')
  if (client.end === 'FIN')
    return due('R11', client.begun ? 'ended' : 'FIN', 'the client has ended, and has its answers')
  if (hop.closing && client.begun) {
    const begunFirst = (hop.closing.get(client) ?? 0) > requests.length
    return due('R15', begunFirst ? 'open' : 'either', 'its request has begun')
  }
  if (hop.closing) return due('R15', 'FIN', 'close(), and it is idle')
  return due('R11', 'open', 'nobody has said close on it')
}

const said = ({ how }: Asked): string =>
  how.startsWith('old') ? how.replace('old', 'HTTP/1.0') : how.replace('new', 'HTTP/1.1')

/** How the hop's side of a connection to the next hop looks. */
export function lineEnd(hop: Hop, line: Line): Due<End> {
  const promise = hop.closing ? 'R15' : 'R12'
  const due = (value: End, why: string): Due<End> => ({ requirement: promise, value, why })
  if (line.gone === 'RST' || line.last?.end === 'RST') return due('either', 'somebody has reset')
  if (line.spoken) return due('either', 'it has spoken unasked')
  if (line.over || line.gone === 'FIN')
    return due('ended', 'by version and options of its answer, or by its FIN, it does not stay')
  if (line.asked) return due('open', 'an answer is due on it')
  const isServed = line.last !== null && clientEnd(hop, line.last).value === 'open'
  if (hop.closing || !isServed) return due('either', 'nobody needs it')
  return due('open', 'it stays, and its client is connected')
}

/** A kept connection that waits for the next request of this client. */
export const isFreeFor = (client: Client, line: Line): boolean =>
  line.last === client && line.asked === null && !line.over && line.gone === 'open'

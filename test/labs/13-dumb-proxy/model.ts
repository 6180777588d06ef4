/**
 * What right proxies have shown by now, as a pure function of what clients, origins and the caller of `close()` have
 * done. It knows nothing of sockets.
 */

/** What must be seen, and whose promise it is. */
export interface Due<Value> {
  readonly requirement: string
  readonly value: Value
  /** For the reader of a report: what makes it so. */
  readonly why: string
}

/** How the proxy's side of a connection must look; `either` where nothing is promised, or nobody can see it. */
export type End = 'open' | 'FIN' | 'ended' | 'either'
export type After = 'wait-for-origin' | 'close'

// --- the dumb proxy ---

/** What one client of the dumb proxy and its origin have done. */
export interface Relay {
  asked: 'nothing' | 'a part' | 'a request'
  answered: 'nothing' | 'a part' | 'an answer'
  client: 'open' | 'FIN' | 'RST'
  origin: 'open' | 'FIN' | 'RST'
  /** close() found nothing of a request. */
  wasIdle: boolean
}

/** Whether the origin has the request by now, and how both connections look. */
export function shownByDumb(after: After, relay: Relay): Record<'client' | 'origin', Due<End>> {
  const due = (requirement: string, value: End, why: string): Due<End> => ({ requirement, value, why })
  if (relay.client === 'RST') {
    const origin = due('R1', relay.origin === 'RST' ? 'either' : 'ended', 'the client has reset')
    return { client: due('R1', 'either', 'it has reset'), origin }
  }
  if (relay.asked !== 'a request') {
    if (relay.wasIdle) return both(due('R1', 'FIN', 'close(), and nothing has come'))
    const left = due('R1', 'ended', 'the client has ended before its request was whole')
    return both(relay.client === 'FIN' ? left : due('R1', 'open', 'no whole request has come'))
  }
  if (after === 'close' && relay.answered === 'an answer')
    return {
      client: due('R3', 'FIN', 'the answer is whole'),
      origin: due('R3', relay.origin === 'RST' ? 'either' : 'FIN', 'the answer is whole'),
    }
  if (relay.origin === 'FIN') return both(due('R1', 'FIN', 'the origin has ended'))
  if (relay.origin === 'RST')
    return { client: due('R1', 'ended', 'the origin has reset'), origin: due('R1', 'either', 'it has reset') }
  return both(due(after === 'close' ? 'R3' : 'R2', 'open', 'the origin has not ended'))
}

function both(due: Due<End>): Record<'client' | 'origin', Due<End>> {
  return { client: due, origin: due }
}

// --- the smart proxy ---

export interface Asked {
  readonly target: string
  readonly method: 'GET' | 'POST'
  /** `old` is HTTP/1.0: nothing follows it, and nothing follows `close`. */
  readonly how: 'new' | 'close' | 'old'
  state: 'waits' | 'at the origin' | 'answered' | 'cut'
  /** Its answer came in chunks, or up to a FIN. */
  isReframed?: boolean
}

export interface Client {
  readonly requests: Asked[]
  /** A part of a request has come behind them. */
  begun: boolean
  end: 'open' | 'FIN' | 'RST'
}

/** A connection to the origin. */
export interface Line {
  /** The request that it is to answer. */
  asked: Asked | null
  /** It is not to be used again: the origin said close, spoke HTTP/1.0, or has ended. */
  over: boolean
  /** The origin has ended its side. */
  gone: 'open' | 'FIN' | 'RST'
  /** Whoever had asked is gone, so the proxy may end it. */
  orphaned: boolean
}

export interface Smart {
  readonly clients: readonly Client[]
  readonly lines: readonly Line[]
  /** How many requests of each client were in progress when close() was called; null before. */
  closing: ReadonlyMap<Client, number> | null
}

/** The requests of a client that count: up to the last one, and at close() those in progress. */
export function counted(smart: Smart, client: Client): readonly Asked[] {
  const last = client.requests.findIndex(({ how }) => how !== 'new')
  return last < 0 ? client.requests : client.requests.slice(0, last + 1)
}

/** The answers that a client must have by now: in its order, up to the first that is due from the origin. */
export function answersDue(smart: Smart, client: Client): Due<readonly Asked[]> {
  const requests = counted(smart, client)
  const open = requests.findIndex(({ state }) => state !== 'answered')
  const why = 'the origin has answered'
  return { requirement: promiseTo(smart, client), value: open < 0 ? requests : requests.slice(0, open), why }
}

/** Requests that must be on their way: of each client the first, of all of them one at least. */
export function waiting(smart: Smart): readonly Asked[] {
  const served = smart.clients.filter(({ end, requests }) => end !== 'RST' && !requests.some(isCut))
  return served.flatMap((client) => {
    const first = counted(smart, client).find(({ state }) => state !== 'answered')
    return first && first.state === 'waits' && isDue(smart, client, first) ? [first] : []
  })
}

const isCut = ({ state }: Asked): boolean => state === 'cut'

/** Of requests that wait behind those in progress at close() nothing is asked. */
function isDue({ closing }: Smart, client: Client, request: Asked): boolean {
  return closing === null || client.requests.indexOf(request) < (closing.get(client) ?? 0)
}

/** How many of a client's requests have to be answered if close() is called now: from the first byte on, and one only. */
export function inProgress({ requests, begun }: Client): number {
  const first = requests.findIndex(({ state }) => state !== 'answered')
  return first < 0 ? requests.length + (begun ? 1 : 0) : first + 1
}

export function clientEnd(smart: Smart, client: Client): Due<End> {
  const due = (requirement: string, value: End, why: string): Due<End> => ({ requirement, value, why })
  if (client.end === 'RST') return due('R8', 'either', 'it has reset')
  if (client.requests.some(isCut)) return due('R4', 'either', 'the origin has cut an answer')
  const requests = counted(smart, client)
  const open = requests.filter((request) => request.state !== 'answered' && isDue(smart, client, request))
  if (open.length > 0) return due(promiseTo(smart, client), 'open', 'an answer is due')
  const last = requests.at(-1)
  if (last?.how === 'old') return due('R9', 'FIN', 'the answer to an HTTP/1.0 client has passed')
  if (last?.how === 'close') return due('R8', 'FIN', 'the answer to a request with close has passed')
  if (client.end === 'FIN')
    return due('R4', client.begun ? 'ended' : 'FIN', 'the client has ended, and has its answers')
  const isLeft = requests.some(({ state }) => state !== 'answered')
  if (isLeft) return due('R10', 'either', 'close() came while it waited behind another one')
  if (smart.closing && client.begun) {
    const begunFirst = (smart.closing.get(client) ?? 0) > requests.length
    return due('R10', begunFirst ? 'open' : 'either', 'its request has begun')
  }
  if (smart.closing) return due('R10', 'FIN', 'close(), and it is idle')
  return due(smart.lines.some(({ over }) => over) ? 'R8' : 'R4', 'open', 'nobody has said close')
}

/** How the proxy's side of a connection to the origin looks. */
export function lineEnd({ closing, clients }: Smart, line: Line): Due<End> {
  const due = (value: End, why: string): Due<End> => ({ requirement: closing ? 'R10' : 'R8', value, why })
  if (line.gone === 'RST' || line.orphaned) return due('either', 'it has reset, or whoever asked is gone')
  if (line.over || line.gone === 'FIN') return due('ended', 'it will not be used again')
  if (closing && line.asked === null) return due('either', 'close()')
  return due('open', clients.length > 1 ? 'it is kept, for whoever asks next' : 'it is kept')
}

/** A kept connection that waits for the next request. */
export const isFree = (line: Line): boolean =>
  line.asked === null && !line.over && line.gone === 'open' && !line.orphaned

/** Whose promise it is that this client is served. */
export function promiseTo({ clients, lines, closing }: Smart, client: Client): string {
  if (closing) return 'R10'
  if (client.requests.some(({ how }) => how === 'old')) return 'R9'
  return clients.length > 1 || lines.some(({ over }) => over) ? 'R8' : 'R4'
}

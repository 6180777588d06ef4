/**
 * What a right program of lab 17 has shown by now, from what has happened until now. Nothing here knows of sockets.
 * Times are milliseconds of the clock that the checks move.
 */

/** What has happened to a socket that the program holds. */
export interface SocketEvent {
  readonly at: number
  readonly is:
    | 'closeGracefully()'
    | 'end()'
    | 'destroy()'
    | 'queue stuck'
    | 'queue free'
    | 'FIN of the peer'
    | 'RST of the peer'
}

export interface SocketShown {
  /** When our FIN has left, behind everything that was queued; null before. */
  readonly finAt: number | null
  /** What has become of the promise of `closeGracefully`. */
  readonly ending: 'pending' | 'clean' | 'forced'
}

export function socketShows(events: readonly SocketEvent[], timeoutMs: number, now: number): SocketShown {
  const first = (is: SocketEvent['is']): number | null => events.find((event) => event.is === is)?.at ?? null
  const called = first('closeGracefully()')
  const ended = earliest(called, first('end()'))
  const broken = events.find(({ is }) => is === 'RST of the peer' || is === 'destroy()')
  const finAt = ended === null ? null : leftAt(events, ended)
  const theirs = first('FIN of the peer')
  const both = finAt === null || theirs === null ? null : Math.max(finAt, theirs)
  if (called === null) return { finAt, ending: 'pending' }
  // The time runs from our FIN, and from the call where the FIN was out before it.
  const deadline = finAt === null ? Infinity : Math.max(finAt, called) + timeoutMs
  if (broken && !(both !== null && isBehind(events, broken))) return { finAt, ending: 'forced' }
  if (both !== null && both <= deadline) return { finAt, ending: 'clean' }
  return { finAt, ending: now >= deadline ? 'forced' : 'pending' }
}

/** What has happened on a connection to `serveThenClose`. */
export interface ClientEvent {
  readonly at: number
  readonly is: 'request' | 'answer' | 'FIN' | 'RST' | 'close()'
  /** Whose handler has answered: 0 is the first request of the connection. */
  readonly request?: number
}

export interface ClientShown {
  /** Requests that may be given to the handler; those behind them never are. */
  readonly taken: number
  /** Answers that have left. */
  readonly answers: number
  /** When FIN has left, behind the last answer; null before. */
  readonly finAt: number | null
  /** Nothing is left of the connection: both FINs are through, it was reset, or the time was up. */
  readonly gone: boolean
  /** What has ended the requests, and the requirement that speaks of it. */
  readonly because: 'R6' | 'R7' | 'R8'
}

export function clientShows(
  events: readonly ClientEvent[],
  { maxRequests, timeoutMs }: { readonly maxRequests: number; readonly timeoutMs: number },
  now: number,
): ClientShown {
  let [taken, answers, hasEnded] = [0, 0, false]
  let because: ClientShown['because'] | null = null
  let [finAt, goneAt]: [number | null, number | null] = [null, null]
  const ready = new Set<number>()
  for (const { at, is, request = -1 } of events) {
    if (goneAt !== null || (finAt !== null && at >= finAt + timeoutMs)) break
    if (is === 'request' && because === null) taken++
    if (is === 'answer') ready.add(request)
    if (is === 'FIN') hasEnded = true
    if (is === 'RST') goneAt = at
    while (ready.has(answers)) answers++
    if (taken === maxRequests) because ??= 'R6'
    if (is === 'FIN') because ??= 'R7'
    if (is === 'close()') because ??= 'R8'
    if (because !== null && answers === taken && goneAt === null) finAt ??= at
    if (finAt !== null && hasEnded) goneAt ??= at
  }
  const gone = goneAt !== null || (finAt !== null && now >= finAt + timeoutMs)
  return { taken, answers, finAt, gone, because: because ?? 'R6' }
}

/** What `refuseUpload` has answered to these bytes, by now. */
export type UploadAnswer =
  | { readonly is: 'none'; readonly end: 'open' | 'FIN'; readonly why: string }
  | { readonly is: 'answer'; readonly status: 200 | 413; readonly body: string | null; readonly why: string }
  /** The page leaves open what it is, and that it is no 200. */
  | { readonly is: 'no 200' }

export function uploadShows(
  bytes: Buffer,
  maxBytes: number,
  client: { readonly hasEnded: boolean; /** When `close()` was called. */ readonly wasSilent: boolean },
): UploadAnswer {
  if (client.wasSilent) return { is: 'none', end: 'FIN', why: 'it was idle at close()' }
  const blank = bytes.indexOf('\r\n\r\n')
  const value = /^content-length:[ \t]*(.*?)[ \t]*$/im.exec(
    bytes.toString('latin1', 0, Math.max(blank, 0)),
  )?.[1]
  if (blank >= 0 && !/^\d+$/.test(value ?? '')) return { is: 'no 200' }
  const [length, arrived] = [Number(value), bytes.length - blank - 4]
  if (blank >= 0 && length > maxBytes)
    return { is: 'answer', status: 413, body: null, why: `${length} bytes are more than ${maxBytes}` }
  if (blank >= 0 && arrived >= length)
    return { is: 'answer', status: 200, body: String(length), why: `all ${length} bytes have come` }
  if (client.hasEnded)
    return { is: 'none', end: 'FIN', why: 'the client has ended before its upload was whole' }
  const why = blank < 0 ? 'the head is not whole' : `${arrived} of ${length} bytes have come`
  return { is: 'none', end: 'open', why }
}

// --- internal ---

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** When a FIN left that was given at `ended`: with the queue stuck, not before it is free. */
function leftAt(events: readonly SocketEvent[], ended: number): number | null {
  const stuck = events.some(({ is }) => is === 'queue stuck')
  if (!stuck) return ended
  const free = events.find(({ is }) => is === 'queue free')
  return free ? Math.max(free.at, ended) : null
}

/** Whether both FINs were through before it. */
function isBehind(events: readonly SocketEvent[], broken: SocketEvent): boolean {
  const before = events.slice(0, events.indexOf(broken))
  const has = (...kinds: Array<SocketEvent['is']>): boolean => before.some(({ is }) => kinds.includes(is))
  const isStuck = has('queue stuck') && !has('queue free')
  return has('closeGracefully()', 'end()') && has('FIN of the peer') && !isStuck
}

/** What a right reader and a right server have shown by now. It knows nothing of sockets, and of no table. */

export type Kind = 'request' | 'response'

/** Whose status is not 400. */
const OTHERS: ReadonlyArray<readonly [status: number, ...codes: string[]]> = [
  [413, 'BODY_TOO_LARGE', 'EXTENSIONS_TOO_LARGE'],
  [414, 'URI_TOO_LONG'],
  [431, 'HEAD_TOO_LARGE', 'TRAILERS_TOO_LARGE'],
  [501, 'UNKNOWN_CODING'],
  [505, 'VERSION_NOT_SPOKEN'],
]

/** What is wrong with a response is wrong at the server behind a gateway: 502. */
export function statusOf(kind: Kind, code: string): number {
  if (kind === 'response') return 502
  return OTHERS.find(([, ...codes]) => codes.includes(code))?.[0] ?? 400
}

/** A part of a stream: a message, or what comes between two. */
export interface Part<T> {
  readonly bytes: Uint8Array
  readonly message: T | null
}

/** The messages that have come whole with the first `sent` bytes; one that goes on to the FIN, with the FIN. */
export function wholeBy<T>(parts: ReadonlyArray<Part<T>>, sent: number): T[] {
  const whole: T[] = []
  let end = 0
  for (const { bytes, message } of parts) {
    end += bytes.length
    if (end > sent) break
    if (message !== null) whole.push(message)
  }
  return whole
}

/** What a client has done, and what has become of its requests. */
export type ServerEvent =
  /** A request has come whole; `last` says that its connection ends behind it. */
  | { readonly is: 'request'; readonly last: boolean }
  | { readonly is: 'refused'; readonly status: number }
  /** A part of a request has come. */
  | { readonly is: 'part' }
  | { readonly is: 'FIN' }
  | { readonly is: 'close()' }
  /** The handler has its answer to this request, or will have it at once. */
  | { readonly is: 'ready'; readonly request: number }

export interface ServerShown {
  /** Requests that have come whole before anything ended them. */
  readonly accepted: number
  /** Requests that the handler has been given. */
  readonly given: number
  readonly answered: number
  /** The status that follows the answers; null while there is none. */
  readonly refusal: number | null
  /** A request that was cut off may be told 400, or not. */
  readonly mayRefuse: boolean
  readonly fin: boolean
  /** Whose promise the end is. */
  readonly because: 'R14' | 'R15'
}

/** One request at a time, in order, and nothing behind what ends them. */
export function serverShows(events: readonly ServerEvent[]): ServerShown {
  const ready = new Set<number>()
  let [accepted, over, status, mayRefuse, hasPart] = [0, false, null as number | null, false, false]
  for (const event of events) {
    if (event.is === 'ready') ready.add(event.request)
    if (over) continue
    if (event.is === 'part') hasPart = true
    if (event.is === 'request') [accepted, hasPart, over] = [accepted + 1, false, event.last]
    if (event.is === 'refused') [status, over] = [event.status, true]
    if (event.is === 'FIN') [mayRefuse, over] = [hasPart, true]
    if (event.is === 'close()') over = true
  }
  let answered = 0
  while (answered < accepted && ready.has(answered)) answered++
  const isDone = answered === accepted
  const isClosing = events.some(({ is }) => is === 'close()')
  return {
    accepted,
    given: Math.min(accepted, answered + 1),
    answered,
    refusal: isDone ? status : null,
    mayRefuse,
    fin: over && isDone,
    because: status === null || isClosing ? 'R15' : 'R14',
  }
}

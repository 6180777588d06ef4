import type { Ask } from './server-asks.ts'

/** What has happened to a server of lab 12, and what it has been asked for. */

export interface Limits {
  readonly idleMs: number
  readonly maxRequests: number
}

export type Act =
  | { readonly act: 'connect'; readonly how: 'reading' | 'paused' }
  /** One write: parts of requests, each from one of its bytes to another. */
  | { readonly act: 'send'; readonly client: number; readonly parts: readonly SentPart[] }
  | { readonly act: 'fin' | 'reset' | 'read'; readonly client: number }
  /** The handler that waits with this request returns, or rejects. */
  | { readonly act: 'returns' | 'rejects'; readonly ask: Ask }
  | { readonly act: 'tick'; readonly milliseconds: number }
  | { readonly act: 'close' }

export interface SentPart {
  readonly ask: Ask
  readonly from: number
  readonly to: number
}

/** What has been seen so far. */
export interface Seen {
  readonly clients: readonly SeenClient[]
  readonly handled: readonly Handled[]
  /** Each call of close(). */
  readonly closes: ReadonlyArray<'pending' | 'resolved' | 'rejected'>
}

export interface SeenClient {
  readonly answers: readonly Answer[]
  /** Bytes behind the last whole answer. */
  readonly rest: number
  readonly ended: 'open' | 'FIN' | 'RST'
}

export interface Answer {
  readonly status: number
  readonly fields: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
}

export type Handled = Pick<Ask, 'method' | 'target' | 'version' | 'fields' | 'body'>

/** The promise that broke. */
export interface Broken {
  readonly requirement: string
  readonly expected: string
  readonly saw: string
}

export type Result = 'none yet' | 'response' | 'failure'

export interface Line {
  readonly name: string
  /** Whole requests that have not been answered. */
  readonly waiting: Ask[]
  /** What has been asked for, answered or not; handlers may be called for these. */
  readonly asked: Ask[]
  /** A request of which a part has come. */
  part: Ask | null
  answered: number
  /** How long the last answer took, from the first byte of its request. */
  lastTook: number
  idleFrom: number
  /** Since when whatever is under way has been under way. */
  busyFrom: number
  /** Why no further answer may come; FIN has to be there. */
  over: Broken | null
  overAt: number
  /** Bytes lie behind its last request: whoever does not read them hears of no FIN. */
  isCluttered: boolean
  hasEnded: boolean
  isPaused: boolean
  /** Reset by its client, or ended for what it sent: nothing is promised any more. */
  isGone: boolean
  lastVersion: '1.0' | '1.1'
}

export interface State {
  readonly limits: Limits
  readonly lines: Line[]
  /** What the handler has made of each request so far. */
  readonly results: Map<Ask, Result>
  /** Results that were there when close() was called: their answers may be on their way already. */
  readonly early: Set<Ask>
  now: number
  isClosing: boolean
}

export const serving = (limits: Limits): State => ({
  limits,
  lines: [],
  results: new Map(),
  early: new Set(),
  now: 0,
  isClosing: false,
})

/** What an act makes of it. */
export function apply(state: State, act: Act): void {
  switch (act.act) {
    case 'connect':
      state.lines.push(lineNamed(`connection ${state.lines.length + 1}`, state.now, act.how))
      break
    case 'send':
      send(state, lineOf(state, act.client), act.parts)
      break
    case 'returns':
    case 'rejects':
      state.results.set(act.ask, act.act === 'returns' ? 'response' : 'failure')
      break
    case 'tick':
      state.now += act.milliseconds
      break
    case 'close':
      close(state)
      break
    default:
      end(state, lineOf(state, act.client), act.act)
  }
}

// --- internal ---

function lineOf(state: State, client: number): Line {
  return state.lines[client] as Line
}

function send(state: State, line: Line, parts: readonly SentPart[]): void {
  for (const { ask, from, to } of parts) {
    line.isCluttered ||= line.over !== null
    if (line.over || line.hasEnded) return
    if (line.waiting.length === 0 && line.part === null) line.busyFrom = state.now
    line.part = to < ask.bytes.length ? ask : null
    if (from === 0 && ask.handler === 'returns') state.results.set(ask, 'response')
    if (from === 0 && ask.handler === 'rejects') state.results.set(ask, 'failure')
    if (line.part === null) line.waiting.push(ask)
    if (line.part === null) line.asked.push(ask)
  }
}

function close(state: State): void {
  state.isClosing = true
  for (const [ask, result] of state.results) if (result !== 'none yet') state.early.add(ask)
}

function end(state: State, line: Line, act: 'fin' | 'reset' | 'read'): void {
  if (act === 'read') line.isPaused = false
  line.hasEnded ||= act === 'fin'
  line.isGone ||= act === 'reset'
}

function lineNamed(name: string, now: number, how: 'reading' | 'paused'): Line {
  return {
    name,
    waiting: [],
    asked: [],
    part: null,
    answered: 0,
    lastTook: 0,
    idleFrom: now,
    busyFrom: now,
    over: null,
    overAt: Number.POSITIVE_INFINITY,
    isCluttered: false,
    hasEnded: false,
    isPaused: how === 'paused',
    isGone: false,
    lastVersion: '1.1',
  }
}

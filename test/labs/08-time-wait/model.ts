/** What an end of a connection and a list of ports have shown by now: pure functions of what has happened. */

// --- the states ---

export type State =
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSING'
  | 'TIME-WAIT'
  | 'CLOSE-WAIT'
  | 'LAST-ACK'
  | 'CLOSED'

/** `close()` of the program's, and segments of the peer's. */
export const EVENTS = ['close()', 'FIN', 'ACK', 'FIN+ACK', 'RST', 'RST+ACK'] as const

export type Event = (typeof EVENTS)[number]

/** One end: its state, what it has sent, and how long it will still wait in TIME-WAIT. */
export interface End {
  readonly state: State
  readonly sent: readonly string[]
  readonly waitsMs: number
  /** Whose promise the last event was about. */
  readonly requirement: string
}

export const BEGINNING: End = { state: 'ESTABLISHED', sent: [], waitsMs: 0, requirement: 'R1' }

/** Where it leads, what is sent for it, and whose promise that is. */
type Cell = readonly [state: State, sends: string, requirement: string]
type Row = Readonly<Record<'close()' | 'FIN' | 'ACK' | 'FIN+ACK', Cell>>

/** RFC 9293 §3.10.4 and §3.10.7, cell by cell. RST is the same everywhere. */
const TABLE: Readonly<Record<State, Row>> = {
  ESTABLISHED: {
    'close()': ['FIN-WAIT-1', 'FIN', 'R1'],
    FIN: ['CLOSE-WAIT', 'ACK', 'R2'],
    ACK: ['ESTABLISHED', '', 'R1'],
    'FIN+ACK': ['CLOSE-WAIT', 'ACK', 'R2'],
  },
  'FIN-WAIT-1': {
    'close()': ['FIN-WAIT-1', '', 'R1'],
    FIN: ['CLOSING', 'ACK', 'R3'],
    ACK: ['FIN-WAIT-2', '', 'R1'],
    'FIN+ACK': ['TIME-WAIT', 'ACK', 'R1'],
  },
  'FIN-WAIT-2': {
    'close()': ['FIN-WAIT-2', '', 'R1'],
    FIN: ['TIME-WAIT', 'ACK', 'R1'],
    ACK: ['FIN-WAIT-2', '', 'R1'],
    'FIN+ACK': ['TIME-WAIT', 'ACK', 'R1'],
  },
  CLOSING: {
    'close()': ['CLOSING', '', 'R3'],
    FIN: ['CLOSING', 'ACK', 'R5'],
    ACK: ['TIME-WAIT', '', 'R3'],
    'FIN+ACK': ['CLOSING', 'ACK', 'R5'],
  },
  'TIME-WAIT': {
    'close()': ['TIME-WAIT', '', 'R4'],
    FIN: ['TIME-WAIT', 'ACK', 'R4'],
    ACK: ['TIME-WAIT', '', 'R4'],
    'FIN+ACK': ['TIME-WAIT', 'ACK', 'R4'],
  },
  'CLOSE-WAIT': {
    'close()': ['LAST-ACK', 'FIN', 'R2'],
    FIN: ['CLOSE-WAIT', 'ACK', 'R5'],
    ACK: ['CLOSE-WAIT', '', 'R2'],
    'FIN+ACK': ['CLOSE-WAIT', 'ACK', 'R5'],
  },
  'LAST-ACK': {
    'close()': ['LAST-ACK', '', 'R2'],
    FIN: ['LAST-ACK', 'ACK', 'R5'],
    ACK: ['CLOSED', '', 'R2'],
    'FIN+ACK': ['LAST-ACK', 'ACK', 'R5'],
  },
  CLOSED: {
    'close()': ['CLOSED', '', 'R6'],
    FIN: ['CLOSED', 'RST', 'R6'],
    ACK: ['CLOSED', 'RST', 'R6'],
    'FIN+ACK': ['CLOSED', 'RST', 'R6'],
  },
}

export const STATES = Object.keys(TABLE) as State[]

/** The shortest ways into each state. */
export const WAYS: Readonly<Record<State, readonly Event[]>> = {
  ESTABLISHED: [],
  'FIN-WAIT-1': ['close()'],
  'FIN-WAIT-2': ['close()', 'ACK'],
  CLOSING: ['close()', 'FIN'],
  'TIME-WAIT': ['close()', 'ACK', 'FIN'],
  'CLOSE-WAIT': ['FIN'],
  'LAST-ACK': ['FIN', 'close()'],
  CLOSED: ['FIN', 'close()', 'ACK'],
}

export function after(end: End, event: Event, mslMs: number): End {
  if (event === 'RST' || event === 'RST+ACK')
    return { state: 'CLOSED', sent: end.sent, waitsMs: 0, requirement: 'R6' }
  const [state, sends, requirement] = TABLE[end.state][event]
  const begins = state === 'TIME-WAIT' && (end.state !== state || event.startsWith('FIN'))
  const waitsMs = begins ? 2 * mslMs : end.waitsMs
  return { state, sent: sends ? [...end.sent, sends] : end.sent, waitsMs, requirement }
}

/** Time moves TIME-WAIT alone. */
export function later(end: End, milliseconds: number): End {
  if (end.state !== 'TIME-WAIT') {
    const requirement = end.state === 'CLOSED' ? 'R6' : 'R4'
    return { ...end, requirement }
  }
  const waitsMs = Math.max(0, end.waitsMs - milliseconds)
  return { ...end, waitsMs, state: waitsMs > 0 ? 'TIME-WAIT' : 'CLOSED', requirement: 'R4' }
}

// --- the ports ---

/** What became of one port for one destination. */
export interface Use {
  readonly port: number
  readonly open: boolean
  /** When it is free, or was; never for one that is open, always for one that was not used. */
  readonly freeAt: number
}

export type Uses = readonly Use[]

export type Taken =
  | { readonly port: number }
  | { readonly port: null; readonly waiting: number; readonly freeInMs: number | null }

export function unused(first: number, last: number): Uses {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    port: first + index,
    open: false,
    freeAt: -Infinity,
  }))
}

/** The port that has been free for the longest; the lowest of several. */
export function take(uses: Uses, now: number): readonly [Taken, Uses] {
  const free = uses
    .filter(({ open, freeAt }) => !open && freeAt <= now)
    .sort((a, b) => (a.freeAt === b.freeAt ? a.port - b.port : a.freeAt - b.freeAt))
  const [oldest] = free
  if (oldest)
    return [
      { port: oldest.port },
      uses.map((use) => (use === oldest ? { ...use, open: true, freeAt: Infinity } : use)),
    ]
  const waiting = uses.filter(({ open }) => !open).map(({ freeAt }) => freeAt - now)
  const freeInMs = waiting.length > 0 ? Math.min(...waiting) : null
  return [{ port: null, waiting: waiting.length, freeInMs }, uses]
}

export function release(uses: Uses, port: number, freeAt: number): Uses {
  return uses.map((use) => (use.port === port && use.open ? { ...use, open: false, freeAt } : use))
}

/**
 * Whose promise it breaks to give this port, or none, where the model gives another.
 *
 * @param elsewhere - Ports that are in use for another destination.
 */
export function blamed(
  uses: Uses,
  expected: Taken,
  seen: number | null,
  now: number,
  elsewhere: readonly number[] = [],
): string {
  if (seen === null) {
    // A port that was never used, or is in use elsewhere alone, was there.
    const fresh = uses.some(({ freeAt }) => freeAt === -Infinity)
    return expected.port === null ? 'R10' : fresh ? 'R7' : 'R8'
  }
  const use = uses.find(({ port }) => port === seen)
  if (!use || use.open) return 'R7'
  if (use.freeAt > now) return 'R8'
  // It has passed over one that is in use elsewhere, and took one that is not: that is no matter of age.
  const isAvoided = expected.port !== null && elsewhere.includes(expected.port) && !elsewhere.includes(seen)
  return isAvoided ? 'R7' : 'R9'
}

/** What a congestion window is by now, and how long a page takes: pure functions of what has happened. */

export interface Sizes {
  readonly mss: number
  readonly receiveWindow: number
  /** Not given: RFC 6928 §2. */
  readonly initialWindow?: number
}

// --- the window ---

/** Something that happens to a sender, in bytes and milliseconds. */
export type Happening =
  | { readonly acked: number }
  | { readonly duplicate: number }
  | { readonly timeout: number }
  | { readonly idle: readonly [ms: number, rtoMs: number] }

export interface Sender {
  readonly window: number
  readonly threshold: number
  readonly counted: number
  readonly duplicates: number
  /** The timer has run out, and nothing new was acknowledged since. */
  readonly resent: boolean
  /** Who has set the threshold: the requirement that promises it. */
  readonly setBy: 'R2' | 'R5' | 'R6' | 'R7'
}

export const initialOf = ({ mss, initialWindow }: Sizes): number =>
  initialWindow ?? Math.min(10 * mss, Math.max(2 * mss, 14_600))

export function beginning(sizes: Sizes): Sender {
  const window = initialOf(sizes)
  return { window, threshold: Infinity, counted: 0, duplicates: 0, resent: false, setBy: 'R2' }
}

/** Whether `idle` can be told now: after duplicates something is still in flight. */
export const mayBeIdle = ({ duplicates }: Sender): boolean => duplicates === 0

export function after(sender: Sender, happening: Happening, sizes: Sizes): Sender {
  if ('acked' in happening) return acked(sender, happening.acked, sizes)
  if ('duplicate' in happening) return duplicate(sender, happening.duplicate, sizes)
  if ('timeout' in happening) return timeout(sender, happening.timeout, sizes)
  const [ms, rtoMs] = happening.idle
  if (ms <= rtoMs) return sender
  return { ...sender, window: Math.min(sender.window, initialOf(sizes)), counted: 0, setBy: 'R7' }
}

export const sendable = ({ window }: Sender, inFlight: number, { receiveWindow }: Sizes): number =>
  Math.max(0, Math.min(window, receiveWindow) - inFlight)

/** Whose promise it is that the window has another size than this one. */
export function blamed(before: Sender, happening: Happening, next: Sender, seen: unknown): string {
  if ('duplicate' in happening) return 'R6'
  if ('timeout' in happening) return 'R5'
  if ('idle' in happening) return 'R7'
  if (before.duplicates >= 3) return 'R6'
  const grown = Number(seen) - before.window
  if (before.window < before.threshold) return before.setBy
  // A threshold that is too high ends slow start too late.
  return grown > 0 && next.window === before.window && grown === happening.acked ? before.setBy : 'R4'
}

// --- the flights ---

export interface Page {
  readonly first: number
  readonly others: readonly number[]
}

export type Way = 'serial' | 'parallel' | 'persistent' | 'pipelined'

export interface Journey extends Sizes {
  readonly connections?: number
  readonly pauseMs?: number
  readonly rtoMs?: number
}

/** The bytes of each flight of one answer, and the window after it. */
export function flightsOf(bytes: number, begin: number, { receiveWindow }: Sizes): number[] {
  const flights = []
  let sent = 0
  // By now the window has what it began with, and each byte that was acknowledged.
  while (sent < bytes) {
    const flight = Math.min(begin + sent, receiveWindow, bytes - sent)
    flights.push(flight)
    sent += flight
  }
  return flights
}

export function roundTripsOf({ first, others }: Page, way: Way, o: Journey): number {
  const initial = initialOf(o)
  const lengthOf = (bytes: number, window: number): number => flightsOf(bytes, window, o).length
  const alone = (bytes: number): number => 1 + lengthOf(bytes, initial)
  if (way === 'serial') return alone(first) + sum(others.map(alone))
  if (way === 'parallel') return alone(first) + Math.max(0, ...others.map(alone))
  const isCold = (o.pauseMs ?? 0) > (o.rtoMs ?? Infinity)
  const warm = isCold ? initial : initial + first
  if (way === 'pipelined') return alone(first) + lengthOf(sum(others), warm)
  const hands = o.connections ?? 1
  const ends = Array.from({ length: Math.min(hands, others.length) }, (_, hand) => {
    const own = others.filter((__, index) => index % hands === hand)
    const begin = hand === 0 ? warm : initial
    return (hand === 0 ? 0 : 1) + sum(own.map((bytes, at) => lengthOf(bytes, begin + sum(own.slice(0, at)))))
  })
  return alone(first) + Math.max(0, ...ends)
}

// --- internal ---

function acked(sender: Sender, bytes: number, { mss }: Sizes): Sender {
  const next = { ...sender, duplicates: 0, resent: false }
  if (sender.duplicates >= 3) return { ...next, window: sender.threshold }
  if (sender.window < sender.threshold) return { ...next, window: sender.window + Math.min(bytes, mss) }
  const counted = sender.counted + bytes
  if (counted < sender.window) return { ...next, counted }
  return { ...next, counted: counted - sender.window, window: sender.window + mss }
}

function duplicate(sender: Sender, inFlight: number, { mss }: Sizes): Sender {
  const next = { ...sender, duplicates: sender.duplicates + 1 }
  if (next.duplicates < 3) return next
  if (next.duplicates > 3) return { ...next, window: sender.window + mss }
  const threshold = half(inFlight, mss)
  return { ...next, threshold, counted: 0, window: threshold + 3 * mss, setBy: 'R6' }
}

function timeout(sender: Sender, inFlight: number, { mss }: Sizes): Sender {
  const threshold = sender.resent ? sender.threshold : half(inFlight, mss)
  return { ...sender, window: mss, threshold, counted: 0, duplicates: 0, resent: true, setBy: 'R5' }
}

const half = (inFlight: number, mss: number): number => Math.max(Math.floor(inFlight / 2), 2 * mss)

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

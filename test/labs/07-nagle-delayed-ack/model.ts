/** What a sender, a receiver and a window show, as pure functions of what has happened. */

/** What happens to a sender. An ACK is for a number of bytes that are unacknowledged. */
export type SenderEvent =
  | { readonly write: number }
  | { readonly acked: number }
  | { readonly noDelay: boolean }

export interface Sender {
  readonly mss: number
  readonly noDelay: boolean
  /** Whether the peer's ACK comes while `send` runs. */
  readonly eager: boolean
  readonly waiting: number
  readonly unacknowledged: number
  /** Sizes of all segments that have left. */
  readonly sent: readonly number[]
  /** Whose promise the last event tried. */
  readonly requirement: string
  /** Whether anybody has ever said something about `TCP_NODELAY`. */
  readonly wasSet: boolean
}

export function newSender(mss: number, noDelay = false, eager = false): Sender {
  return { mss, noDelay, eager, waiting: 0, unacknowledged: 0, sent: [], requirement: 'R1', wasSet: noDelay }
}

export function afterSender(before: Sender, event: SenderEvent): Sender {
  const written = 'write' in event ? event.write : 0
  const acked = 'acked' in event ? event.acked : 0
  const noDelay = 'noDelay' in event ? event.noDelay : before.noDelay
  const unacknowledged = before.unacknowledged - acked
  const waiting = before.waiting + written
  const full = Math.floor(waiting / before.mss)
  const rest = waiting % before.mss
  // What is full is unacknowledged when the rest asks, unless its ACK has come by then.
  const isClear = unacknowledged === 0 && (full === 0 || before.eager)
  const leaves = rest > 0 && (noDelay || isClear)
  const segments = [...Array.from({ length: full }, () => before.mss), ...(leaves ? [rest] : [])]
  const wasSet = before.wasSet || noDelay || 'noDelay' in event
  const moved = {
    ...before,
    noDelay,
    wasSet,
    waiting: leaves ? 0 : rest,
    sent: [...before.sent, ...segments],
  }
  return {
    ...moved,
    unacknowledged: before.eager ? 0 : unacknowledged + sum(segments),
    requirement: requirementOf(before, event, wasSet),
  }
}

/** What happens to a receiver. Time is told apart. */
export type ReceiverEvent = { readonly received: number } | 'replying'

export interface Receiver {
  readonly mss: number
  readonly delayMs: number
  readonly owed: number
  /** Milliseconds until the ACK leaves alone; null where none has to. */
  readonly dueIn: number | null
  /** `ack 20` for an ACK alone, `reply 0` for one that rides on data. */
  readonly said: readonly string[]
  readonly requirement: string
}

export function newReceiver(mss: number, delayMs: number): Receiver {
  return { mss, delayMs, owed: 0, dueIn: null, said: [], requirement: 'R5' }
}

export function afterReceiver(before: Receiver, event: ReceiverEvent): Receiver {
  if (event === 'replying') {
    const said = [...before.said, `reply ${before.owed}`]
    return { ...before, owed: 0, dueIn: null, said, requirement: 'R6' }
  }
  const owed = before.owed + event.received
  if (owed >= 2 * before.mss) return { ...acknowledged({ ...before, owed }), requirement: 'R4' }
  const dueIn = owed > 0 ? (before.dueIn ?? before.delayMs) : null
  // Nothing leaves now. Had something been acknowledged before, it might be so again.
  const isFirst = before.said.length === 0
  return { ...before, owed, dueIn, requirement: !isFirst ? 'R6' : event.received === 0 ? 'R5' : 'R4' }
}

export function laterReceiver(before: Receiver, ms: number): Receiver {
  const { dueIn } = before
  // The first delay of all is one promise, and that the next one is a whole one is another.
  const requirement = before.said.length > 0 ? 'R6' : 'R5'
  if (dueIn === null) return { ...before, requirement }
  if (ms < dueIn) return { ...before, dueIn: dueIn - ms, requirement }
  return { ...acknowledged(before), requirement }
}

/** RFC 9293 §3.8.6.2.2, with RCV.BUFF - RCV.USER as `free` and RCV.WND as `lastAdvertised`. */
export function windowOf(o: { free: number; lastAdvertised: number; buffer: number; mss: number }): number {
  const opensBy = o.free - o.lastAdvertised
  const isFull = opensBy >= o.mss
  const isHalf = 2 * opensBy >= o.buffer
  return isFull || isHalf ? o.free : o.lastAdvertised
}

// --- internal ---

function acknowledged(before: Receiver): Receiver {
  return { ...before, owed: 0, dueIn: null, said: [...before.said, `ack ${before.owed}`] }
}

function requirementOf(before: Sender, event: SenderEvent, wasSet: boolean): string {
  if (wasSet) return 'R3'
  if (!('write' in event)) return 'R2'
  const isClear = before.waiting === 0 && before.unacknowledged === 0
  return isClear || (before.waiting === 0 && event.write >= before.mss) ? 'R1' : 'R2'
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

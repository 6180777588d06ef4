/** What the grader and the learner process say to each other over IPC. Both sides import this file. */

/** A value as it crosses: plain data, with functions, instances and errors replaced by marks. */
export type Packed = unknown

export interface Program {
  /** Bundled JavaScript of one module; only `node:` imports are left. */
  readonly code: string
  /** File URL that stack frames name: the learner's own file. */
  readonly identifier: string
}

export interface Permit {
  readonly host: string
  readonly port: number
  /** Port on 127.0.0.1 that stands for it. */
  readonly to: number
}

/** A connection by its two ports, seen from the learner: `local-remote`. */
export type TupleKey = string

export type Order =
  | { readonly op: 'hello'; readonly key: string }
  | {
      readonly op: 'load'
      readonly program: Program
      readonly fixture: Program | null
      readonly modules: readonly string[]
      readonly debug: boolean
    }
  | {
      readonly op: 'call'
      readonly of: 'program' | 'fixture'
      readonly name: string
      readonly args: readonly Packed[]
      readonly construct: boolean
    }
  | {
      readonly op: 'invoke'
      readonly ref: number
      readonly method: string | null
      readonly args: readonly Packed[]
    }
  | { readonly op: 'barrier'; readonly stalled: readonly TupleKey[] }
  /** Moves virtual time by `by` ms at most, and stops at the first timer that fires; 0 as in TimerRow.atOnce. */
  | { readonly op: 'advance'; readonly by: number }
  | { readonly op: 'permit'; readonly permits: readonly Permit[] }
  | { readonly op: 'names'; readonly answers: Readonly<Record<string, string>> }
  | { readonly op: 'settle'; readonly callback: number; readonly ok: boolean; readonly value: Packed }
  | { readonly op: 'handle-calls' }
  /** What the handle of the connection from this local port was told about sending. */
  | { readonly op: 'writes'; readonly port: number }
  /** Another conversation begins: sockets that are gone are no part of it. */
  | { readonly op: 'forget-gone' }
  /** Answered at once, behind everything that the process has said before. */
  | { readonly op: 'hear-out' }
  /** Makes the process as good as new; answered by whether it is. */
  | { readonly op: 'renew' }

export type Request = Order & { readonly id: number }

/** To an order, by its number. */
export interface Answer {
  readonly re: number
  readonly ok: boolean
  readonly value: Packed
}

export type Reply = { readonly key: string } & (
  | Answer
  | { readonly callback: number; readonly fn: number; readonly args: readonly Packed[] }
  | Happening
)

/** Something that happened in the learner process without being asked for. */
export type Happening =
  | { readonly event: 'ready' }
  | { readonly event: 'crash'; readonly error: Packed; readonly origin: string }
  /** @property how - The call that ended it: `process.exit(0)`. */
  | { readonly event: 'exit'; readonly how: string; readonly stack: string }
  | { readonly event: 'forbidden'; readonly what: string; readonly stack: string }
  | { readonly event: 'lookup'; readonly host: string; readonly answer: string }
  | Act

/** What a program does with a socket and nobody at the other end can see. */
export type Act =
  | { readonly event: 'refused'; readonly host: string; readonly port: number }
  | {
      readonly event: 'socket'
      readonly did: 'wrote-after-end' | 'destroyed'
      readonly local: number
      readonly remote: number
      /** Bytes written that the kernel has not taken. */
      readonly queued: number
    }

/** What the barrier answers when the event loop has nothing left to do. */
export interface Calm {
  readonly sockets: readonly SocketRow[]
  readonly datagrams: readonly DatagramRow[]
  readonly timers: TimerRow
  /** Ports on which the program listens. */
  readonly listening: readonly number[]
}

export interface TimerRow {
  /** Those that would keep a program running. */
  readonly pending: number
  /** Milliseconds until the next one is due, 0 if it is due now; null without one. */
  readonly nextIn: number | null
  /** One of them asked for no time, as `setTimeout(f, 0)` does: it may run without time passing. */
  readonly atOnce: boolean
  readonly now: number
}

/** The learner's side of one TCP connection. */
export interface SocketRow {
  readonly local: number
  readonly remote: number
  /** Bytes that the program's socket has taken from the kernel. */
  readonly read: number
  /** Bytes that the program has written, its queue included. */
  readonly written: number
  /** How many of the written bytes the kernel has not taken yet. */
  readonly queued: number
  /** FIN handed to the kernel. */
  readonly finished: boolean
  /** The peer's FIN read. */
  readonly ended: boolean
  readonly destroyed: boolean
  readonly connecting: boolean
  /** False when the program has stopped taking bytes from the kernel. */
  readonly reading: boolean
}

export interface DatagramRow {
  readonly local: number
  /** Whether a socket of the program's has the port now. */
  readonly open: boolean
  /** Datagrams sent, by destination port. */
  readonly sent: Readonly<Record<number, number>>
  /** Datagrams received, by source: `127.0.0.1 53`. */
  readonly received: Readonly<Record<string, number>>
  /** The one peer that a connected socket hears, in the same words. */
  readonly only: string | null
}

/** An error as it crosses. */
export interface PackedError {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly code?: string
  readonly cause?: Packed
  readonly properties: Readonly<Record<string, Packed>>
}

export const TODO_CODE = 'WORKBOOK_TODO'
/** The program does not export what was called; the message says what was expected, the cause what is there. */
export const NO_EXPORT_CODE = 'WORKBOOK_NO_EXPORT'

import { connect, Socket } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'

/** Plays long histories on a window of the program's, and fetches pages over a path, in its process. */

interface Sender {
  readonly window: number
  sendable(inFlight: number): number
  acked(bytes: number): void
  duplicateAck(inFlight: number): void
  timedOut(inFlight: number): void
  idle(ms: number, rtoMs: number): void
}

interface Happening {
  readonly acked?: number
  readonly duplicate?: number
  readonly timeout?: number
  readonly idle?: readonly [ms: number, rtoMs: number]
}

type Class = new (o: object) => Sender

/** The window, and what may be sent with each of these in flight. */
export function look(sender: Sender, inFlight: readonly number[]): number[] {
  return [sender.window, ...inFlight.map((each) => sender.sendable(each))]
}

/** One history, and a look after each of its steps. */
export function play(
  sender: Sender,
  steps: ReadonlyArray<{ readonly happening: Happening; readonly inFlight: readonly number[] }>,
): number[][] {
  return steps.map(({ happening, inFlight }) => {
    tell(sender, happening)
    return look(sender, inFlight)
  })
}

/** A window of the same class for each history: the sizes after each of its steps. */
export function walk(first: Sender, sizes: object, histories: readonly Happening[][]): number[][] {
  const { constructor: make } = first as unknown as { readonly constructor: Class }
  return histories.map((history) => {
    const sender = new make(sizes)
    return history.map((happening) => {
      tell(sender, happening)
      return sender.window
    })
  })
}

// --- pages ---

export interface Visit {
  readonly way: 'serial' | 'parallel' | 'persistent' | 'pipelined'
  readonly count: number
  readonly connections?: number
  readonly pauseMs?: number
}

/** Fetches `/0` and the others, `/1` to `/count`, in one of the four ways. */
export async function visit(
  port: number,
  { way, count, connections = 1, pauseMs = 0 }: Visit,
): Promise<void> {
  const first = new Visitor(port)
  await first.get(['/0'])
  if (pauseMs > 0) await later(pauseMs)
  const others = Array.from({ length: count }, (_, index) => `/${index + 1}`)
  if (way === 'serial') for (const target of others) await alone(port, target)
  if (way === 'parallel') await Promise.all(others.map((target) => alone(port, target)))
  if (way === 'pipelined' && count > 0) await first.get(others)
  if (way === 'persistent') await dealt(port, first, others, connections)
  first.leave()
}

// --- internal ---

function tell(sender: Sender, { acked, duplicate, timeout, idle }: Happening): void {
  if (acked !== undefined) sender.acked(acked)
  if (duplicate !== undefined) sender.duplicateAck(duplicate)
  if (timeout !== undefined) sender.timedOut(timeout)
  if (idle !== undefined) sender.idle(...idle)
}

async function alone(port: number, target: string): Promise<void> {
  const visitor = new Visitor(port)
  await visitor.get([target])
  visitor.leave()
}

async function dealt(port: number, first: Visitor, others: readonly string[], hands: number): Promise<void> {
  const visits = Array.from({ length: Math.min(hands, others.length) }, async (_, hand) => {
    const visitor = hand === 0 ? first : new Visitor(port)
    for (const target of others.filter((__, at) => at % hands === hand)) await visitor.get([target])
    visitor.leave()
  })
  await Promise.all(visits)
}

/** One connection, on which every response has a Content-Length. */
class Visitor {
  readonly #socket: Socket

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
  }

  /** Sends the requests at once, and resolves when all are answered. */
  get(targets: readonly string[]): Promise<void> {
    this.#socket.write(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: origin\r\n\r\n`).join(''))
    let missing = targets.length
    let bytes = Buffer.alloc(0)
    return new Promise((resolve) => {
      const take = (chunk: Buffer): void => {
        bytes = Buffer.concat([bytes, chunk])
        for (let end = endOf(bytes); missing > 0 && end <= bytes.length; end = endOf(bytes)) {
          bytes = bytes.subarray(end)
          missing--
        }
        if (missing > 0) return
        this.#socket.off('data', take)
        resolve()
      }
      this.#socket.on('data', take)
    })
  }

  leave(): void {
    this.#socket.destroy()
  }
}

/** Where the first response ends. */
function endOf(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n') + 4
  if (head < 4) return Infinity
  return head + Number(/content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1])
}

type Connect = (this: Socket, ...args: unknown[]) => Socket

const prototype = Socket.prototype as unknown as { connect: Connect }
const connectAtOnce = prototype.connect
const IS_CONNECTED = new Set(['connect', 'ready'])
/** So many turns of the event loop in a row have to bring no further connection. */
const QUIET_TURNS = 3
let asked = 0
let held: Array<() => void> = []

/** Sockets that connect from now on hear of it when the program has opened all that it opens without having heard. */
export function holdHandshakes(): void {
  asked = 0
  prototype.connect = function (...args) {
    asked++
    const emit = this.emit.bind(this) as (name: string, ...rest: unknown[]) => boolean
    this.emit = (name: string, ...rest: unknown[]) => {
      if (prototype.connect === connectAtOnce || !IS_CONNECTED.has(name)) return emit(name, ...rest)
      if (held.push(() => void emit(name, ...rest)) === 1) endWhenQuiet(asked)
      return true
    }
    return connectAtOnce.apply(this, args)
  }
}

/** How many connections the program has opened until then. */
export function openedSideBySide(): number {
  endHandshakes()
  return asked
}

function endWhenQuiet(known: number, turns = QUIET_TURNS): void {
  if (turns === 0) return endHandshakes()
  setImmediate(() => endWhenQuiet(asked, known === asked ? turns - 1 : QUIET_TURNS))
}

function endHandshakes(): void {
  prototype.connect = connectAtOnce
  const over = held
  held = []
  for (const hear of over) hear()
}

import type { Packed } from '../messages.ts'
import { pack, unpack, type Inbound, type Outbound } from '../pack.ts'
import { sendToGrader } from './channel.ts'
import { now } from './clock.ts'

/**
 * Functions and instances that stay here while the grader holds their numbers, and the call-backs
 * that stay with the grader while the program holds theirs.
 */

type Settle = { resolve(value: unknown): void; reject(reason: unknown): void }

const kept: unknown[] = []
const numbers = new Map<unknown, number>()
const waiting = new Map<number, Settle>()
let callbacks = 0
/** Grows with each program that is loaded: call-backs of an earlier one reach nobody. */
let age = 0

export function packResult(value: unknown): Packed {
  return pack(value, outbound)
}

export function unpackArguments(args: readonly Packed[]): unknown[] {
  return args.map((argument) => unpack(argument, inbound))
}

/** The object or function behind a number that the grader holds. */
export function keptBehind(ref: number): unknown {
  return kept[ref]
}

/** The suite has answered a call-back. */
export function settleCallback(id: number, ok: boolean, value: Packed): void {
  const settle = waiting.get(id)
  waiting.delete(id)
  if (ok) settle?.resolve(unpack(value, inbound))
  else settle?.reject(unpack(value, inbound))
}

export function forgetReferences(): void {
  age++
  kept.length = 0
  numbers.clear()
  waiting.clear()
}

// --- internal ---

const never = new Promise<never>(() => undefined)

const outbound: Outbound = {
  // A method keeps the object it was found on: close() may well use `this`.
  keepFunction: (fn, owner) => keep(owner ? fn.bind(owner) : fn),
  keepInstance: keep,
  asMark: () => null,
}

const inbound: Inbound = {
  function: (id) => {
    const since = age
    return (...args: unknown[]) => (since === age ? callSuite(id, args) : never)
  },
  instance: (id) => kept[id],
  error: ({ name, message, code, cause, properties }) => {
    const error = new Error(message, cause === undefined ? {} : { cause: unpack(cause, inbound) })
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
    return Object.assign(error, unpack(properties, inbound), code === undefined ? {} : { code })
  },
  clock: () => now,
}

function keep(value: unknown): number {
  const known = numbers.get(value)
  if (known !== undefined) return known
  numbers.set(value, kept.length)
  return kept.push(value) - 1
}

function callSuite(fn: number, args: readonly unknown[]): Promise<unknown> {
  const id = ++callbacks
  const result = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }))
  // A call-back whose failure nobody looks at must not crash the learner's program.
  result.catch(() => undefined)
  sendToGrader({ callback: id, fn, args: args.map(packResult) })
  return result
}

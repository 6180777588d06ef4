import buffer from 'node:buffer'
import { EventEmitter } from 'node:events'
import net from 'node:net'
import stream from 'node:stream'
import { inspect, promisify } from 'node:util'
import { LANGUAGE } from './intrinsics.ts'

/**
 * What all programs in a process share: the global names, the language, and the modules they import.
 * It is written down before a program can touch it. A process in which any of it has changed serves
 * no second check.
 */

interface Noted {
  readonly keys: readonly PropertyKey[]
  /** Keys that are looked at: all of them, but for the global names. */
  readonly watched: readonly PropertyKey[]
  /** Of each watched key the value, or the getter and the setter. */
  readonly contents: readonly unknown[]
  /** How far what hangs on it has been followed. */
  readonly levels: number
}

/** Levels of properties that are followed; `net.Socket.prototype` is the second. Six lead to all that was found. */
const LEVELS = 6

/** Global names that programs use. Merely to look at some of the others would load what they stand for. */
const GLOBALS =
  `${LANGUAGE.join(' ')} AbortController AbortSignal Atomics DataView Date Event EventTarget Intl ReferenceError SyntaxError URIError
  TextDecoder TextEncoder URL URLSearchParams clearImmediate clearInterval clearTimeout console performance
  process queueMicrotask setImmediate setInterval setTimeout`.split(/\s+/)

const noted = new Map<object, Noted>()
const settings = new Map<() => unknown, unknown>()

// Captured while nobody can have replaced them.
const { get: look, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect
const same = Object.is
const { freeze } = Object
const OF_ANY_FUNCTION = new Set<PropertyKey>(['length', 'name', 'prototype', 'arguments', 'caller'])

/**
 * Writes down an object and what hangs on it, if it is not written down yet. A mere function keeps nothing that could
 * be written down but its name: it is frozen, so that no program leaves a word on it.
 */
export function takeNote(target: unknown, levels = LEVELS, watched?: readonly PropertyKey[]): void {
  if (!isObject(target)) return
  markPromisified(target)
  // What Node has deprecated inherits from what it was.
  if (freezeFunction(target)) return takeNote(getPrototypeOf(target), levels)
  const known = noted.get(target)
  if (known && known.levels >= levels) return
  const keys = known?.keys ?? ownKeys(target)
  const looked = known?.watched ?? watched ?? keys
  const contents = known?.contents ?? read(target, looked)
  noted.set(target, { keys, watched: looked, contents, levels })
  takeNote(getPrototypeOf(target), levels)
  for (const content of contents) {
    if (levels > 0) takeNote(content, levels - 1)
    else if (typeof content === 'function') takeNote(content, 0)
  }
}

/** Node puts some names there as getters that become values when first used, as `dgram` uses AbortController. */
export function settleLazy(target: object, keys: readonly PropertyKey[] = ownKeys(target)): void {
  for (const key of keys) if (getOwnPropertyDescriptor(target, key)?.get) look(target, key)
}

/** Writes down what every program finds, whatever it imports. */
export function takeNoteOfTheStart(): void {
  settleLazy(globalThis, GLOBALS)
  takeNote(globalThis, LEVELS, GLOBALS)
  // Behind a getter.
  takeNote(performance)
  for (const setting of [
    () => EventEmitter.defaultMaxListeners,
    () => EventEmitter.captureRejections,
    () => buffer.INSPECT_MAX_BYTES,
    () => net.getDefaultAutoSelectFamily(),
    () => net.getDefaultAutoSelectFamilyAttemptTimeout(),
    () => stream.getDefaultHighWaterMark(false),
    () => stream.getDefaultHighWaterMark(true),
    () => JSON.stringify(inspect.defaultOptions),
  ])
    settings.set(setting, setting())
}

/** Whether all that was written down is as it was. */
export function isPristine(): boolean {
  for (const [setting, value] of settings) if (!same(setting(), value)) return false
  for (const [target, note] of noted) if (!isAsNoted(target, note)) return false
  return true
}

// --- internal ---

/** `util.promisify(setTimeout)` marks what it returns, which is the same for every program: so it is marked before. */
function markPromisified(target: object): void {
  if (typeof target === 'function' && getOwnPropertyDescriptor(target, promisify.custom))
    promisify(target as () => void)
}

/** @returns Whether it is a mere function: no constructor, and nobody has put anything on it. */
function freezeFunction(target: object): boolean {
  if (typeof target !== 'function') return false
  const { value: prototype } = getOwnPropertyDescriptor(target, 'prototype') ?? {}
  if (!ownKeys(target).every((key) => OF_ANY_FUNCTION.has(key))) return false
  if (isObject(prototype) && !ownKeys(prototype).every((key) => key === 'constructor')) return false
  freeze(target)
  if (isObject(prototype)) freeze(prototype)
  return true
}

function read(target: object, keys: readonly PropertyKey[]): unknown[] {
  const contents: unknown[] = []
  for (const key of keys) {
    const { value, get, set } = getOwnPropertyDescriptor(target, key) ?? {}
    contents.push(value, get, set)
  }
  return contents
}

function isAsNoted(target: object, { keys, watched, contents }: Noted): boolean {
  return isSame(ownKeys(target), keys) && isSame(read(target, watched), contents)
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, index) => same(each, others[index]))
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

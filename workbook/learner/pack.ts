import { types } from 'node:util'
import type { Packed, PackedError } from './messages.ts'
import { packError } from './pack-error.ts'

/**
 * Values on their way across the process boundary. The structured clone throws on functions and
 * class instances and drops the `code` of an Error, so these are replaced by marks first.
 */

export const MARK = '$workbook'
const MAX_DEPTH = 16
/** Elements of an array, holes included, and entries of a map or a set. */
const MAX_PARTS = 500_000

// By these, and not by `instanceof`: a class can say for itself what is one of its instances.
const [isError, isMap, isSet] = [Error, Map, Set].map(({ prototype }) => {
  return Function.prototype.call.bind(Object.prototype.isPrototypeOf, prototype) as (value: object) => boolean
}) as [Is<Error>, Is<Map<unknown, Packed>>, Is<Set<unknown>>]
const { isAnyArrayBuffer, isDate } = types

type Is<T extends object> = (value: object) => value is T

export type Mark =
  | { readonly [MARK]: 'function'; readonly id: number }
  | {
      readonly [MARK]: 'instance'
      readonly id: number
      readonly methods: readonly string[]
      readonly data: Packed
    }
  | { readonly [MARK]: 'error'; readonly error: PackedError }
  | { readonly [MARK]: 'clock' }
  /** A plain object that has a field named as the marks have. */
  | { readonly [MARK]: 'plain'; readonly fields: ReadonlyArray<readonly [string, Packed]> }

/** What a side does with the things that cannot cross by themselves. */
export interface Outbound {
  /** Keeps a function (with the object it is called on) and gives it a number. */
  keepFunction(fn: (...args: unknown[]) => unknown, owner: object | null): number
  /** Keeps an instance and gives it a number. */
  keepInstance(instance: object): number
  /** A mark that stands for this very object on the other side, or null. */
  asMark(value: object): Mark | null
}

export interface Inbound {
  /** @param name - The field that the function came in, if it came in one. */
  readonly function: (id: number, name?: string) => unknown
  readonly instance: (id: number, methods: readonly string[], data: unknown) => unknown
  readonly error: (error: PackedError) => unknown
  readonly clock: () => unknown
}

/**
 * @param within - The objects around the value, from the outermost; the last one is its owner.
 * @throws RangeError for a value that contains itself, or is nested too deep.
 */
export function pack(value: unknown, out: Outbound, within: readonly object[] = []): Packed {
  if (typeof value === 'function') {
    const mark = out.asMark(value)
    if (mark) return mark
    return { [MARK]: 'function', id: out.keepFunction(value as () => unknown, within.at(-1) ?? null) }
  }
  if (typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (within.includes(value)) throw new RangeError('a value that contains itself cannot cross to the grader')
  if (within.length > MAX_DEPTH) {
    throw new RangeError(`a value nested deeper than ${MAX_DEPTH} cannot cross to the grader`)
  }
  return out.asMark(value) ?? packObject(value, out, within)
}

export function unpack(value: Packed, inbound: Inbound, name?: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => unpack(item, inbound))
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, unpack(item, inbound)]))
  if (isSet(value)) return new Set([...value].map((item) => unpack(item, inbound)))
  if (!isPlain(value)) return value
  if (MARK in value) return unpackMark(value as unknown as Mark, inbound, name)
  return unpackFields(Object.entries(value), inbound)
}

/** Stands for an instance that the other side keeps. */
export function instanceMark(id: number): Mark {
  return { [MARK]: 'instance', id, methods: [], data: null }
}

export function errorMark(error: Error, out: Outbound, within: readonly object[] = []): Mark {
  return { [MARK]: 'error', error: packError(error, (value) => pack(value, out, [...within, error])) }
}

export function clockMark(): Mark {
  return { [MARK]: 'clock' }
}

// --- internal ---

function packObject(value: object, out: Outbound, within: readonly object[]): Packed {
  const packItem = (item: unknown): Packed => pack(item, out, [...within, value])
  if (isError(value)) return errorMark(value, out, within)
  if (Array.isArray(value)) return packArray(value, packItem)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (isDate(value) || isAnyArrayBuffer(value)) return value
  if (isMap(value))
    return new Map(atMost(value.size, [...value]).map(([key, item]) => [packItem(key), packItem(item)]))
  if (isSet(value)) return new Set(atMost(value.size, [...value]).map(packItem))
  if (!isPlain(value)) return packInstance(value, out, packItem)
  const fields = Object.entries(value)
    .filter(isNoThen)
    .map(([key, item]) => [key, packItem(item)] as const)
  return MARK in value ? { [MARK]: 'plain', fields } : Object.fromEntries(fields)
}

/** Element by element: an array may have a map() of its own. */
function packArray(value: readonly unknown[], packItem: (item: unknown) => Packed): Packed[] {
  const packed: Packed[] = []
  atMost(value.length, value)
  for (let index = 0; index < value.length; index++)
    if (index in value) packed[index] = packItem(value[index])
  packed.length = value.length
  return packed
}

function atMost<T>(parts: number, value: T): T {
  if (parts <= MAX_PARTS) return value
  throw new RangeError(`a value of more than ${MAX_PARTS} parts cannot cross to the grader`)
}

/** An instance stays where it was made. Its readable data cross as a copy, its methods by name. */
function packInstance(value: object, out: Outbound, packItem: (item: unknown) => Packed): Mark {
  const data = [...readable(value)].filter(([, item]) => crossesAsData(item)).filter(isNoThen)
  return {
    [MARK]: 'instance',
    id: out.keepInstance(value),
    methods: methodNames(value).filter((name) => name !== 'then'),
    data: Object.fromEntries(data.map(([key, item]) => [key, packItem(item)])),
  }
}

/** A value with a method `then` would be taken for a promise wherever it is awaited. */
function isNoThen([key, item]: readonly [string, unknown]): boolean {
  return key !== 'then' || typeof item !== 'function'
}

function* readable(value: object): Generator<[string, unknown]> {
  for (const [key, item] of Object.entries(value)) if (!key.startsWith('_')) yield [key, item]
  for (const prototype of prototypes(value)) {
    for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (get && !key.startsWith('_')) yield [key, Reflect.get(prototype, key, value) as unknown]
    }
  }
}

/** Instances inside an instance stay at home; so a socket does not drag its whole stream along. */
function crossesAsData(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return true
  return Array.isArray(item) || isPlain(item) || ArrayBuffer.isView(item) || isMap(item)
}

function methodNames(value: object): string[] {
  const names = new Set<string>()
  for (const prototype of prototypes(value)) {
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key !== 'constructor' && typeof descriptor.value === 'function') names.add(key)
    }
  }
  return [...names]
}

function* prototypes(value: object): Generator<object> {
  let prototype = Object.getPrototypeOf(value) as object | null
  while (prototype && prototype !== Object.prototype) {
    yield prototype
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  // A module in the learner's realm has Object.prototype too; null has none.
  return prototype === Object.prototype || prototype === null
}

function unpackFields(fields: ReadonlyArray<readonly [string, Packed]>, inbound: Inbound): object {
  const unpacked = fields.map(([key, item]) => [key, unpack(item, inbound, key)] as const)
  return Object.fromEntries(unpacked.filter(isNoThen))
}

function unpackMark(mark: Mark, inbound: Inbound, name?: string): unknown {
  switch (mark[MARK]) {
    case 'function':
      return inbound.function(mark.id, name)
    case 'instance':
      return inbound.instance(mark.id, mark.methods, unpack(mark.data, inbound))
    case 'error':
      return inbound.error(mark.error)
    case 'clock':
      return inbound.clock()
    case 'plain':
      return unpackFields(mark.fields, inbound)
  }
}

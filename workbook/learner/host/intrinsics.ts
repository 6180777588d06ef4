/**
 * This module's neighbours run in the same realm as the learner's program, and stand on Map, Promise
 * and the like. So the language is made read-only: a program that replaces `Map.prototype.get` gets a
 * TypeError at its own line, and the ledger stays right. Adding names is still possible, except to
 * Object.prototype and Array.prototype, whose setters would reach into every object.
 */

const NAMES = [
  'Array',
  'ArrayBuffer',
  'BigInt',
  'Boolean',
  'Buffer',
  'Function',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Promise',
  'Proxy',
  'Reflect',
  'RegExp',
  'Set',
  'String',
  'Symbol',
  'Uint8Array',
  'WeakMap',
  'WeakSet',
] as const

/** Their own properties are set by Node itself, and by programs in good style. */
const ERRORS = ['Error', 'EvalError', 'RangeError', 'TypeError'] as const

/** Names of the language that stand in the global object. */
export const LANGUAGE: readonly string[] = [...NAMES, ...ERRORS]

/**
 * What Node makes new ones by, of those that it has: `buffer.subarray()` asks the buffer's constructor. A program that
 * could answer would be handed what is on its way to the grader.
 */
const COPIED = ['Array', 'ArrayBuffer', 'Buffer', 'Map', 'Promise', 'RegExp', 'Set', 'Uint8Array'] as const

/** Of RegExp: what the last match was, whoever made it. */
const OF_THE_LAST_MATCH = /^(?:\$.|input|last(?:Match|Paren)|(?:left|right)Context)$/

/** Overridden in instances by assignment, in good style, and not needed here. */
const FREE: ReadonlySet<string | symbol> = new Set([
  'constructor',
  'toString',
  'toLocaleString',
  'valueOf',
  'toJSON',
])

export function makeLanguageReadOnly(): void {
  for (const name of Object.getOwnPropertyNames(RegExp))
    if (OF_THE_LAST_MATCH.test(name)) Reflect.deleteProperty(RegExp, name)
  const globals = globalThis as unknown as Record<string, { readonly prototype?: object }>
  for (const name of NAMES) {
    const intrinsic = globals[name] ?? {}
    fix(globals, name)
    fixAll(intrinsic)
    if (intrinsic.prototype) fixAll(intrinsic.prototype)
  }
  for (const name of ERRORS) fix(globals, name)
  for (const prototype of hidden()) fixAll(prototype)
  for (const name of COPIED) fix((globals[name] as { prototype: object }).prototype, 'constructor')
  for (const prototype of [Object.prototype, Array.prototype, Buffer.prototype, ...above(Buffer.prototype)])
    Object.preventExtensions(prototype)
  // V8 asks it for every stack, those of this program too.
  Object.defineProperty(Error, 'prepareStackTrace', {
    value: undefined,
    writable: false,
    configurable: false,
  })
}

/**
 * The line to the grader shares the methods of handles: replaced ones would hear it. By name, as
 * looking at some other properties of these prototypes ends the process.
 */
export function makeMethodsReadOnly(prototype: object, names: readonly string[]): void {
  for (const each of [prototype, ...above(prototype)]) {
    for (const name of names) if (Object.hasOwn(each, name)) fix(each, name)
    // A name that is added here is a setter, or a method, of everything below.
    Object.preventExtensions(each)
  }
}

// --- internal ---

/** What a prototype inherits from, but for Object.prototype. */
function above(prototype: object): object[] {
  const next = Object.getPrototypeOf(prototype) as object
  return next === Object.prototype ? [] : [next, ...above(next)]
}

/** Prototypes without a name of their own: of typed arrays, iterators and generators. */
function hidden(): object[] {
  const iterators = [[][Symbol.iterator](), new Map().entries(), new Set().values(), ''[Symbol.iterator]()]
  return [
    Object.getPrototypeOf(Uint8Array.prototype) as object,
    Object.getPrototypeOf(Uint8Array) as object,
    ...iterators.map((iterator) => Object.getPrototypeOf(iterator) as object),
    ...above(Object.getPrototypeOf(nothing()) as object),
  ]
}

function* nothing(): Generator {}

function fixAll(target: object): void {
  for (const key of Reflect.ownKeys(target)) if (!FREE.has(key)) fix(target, key)
}

function fix(target: object, key: string | symbol): void {
  const { configurable, writable } = Object.getOwnPropertyDescriptor(target, key) ?? {}
  if (configurable !== true) return
  Object.defineProperty(
    target,
    key,
    writable === undefined ? { configurable: false } : { configurable: false, writable: false },
  )
}

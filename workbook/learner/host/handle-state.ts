import { tcpPrototype, type Method, type Prototype } from './prototypes.ts'

/**
 * What a handle of a socket is like, asked of Node itself: what the handle has of its own, under the same name, is the
 * program's word. Captured before any program is there.
 */

const tcp = tcpPrototype()
const [getsockname, close] = [tcp['getsockname'], tcp['close']]
const reading = new WeakMap<object, boolean>()
const prototypeOf = Object.getPrototypeOf
let tls: Prototype | null = null

/** Bytes that were handed to it and that the kernel has not taken yet. */
export const writeQueueSize = getter('writeQueueSize')
export const bytesTaken = getter('bytesWritten')
export const bytesGiven = getter('bytesRead')

export function portOf(handle: object): number | undefined {
  const name: { port?: number } = {}
  getsockname?.call(handle, name)
  return name.port
}

/** Below the program, which hears nothing of it. */
export function closeHandle(handle: object): void {
  close?.call(handle)
}

/** False for one that has been told to take nothing from the kernel. */
export function isReading(handle: object): boolean {
  return reading.get(handle) !== false
}

/** Handles of this prototype stand between TLS and TCP; the program's word for one does not make it one. */
export function knowTls(prototype: Prototype): void {
  tls = prototype
}

/** Below TLS stands the handle of the connection itself, which counts what is on the wire. */
export function belowTls(handle: object): object {
  if (!tls || prototypeOf(handle) !== tls) return handle
  const { _parent: parent } = handle as { readonly _parent?: object | null }
  return parent && isTcp(parent) ? parent : handle
}

/** Notes what handles are told. */
export function watchReading(prototype: Prototype): void {
  for (const [name, starts] of [
    ['readStart', true],
    ['readStop', false],
  ] as const) {
    const original = prototype[name] as Method
    prototype[name] = function (...args) {
      reading.set(this, starts)
      return original.apply(this, args)
    }
  }
}

// --- internal ---

function isTcp(handle: object): boolean {
  return Object.prototype.isPrototypeOf.call(tcp, handle)
}

function getter(name: string): (handle: object) => number {
  let prototype: object = tcp
  while (!Object.hasOwn(prototype, name)) prototype = prototypeOf(prototype) as object
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
  return (handle) => {
    try {
      return Number(get?.call(handle) ?? 0)
    } catch {
      // It is no handle, but what the program has put in the place of one.
      return 0
    }
  }
}

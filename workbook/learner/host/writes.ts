import { bytesTaken, portOf } from './handle-state.ts'
import type { Method, Prototype } from './prototypes.ts'

/**
 * What the handle of each connection was told about sending, in order: every write with its bytes, and when Nagle's
 * algorithm was switched. Two writes and one are the same bytes on the wire; here they are two and one. The handle itself
 * counts the bytes, so nobody makes two writes of one by a second one that is empty.
 */

const WRITES = ['writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writeAsciiString', 'writeUcs2String']
const MOST_CONNECTIONS = 1_000
const MOST_CALLS = 2_000

interface Told {
  port: number
  readonly calls: string[]
}

/** In the order of their first call; of two connections that had one port, the later one has it. */
let all: Told[] = []
let byHandle = new WeakMap<object, Told>()

/** @param port - The local port of the connection. */
export function toldOf(port: number): readonly string[] {
  return all.findLast((told) => told.port === port)?.calls ?? []
}

export function forgetTold(): void {
  all = []
  byHandle = new WeakMap()
}

/** Notes what handles are told. Goes around every other guard of these methods. */
export function watchWrites(tcp: Prototype): void {
  for (const name of WRITES) around(tcp, name, (bytes) => `write(${bytes})`)
  around(tcp, 'writev', (bytes, args) => `writev(${bytes} in ${piecesOf(args)})`)
  around(tcp, 'setNoDelay', (_bytes, [on]) => `setNoDelay(${String(on === true)})`)
  around(tcp, 'shutdown', () => 'shutdown')
}

// --- internal ---

function around(tcp: Prototype, name: string, told: (bytes: number, args: unknown[]) => string): void {
  const original = tcp[name] as Method
  tcp[name] = function (...args) {
    const before = bytesTaken(this)
    const status = original.apply(this, args)
    note(this, told(bytesTaken(this) - before, args))
    return status
  }
}

function note(handle: object, call: string): void {
  const told = byHandle.get(handle) ?? begin(handle)
  // A handle that is told something before it is connected has no port yet.
  if (told.port === 0) told.port = portOf(handle) ?? 0
  if (told.calls.length < MOST_CALLS) told.calls.push(call)
}

function begin(handle: object): Told {
  const told = { port: 0, calls: [] }
  byHandle.set(handle, told)
  if (all.length < MOST_CONNECTIONS) all.push(told)
  return told
}

/** Texts stand there with their encodings, two by two. */
function piecesOf([, chunks, allBuffers]: unknown[]): number {
  const { length } = chunks as readonly unknown[]
  return allBuffers === true ? length : length / 2
}

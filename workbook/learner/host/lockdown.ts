import net from 'node:net'
import { endProcess, report } from './channel.ts'

/** Takes away what a lab must not use, in a way that tells the learner what to use instead. */

/** A function that reports itself as forbidden, and throws. */
export function forbidden(what: string, instead: string): () => never {
  return function notInALab(): never {
    const error = Object.assign(new Error(`${what} is not available in a lab: ${instead}`), { code: 'WORKBOOK_FORBIDDEN' })
    report({ event: 'forbidden', what: `${what}: ${instead}`, stack: error.stack ?? '' })
    throw error
  }
}

const OUTSIDE = 'the program stays in its own process'
const CHANNEL = 'the line to the grader is not part of the lab'
const WIRE = 'you write HTTP yourself, on node:net'

const PROCESS: Readonly<Record<string, string>> = {
  _debugEnd: OUTSIDE,
  _debugProcess: OUTSIDE,
  _getActiveHandles: CHANNEL,
  _getActiveRequests: CHANNEL,
  _kill: OUTSIDE,
  _linkedBinding: OUTSIDE,
  binding: OUTSIDE,
  chdir: OUTSIDE,
  dlopen: OUTSIDE,
  execve: OUTSIDE,
  getBuiltinModule: 'import the module at the top of the file',
  initgroups: OUTSIDE,
  kill: OUTSIDE,
  loadEnvFile: OUTSIDE,
  openStdin: OUTSIDE,
  send: CHANNEL,
  setegid: OUTSIDE,
  seteuid: OUTSIDE,
  setgid: OUTSIDE,
  setgroups: OUTSIDE,
  setuid: OUTSIDE,
  setUncaughtExceptionCaptureCallback: 'let errors reach the grader, or handle them where they happen',
  addUncaughtExceptionCaptureCallback: 'let errors reach the grader, or handle them where they happen',
}

const GLOBALS: Readonly<Record<string, string>> = {
  fetch: WIRE,
  WebSocket: WIRE,
  EventSource: WIRE,
  // Their work runs in threads that the proof of idleness cannot see.
  CompressionStream: 'no lab compresses',
  DecompressionStream: 'no lab compresses',
  WebAssembly: 'write TypeScript',
  BroadcastChannel: OUTSIDE,
}

export function lockDown(): void {
  for (const [name, instead] of Object.entries(PROCESS)) replace(process, name, forbidden(`process.${name}`, instead))
  for (const [name, instead] of Object.entries(GLOBALS)) replace(globalThis, name, forbidden(name, instead))
  for (const name of ['report', 'mainModule']) replace(process, name, undefined)
  replace(process, 'disconnect', leaveChannel)
  // waitAsync sleeps on a clock that is not the grader's.
  replace(Atomics, 'waitAsync', forbidden('Atomics.waitAsync', 'use setTimeout'))
  refusePaths()
}

// --- internal ---

/** The program calls it, or Node does when the grader is gone: the process ends in both cases. */
function leaveChannel(): void {
  const stack = new Error().stack ?? ''
  endProcess({ event: 'forbidden', what: `process.disconnect: ${CHANNEL}`, stack }, 0)
}

function replace(target: object, name: string, value: unknown): void {
  if (Object.getOwnPropertyDescriptor(target, name)?.configurable === false) return
  if (name in target) Object.defineProperty(target, name, { value, writable: false, configurable: false, enumerable: false })
}

/** UNIX sockets and inherited descriptors lead out of the lab. */
function refusePaths(): void {
  const { connect } = net.Socket.prototype
  const { listen } = net.Server.prototype
  const refuse = forbidden('a socket by path or descriptor', 'connect to a host and a port')
  net.Socket.prototype.connect = guarded(connect, refuse) as typeof connect
  net.Server.prototype.listen = guarded(listen, refuse) as typeof listen
}

function guarded(original: (...args: never[]) => unknown, refuse: () => never) {
  return function (this: object, ...args: never[]): unknown {
    const [first] = args as unknown[]
    const byPath = typeof first === 'string' && !/^\d+$/.test(first)
    const options = typeof first === 'object' && first !== null ? (first as { path?: unknown; fd?: unknown }) : {}
    if (byPath || options.path !== undefined || options.fd !== undefined) refuse()
    return original.apply(this, args)
  }
}

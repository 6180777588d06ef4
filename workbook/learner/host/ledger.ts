import diagnostics from 'node:diagnostics_channel'
import net from 'node:net'
import type { SocketRow, TupleKey } from '../messages.ts'
import { belowTls, bytesGiven, bytesTaken, closeHandle, isReading, writeQueueSize } from './handle-state.ts'
import { inherited } from './inherited.ts'
import { secureSocketOver } from './secure.ts'

/** Every TCP socket of the learner's program, with what went in and out, byte for byte. */

interface Tracked {
  readonly socket: net.Socket
  /** Where the program asked for the connection: Node connects in a later turn. */
  asked: Error | null
  local: number
  remote: number
}

const tracked = new Map<net.Socket, Tracked>()

// What a socket says of itself, captured while nobody can have replaced it.
const bytesRead = inherited('bytesRead')
const ownBytesWritten = inherited('bytesWritten')
const writableLength = inherited('writableLength')
const writableCorked = inherited('writableCorked')
const destroyed = inherited('destroyed')
const finished = inherited('writableFinished')

/** Node counts what is corked as no number while it waits for the connection; nothing has been handed over then. */
export function bytesWritten(socket: net.Socket): number {
  const written = ownBytesWritten(socket)
  return Number.isNaN(written) ? writableLength(socket) : written
}

export function watchSockets(): void {
  diagnostics.subscribe('net.server.socket', (message) => track((message as { socket: net.Socket }).socket))
  const connect: (this: net.Socket, ...args: never[]) => net.Socket = net.Socket.prototype.connect
  net.Socket.prototype.connect = function trackedConnect(this: net.Socket, ...args: never[]) {
    track(this).asked = new Error('connect')
    return connect.apply(this, args)
  }
}

/** The stack of the call that made a handle connect. */
export function stackOfConnect(handle: object): string {
  const entry = [...tracked.values()].find(({ socket }) => handleOf(socket) === handle)
  return entry?.asked?.stack ?? ''
}

export function socketRows(): SocketRow[] {
  return [...tracked.values()].map(row)
}

/** Leaves only sockets that may still do something. */
export function forgetGone(): null {
  for (const [socket, entry] of tracked) if (row(entry).destroyed) tracked.delete(socket)
  return null
}

/** Closes every socket below the program, which hears nothing of it, and forgets them all. */
export function closeSockets(): void {
  for (const { socket } of tracked.values()) {
    const handle = handleOf(socket)
    if (handle) closeHandle(handle)
  }
  tracked.clear()
}

/** Writes that wait for a peer which does not read: they are at rest, not at work. */
export function stalledWrites(stalled: ReadonlySet<TupleKey>): number {
  const keys = new Set(stalled)
  for (const { socket, local, remote } of tracked.values()) {
    if (!readsFrom(socket)) keys.add(`${remote}-${local}`)
  }
  return [...tracked.values()].filter(
    ({ socket, local, remote }) => keys.has(`${local}-${remote}`) && waitingBytes(socket) > 0,
  ).length
}

// --- internal ---

function track(socket: net.Socket): Tracked {
  const known = tracked.get(socket)
  if (known) return known
  const entry = { socket, asked: null, local: 0, remote: 0 }
  tracked.set(socket, entry)
  notePorts(entry)
  socket.prependListener('connect', () => notePorts(entry))
  return entry
}

/** Ports are gone once the socket is destroyed, so they are noted while they are known. */
function notePorts(entry: Tracked): void {
  // Node would keep the port 0 of a socket that is asked too early.
  if (entry.socket.connecting) return
  entry.local = entry.socket.localPort ?? entry.local
  entry.remote = entry.socket.remotePort ?? entry.remote
}

function row(entry: Tracked): SocketRow {
  const { socket } = entry
  notePorts(entry)
  // Where TLS is spoken the program's bytes are others than those on the wire, and its end is the end of both.
  const spoken = secureSocketOver(socket) ?? socket
  const state = spoken as net.Socket & { _readableState?: { ended?: boolean } }
  return {
    local: entry.local,
    remote: entry.remote,
    read: taken(socket),
    written: handedOver(socket),
    queued: queued(socket),
    finished: finished(spoken),
    ended: state._readableState?.ended === true,
    destroyed: destroyed(socket) || destroyed(spoken),
    connecting: socket.connecting,
    reading: readsFrom(socket),
  }
}

function taken(socket: net.Socket): number {
  const handle = handleOf(socket)
  return handle && secureSocketOver(socket) ? bytesGiven(handle) : bytesRead(socket)
}

/** What is corked is at rest: it is the program's own until it draws the cork, and may stay so for ever. */
function handedOver(socket: net.Socket): number {
  const handle = handleOf(socket)
  if (handle && secureSocketOver(socket)) return bytesTaken(handle)
  const isCorked = handle !== null && !socket.connecting && writableCorked(socket) > 0
  return isCorked ? bytesTaken(handle) : bytesWritten(socket)
}

/** Exact, where writableLength counts a write that the kernel has taken in part as a whole one. */
function queued(socket: net.Socket): number {
  const handle = handleOf(socket)
  return handle ? handedOver(socket) - bytesTaken(handle) + writeQueueSize(handle) : 0
}

function waitingBytes(socket: net.Socket): number {
  const handle = handleOf(socket)
  return handle ? writeQueueSize(handle) : 0
}

function readsFrom(socket: net.Socket): boolean {
  const handle = ownHandleOf(secureSocketOver(socket) ?? socket)
  return handle === null || isReading(handle)
}

function handleOf(socket: net.Socket): object | null {
  const handle = ownHandleOf(socket)
  return handle && belowTls(handle)
}

function ownHandleOf(socket: net.Socket): object | null {
  return (socket as net.Socket & { _handle?: object | null })._handle ?? null
}

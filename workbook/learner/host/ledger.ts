import diagnostics from 'node:diagnostics_channel'
import net from 'node:net'
import type { SocketRow, TupleKey } from '../messages.ts'

/** Every TCP socket of the learner's program, with what went in and out, byte for byte. */

interface Handle {
  readonly reading?: boolean
  readonly writeQueueSize?: number
  readonly bytesWritten?: number
}

interface Tracked {
  readonly socket: net.Socket
  local: number
  remote: number
}

const tracked = new Map<net.Socket, Tracked>()

export function watchSockets(): void {
  diagnostics.subscribe('net.server.socket', (message) => track((message as { socket: net.Socket }).socket))
  // eslint-disable-next-line typescript/unbound-method -- called with the socket below
  const connect = net.Socket.prototype.connect as (this: net.Socket, ...args: unknown[]) => net.Socket
  net.Socket.prototype.connect = function trackedConnect(this: net.Socket, ...args: unknown[]) {
    track(this)
    return connect.apply(this, args)
  } as typeof net.Socket.prototype.connect
}

export function socketRows(): SocketRow[] {
  return [...tracked.values()].map(row)
}

/** Writes that wait for a peer which does not read: they are at rest, not at work. */
export function stalledWrites(stalled: ReadonlySet<TupleKey>): number {
  const keys = new Set(stalled)
  for (const { socket, local, remote } of tracked.values()) {
    if (handleOf(socket)?.reading === false) keys.add(`${remote}-${local}`)
  }
  return [...tracked.values()].filter(
    ({ socket, local, remote }) => keys.has(`${local}-${remote}`) && (handleOf(socket)?.writeQueueSize ?? 0) > 0,
  ).length
}

// --- internal ---

function track(socket: net.Socket): void {
  if (tracked.has(socket)) return
  const entry = { socket, local: 0, remote: 0 }
  tracked.set(socket, entry)
  // Ports are gone once the socket is destroyed, so they are noted when they are known.
  const note = (): void => {
    entry.local = socket.localPort ?? entry.local
    entry.remote = socket.remotePort ?? entry.remote
  }
  note()
  socket.prependListener('connect', note)
}

function row({ socket, local, remote }: Tracked): SocketRow {
  const state = socket as net.Socket & { _readableState?: { ended?: boolean } }
  return {
    local,
    remote,
    read: socket.bytesRead,
    written: socket.bytesWritten,
    queued: queued(socket),
    finished: socket.writableFinished,
    ended: state._readableState?.ended === true,
    destroyed: socket.destroyed,
    connecting: socket.connecting,
    reading: handleOf(socket)?.reading !== false,
  }
}

/** Exact, where writableLength counts a write that the kernel has taken in part as a whole one. */
function queued(socket: net.Socket): number {
  const handle = handleOf(socket)
  return handle ? socket.bytesWritten - (handle.bytesWritten ?? 0) + (handle.writeQueueSize ?? 0) : 0
}

function handleOf(socket: net.Socket): Handle | null {
  return (socket as net.Socket & { _handle?: Handle | null })._handle ?? null
}

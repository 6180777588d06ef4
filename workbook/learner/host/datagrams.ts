import dgram from 'node:dgram'
import type { DatagramRow } from '../messages.ts'

/** Every UDP socket of the learner's program, with its datagrams counted by the peer's port. */

interface Counted {
  readonly sent: Record<number, number>
  readonly received: Record<number, number>
}

const counted = new Map<dgram.Socket, Counted>()
const ports = new Map<dgram.Socket, number>()

export function watchDatagrams(): void {
  const prototype = dgram.Socket.prototype
  const { bind, emit } = prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  Object.assign(prototype, {
    bind(this: dgram.Socket, ...args: unknown[]) {
      count(this)
      return bind?.apply(this, args)
    },
    emit(this: dgram.Socket, name: string, ...args: unknown[]) {
      if (name === 'listening') ports.set(this, this.address().port)
      if (name === 'message') add(count(this).received, (args[1] as { port: number }).port)
      return emit?.call(this, name, ...args)
    },
  })
}

/** Called by the handle below, so that every way to send is counted once, when it really goes out. */
export function countSent(socketPort: number, to: number): void {
  for (const [socket, port] of ports) if (port === socketPort) add(count(socket).sent, to)
}

export function datagramRows(): DatagramRow[] {
  return [...counted].flatMap(([socket, { sent, received }]) => {
    const local = ports.get(socket)
    return local === undefined ? [] : [{ local, sent, received }]
  })
}

// --- internal ---

function count(socket: dgram.Socket): Counted {
  const known = counted.get(socket) ?? { sent: {}, received: {} }
  counted.set(socket, known)
  return known
}

function add(counts: Record<number, number>, port: number): void {
  counts[port] = (counts[port] ?? 0) + 1
}

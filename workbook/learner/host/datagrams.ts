import dgram from 'node:dgram'
import type { DatagramRow } from '../messages.ts'

/** The datagrams of the learner's program, counted by its own port and the peer's. */

interface Counts {
  readonly sent: Record<number, number>
  readonly received: Record<number, number>
}

/** By port, as a socket may be closed and its port be used again. */
const counted = new Map<number, Counts>()
const open = new Map<dgram.Socket, number>()

export function watchDatagrams(): void {
  const prototype = dgram.Socket.prototype
  const { emit } = prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  Object.assign(prototype, {
    emit(this: dgram.Socket, name: string, ...args: unknown[]) {
      if (name === 'listening') opened(this)
      if (name === 'close') open.delete(this)
      if (name === 'message') countReceived(open.get(this), (args[1] as { port: number }).port)
      return emit?.call(this, name, ...args)
    },
  })
}

/** UDP ports that the program itself has open. */
export function openDatagramPorts(): number[] {
  return [...open.values()]
}

/** Called by the handle below, so that every way to send is counted once, when it really goes out. */
export function countSent(local: number, to: number): void {
  const { sent } = countsOf(local)
  sent[to] = (sent[to] ?? 0) + 1
}

export function datagramRows(): DatagramRow[] {
  const ports = openDatagramPorts()
  return [...counted].map(([local, counts]) => ({ local, open: ports.includes(local), ...counts }))
}

// --- internal ---

function opened(socket: dgram.Socket): void {
  const { port } = socket.address()
  open.set(socket, port)
  // From here on a datagram may be on its way to it.
  countsOf(port)
}

function countReceived(local: number | undefined, from: number): void {
  if (local === undefined) return
  const { received } = countsOf(local)
  received[from] = (received[from] ?? 0) + 1
}

function countsOf(local: number): Counts {
  const known = counted.get(local) ?? { sent: {}, received: {} }
  counted.set(local, known)
  return known
}

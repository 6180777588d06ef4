import dgram from 'node:dgram'
import type { AddressInfo } from 'node:net'
import type { DatagramRow } from '../messages.ts'

/** The datagrams of the learner's program, counted by its own port and the peer's. */

interface Counts {
  readonly sent: Record<number, number>
  readonly received: Record<string, number>
  /** Where a connected socket leads, as `host port`: the system drops what comes from elsewhere. */
  only: string | null
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
      if (name === 'message') countReceived(open.get(this), args[1] as AddressInfo)
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

/** Called when a socket is connected: from then on it hears one peer. */
export function hearsOnly(local: number, host: string, port: number): void {
  countsOf(local).only = `${host} ${port}`
}

/** Forgets the ports of sockets that are closed: they may be given to somebody else. */
export function forgetClosedDatagrams(): void {
  const ports = openDatagramPorts()
  for (const local of counted.keys()) if (!ports.includes(local)) counted.delete(local)
}

export function datagramRows(): DatagramRow[] {
  const ports = openDatagramPorts()
  return [...counted].map(([local, counts]) => ({ local, open: ports.includes(local), ...counts }))
}

// --- internal ---

function opened(socket: dgram.Socket): void {
  const { port } = socket.address()
  open.set(socket, port)
  // From here on a datagram may be on its way to it; who had the port before may have been connected.
  countsOf(port).only = null
}

function countReceived(local: number | undefined, { address, port }: AddressInfo): void {
  if (local === undefined) return
  const { received } = countsOf(local)
  const from = `${address} ${port}`
  received[from] = (received[from] ?? 0) + 1
}

function countsOf(local: number): Counts {
  const known = counted.get(local) ?? { sent: {}, received: {}, only: null }
  counted.set(local, known)
  return known
}

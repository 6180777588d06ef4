import net from 'node:net'
import { constants } from 'node:os'
import { report } from './channel.ts'
import { inherited } from './inherited.ts'
import type { Method, Prototype } from './prototypes.ts'
import { secureSocketOver } from './secure.ts'

/**
 * What a program does with a socket and the other end cannot see: a write after `end()` leaves no byte, a destroyed
 * socket and an ended one send the same FIN, and of a refused connect nothing arrives anywhere.
 */

/** A program that tries for ever tells no more than this. */
const MOST = 200
const REFUSED = -constants.errno.ECONNREFUSED

type Socket = net.Socket & { readonly resetAndClosing?: boolean }

// What a socket says of itself, captured while nobody can have replaced it.
const writableEnded = inherited('writableEnded')
const finished = inherited('writableFinished')
const destroyed = inherited('destroyed')
const queued = inherited('writableLength')

let told = 0

/** The next program begins to count anew. */
export function forgetActs(): void {
  told = 0
}

/** Before anything else gets hold of these methods. */
export function watchActs(tcp: Prototype): void {
  const prototype = net.Socket.prototype as unknown as Record<'write' | '_destroy', Method>
  const { write, _destroy } = prototype
  prototype.write = function (...args) {
    if (writableEnded(this) && !destroyed(this)) tell(this as Socket, 'wrote-after-end')
    return write.apply(this, args)
  }
  prototype._destroy = function (...args) {
    if (isCutShort(this as Socket, args[0])) tell(this as Socket, 'destroyed')
    return _destroy.apply(this, args)
  }
  for (const name of ['connect', 'connect6']) watchConnect(tcp, name)
}

// --- internal ---

interface Connecting {
  oncomplete: (status: number, ...rest: unknown[]) => unknown
}

function watchConnect(tcp: Prototype, name: string): void {
  const connect = tcp[name] as Method
  tcp[name] = function (...args) {
    const [request, host, port] = args as [Connecting, unknown, unknown]
    const { oncomplete } = request
    request.oncomplete = function (status, ...rest) {
      if (status === REFUSED && told++ < MOST)
        report({ event: 'refused', host: String(host), port: Number(port) })
      return oncomplete.call(this, status, ...rest)
    }
    return connect.apply(this, args)
  }
}

/** By the program itself, and while it could still have sent: what the system ends has an error of the system. */
function isCutShort(socket: Socket, error: unknown): boolean {
  const isOfSystem = typeof error === 'object' && error !== null && 'syscall' in error
  return !isOfSystem && !finished(socket) && !socket.resetAndClosing && socket.remotePort !== undefined
}

function tell(socket: Socket, did: 'wrote-after-end' | 'destroyed'): void {
  const { localPort: local, remotePort: remote } = socket
  // Of TLS the bytes that wait are others than those on the wire.
  if (local === undefined || remote === undefined || secureSocketOver(socket) || told++ >= MOST) return
  report({ event: 'socket', did, local, remote, queued: queued(socket) })
}

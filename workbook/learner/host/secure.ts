import type { Socket } from 'node:net'
import type tls from 'node:tls'
import { forbidden } from './forbidden.ts'
import { knowTls, watchReading } from './handle-state.ts'
import type { Prototype } from './prototypes.ts'

/**
 * TLS in the learner's program, which is a client: what is counted is what passes on the wire below it. Node hands bytes
 * between the two in one turn of the event loop, so nothing is on the way where the proof of idleness does not look.
 */

/** Who speaks TLS over a connection; a socket of `tls.connect()` that has connected by itself, over its own. */
const speakers = new WeakMap<Socket, tls.TLSSocket>()

const CLIENTS_ONLY = 'your program is the client: use tls.connect()'

export function secureSocketOver(socket: Socket): Socket | null {
  return speakers.get(socket) ?? null
}

/** Called before a program has the module. */
export function guardTls(module: object): void {
  const exports = module as {
    connect: (...args: readonly unknown[]) => tls.TLSSocket
    TLSSocket: new () => Socket
  }
  const { connect, TLSSocket } = exports
  const handles = prototypeOf(TLSSocket)
  watchReading(handles)
  knowTls(handles)
  exports.connect = (...args) => {
    const socket = connect(...args)
    const [{ socket: given } = {}] = args.filter(isOptions)
    speakers.set(given ?? socket, socket)
    return socket
  }
  for (const name of ['TLSSocket', 'Server', 'createServer', 'createSecurePair'])
    if (name in module) Object.assign(module, { [name]: forbidden(`tls.${name}`, CLIENTS_ONLY) })
}

// --- internal ---

function isOptions(value: unknown): value is { readonly socket?: Socket } {
  return typeof value === 'object' && value !== null
}

/** Of the handles between TLS and TCP; an unused one leads there. */
function prototypeOf(TLSSocket: new () => Socket): Prototype {
  const socket = new TLSSocket()
  const { _handle: handle } = socket as unknown as { readonly _handle: object }
  socket.destroy()
  return Object.getPrototypeOf(handle) as Prototype
}

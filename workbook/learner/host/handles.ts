import type { Permit } from '../messages.ts'
import { countSent, hearsOnly, openDatagramPorts } from './datagrams.ts'
import { EACCES, refuse } from './forbidden.ts'
import { closeHandle, portOf, watchReading } from './handle-state.ts'
import { makeMethodsReadOnly } from './intrinsics.ts'
import { stackOfConnect } from './ledger.ts'
import { pipePrototype, tcpPrototype, udpPrototype, type Method, type Prototype } from './prototypes.ts'
import { forgetActs, watchActs } from './socket-acts.ts'
import { forgetTold, watchWrites } from './writes.ts'

/**
 * The floor below node:net. Connects go only where the grader permits, servers stay on loopback,
 * and what the handles are told is written down: it shows Nagle's switch and single writes, with no
 * clock and on every system.
 */

const LOOPBACK = '127.0.0.1'
const WILDCARDS = new Set(['0.0.0.0', '::', '::1', '::ffff:0.0.0.0'])
const BY_PATH = 'a socket by path or descriptor: connect to a host and a port'
const MAX_CALLS = 5_000

const permits = new Map<string, number>()
const listening = new Map<object, number>()
const calls: string[] = []
let bound = 0
const WRITES = [
  'writev',
  'writeBuffer',
  'writeUtf8String',
  'writeLatin1String',
  'writeAsciiString',
  'writeUcs2String',
]
const SPIED = ['setNoDelay', 'setKeepAlive', 'reset', 'shutdown', ...WRITES]
const METHODS = [
  ...SPIED,
  'open',
  'bind',
  'bind6',
  'connect',
  'connect6',
  'listen',
  'readStart',
  'readStop',
  'close',
  'useUserBuffer',
  'getsockname',
  'ref',
  'unref',
  'hasRef',
  'getAsyncId',
  'getProviderType',
  'asyncReset',
  'setBlocking',
]

export function permit(added: readonly Permit[]): void {
  for (const { host, port, to } of added) permits.set(`${host} ${port}`, to)
}

export function listeningPorts(): number[] {
  return [...listening.values()]
}

export function handleCalls(): readonly string[] {
  return calls
}

/** Closes what listens, below the program, and forgets what was permitted and written down. */
export function closeListeners(): void {
  for (const handle of listening.keys()) closeHandle(handle)
  listening.clear()
  permits.clear()
  calls.length = 0
  forgetTold()
  forgetActs()
  bound = 0
}

export function guardHandles(): void {
  const [tcp, pipe] = [tcpPrototype(), pipePrototype()]
  guardTcp(tcp)
  // Outermost, where an address is still the one that the program asked for.
  watchActs(tcp)
  guardPipe(pipe)
  guardUdp(udpPrototype())
  makeMethodsReadOnly(tcp, METHODS)
  makeMethodsReadOnly(pipe, METHODS)
}

/** The port on 127.0.0.1 behind an address, or null when the lab does not lead there. */
function route(host: string, port: number, own: readonly number[]): number | null {
  const permitted = permits.get(`${host} ${port}`)
  if (permitted !== undefined) return permitted
  return isLoopback(host) && own.includes(port) ? port : null
}

function guardTcp(tcp: Prototype): void {
  const { connect, bind, bind6, listen, close } = tcp
  const toRoute = function (this: object, ...args: unknown[]): unknown {
    note(`connect(${String(args[1])}, ${String(args[2])})`)
    const to = route(String(args[1]), Number(args[2]), listeningPorts())
    if (to === null) return refuse(leaving('connect', args[1], args[2]), stackOfConnect(this))
    return connect?.call(this, args[0], LOOPBACK, to)
  }
  // An IPv6 destination is played by 127.0.0.1 as well, so it can be tested where ::1 is absent.
  tcp['connect'] = tcp['connect6'] = toRoute
  tcp['bind'] = asAsked(loopbackOnly(bind, bind))
  tcp['bind6'] = asAsked(loopbackOnly(bind6, bind))
  tcp['listen'] = function (...args) {
    const status = listen?.apply(this, args)
    const port = status === 0 ? portOf(this) : undefined
    if (port !== undefined) listening.set(this, port)
    return status
  }
  tcp['close'] = function (...args) {
    listening.delete(this)
    return close?.apply(this, args)
  }
  tcp['open'] = () => refuse(BY_PATH)
  watchReading(tcp)
  for (const name of SPIED) spy(tcp, name)
  watchWrites(tcp)
}

/** Who writes `listen('port')` has never heard of sockets that are files. */
function byText(does: string, name: unknown): string {
  const shown = JSON.stringify(String(name).slice(0, 40))
  return `your program ${does} ${shown}: Node takes such a text for the path of a file, and a port is a number`
}

/** Pipes lead to UNIX sockets, and to the line to the grader. Standard output is one too. */
function guardPipe(pipe: Prototype): void {
  const { open, writeBuffer } = pipe
  let seen = false
  // Node hands a request of its own to each write. The first one goes out before a program is there.
  pipe['writeBuffer'] = function (request, ...args) {
    if (!seen) makeMethodsReadOnly(Object.getPrototypeOf(request) as object, [])
    seen = true
    return writeBuffer?.call(this, request, ...args)
  }
  pipe['listen'] = () => refuse(BY_PATH)
  pipe['bind'] = (name) => refuse(byText('listens on', name))
  pipe['connect'] = (_request, name) => refuse(byText('connects to', name))
  pipe['open'] = function (descriptor) {
    return descriptor === 1 || descriptor === 2 ? open?.call(this, descriptor) : refuse(BY_PATH)
  }
}

function guardUdp(udp: Prototype): void {
  const { send, connect, bind, bind6, getsockname } = udp
  const localPort = (handle: object): number => {
    const name: { port?: number } = {}
    getsockname?.call(handle, name)
    return name.port ?? 0
  }
  udp['open'] = () => refuse(BY_PATH)
  udp['bind'] = loopbackOnly(bind, bind)
  udp['bind6'] = loopbackOnly(bind6, bind)
  const connectedTo = new WeakMap<object, number>()
  udp['send'] = udp['send6'] = function (...args) {
    // A connected socket sends with two arguments fewer, and has passed connect() before.
    const connected = connectedTo.get(this)
    const to = connected ?? route(String(args[4]), Number(args[3]), openDatagramPorts())
    if (to === null) return refuse(leaving('send', args[4], args[3]))
    countSent(localPort(this), to)
    if (connected !== undefined) return send?.apply(this, args)
    return send?.call(this, args[0], args[1], args[2], to, LOOPBACK, args[5])
  }
  udp['connect'] = udp['connect6'] = function (...args) {
    const to = route(String(args[0]), Number(args[1]), openDatagramPorts())
    if (to === null) return refuse(leaving('connect', args[0], args[1]))
    connectedTo.set(this, to)
    hearsOnly(localPort(this), LOOPBACK, to)
    return connect?.call(this, LOOPBACK, to)
  }
}

/** Ports that a program binds, those that it has let go of included; the machine has some 28,000. */
const MOST_BOUND = 1_000

function mayBind(): boolean {
  if (++bound <= MOST_BOUND) return true
  if (bound === MOST_BOUND + 1) refuse(`more than ${MOST_BOUND} ports bound in one check`)
  return false
}

/** Notes where the program wanted to listen, before it is led elsewhere. */
function asAsked(bind: Method): Method {
  return function (...args) {
    note(`bind(${String(args[0])})`)
    return bind.apply(this, args)
  }
}

/** Binds wildcards and ::1 to 127.0.0.1: nobody outside this machine reaches a learner's server. */
function loopbackOnly(own: Method | undefined, ipv4: Method | undefined): Method {
  return function (...args) {
    const [address, ...rest] = args
    if (!mayBind()) return EACCES
    if (WILDCARDS.has(String(address))) return ipv4?.call(this, LOOPBACK, rest[0], 0)
    return isLoopback(String(address)) ? own?.apply(this, args) : refuse(leaving('bind', address, rest[0]))
  }
}

function leaving(act: string, host: unknown, port: unknown): string {
  return `${act} to ${String(host)} port ${String(port)}: left the lab`
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host.startsWith('::ffff:127.')
}

function spy(tcp: Prototype, name: string): void {
  const original = tcp[name]
  if (!original) return
  tcp[name] = function (...args) {
    // Of a setter, what was set: `setKeepAlive(true, 30)`, in the seconds that the system counts in.
    const call = name.startsWith('set') ? `${name}(${args.slice(0, 2).map(String).join(', ')})` : name
    note(call)
    return original.apply(this, args)
  }
}

function note(call: string): void {
  if (calls.length < MAX_CALLS) calls.push(call)
}

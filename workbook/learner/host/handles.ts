import dgram from 'node:dgram'
import net from 'node:net'
import type { Permit } from '../messages.ts'
import { report } from './channel.ts'
import { countSent } from './datagrams.ts'

/**
 * The floor below node:net. Connects go only where the grader permits, servers stay on loopback,
 * and what the handles are told is written down: it shows Nagle's switch and single writes, with no
 * clock and on every system.
 */

type Method = (this: object, ...args: unknown[]) => unknown
type Prototype = Record<string, Method>

/** libuv's EACCES: the program sees a refused permission, the grader sees why. */
const EACCES = -13
const LOOPBACK = '127.0.0.1'
const WILDCARDS = new Set(['0.0.0.0', '::', '::1', '::ffff:0.0.0.0'])
const MAX_CALLS = 5_000

const permits = new Map<string, number>()
const listening = new Map<object, number>()
const calls: string[] = []
const SPIED = ['setNoDelay', 'setKeepAlive', 'reset', 'shutdown', 'writev', 'writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writeAsciiString']

export function permit(added: readonly Permit[]): void {
  for (const { host, port, to } of added) permits.set(`${host} ${port}`, to)
}

export function listeningPorts(): number[] {
  return [...listening.values()]
}

export function handleCalls(): readonly string[] {
  return calls
}

export function guardHandles(): void {
  guardTcp(tcpPrototype())
  guardUdp(udpPrototype())
}

/** The port on 127.0.0.1 behind an address, or null when the lab does not lead there. */
function route(host: string, port: number): number | null {
  const permitted = permits.get(`${host} ${port}`)
  if (permitted !== undefined) return permitted
  return isLoopback(host) && listeningPorts().includes(port) ? port : null
}

function guardTcp(tcp: Prototype): void {
  const { connect, bind, bind6, listen, close } = tcp
  const toRoute = function (this: object, ...args: unknown[]): unknown {
    const to = route(String(args[1]), Number(args[2]))
    return to === null ? refuse('connect', args[1], args[2]) : connect?.call(this, args[0], LOOPBACK, to)
  }
  // An IPv6 destination is played by 127.0.0.1 as well, so it can be tested where ::1 is absent.
  tcp['connect'] = tcp['connect6'] = toRoute
  tcp['bind'] = loopbackOnly(bind, bind)
  tcp['bind6'] = loopbackOnly(bind6, bind)
  tcp['listen'] = function (...args) {
    const status = listen?.apply(this, args)
    const port = status === 0 ? localPort(this) : undefined
    if (port !== undefined) listening.set(this, port)
    return status
  }
  tcp['close'] = function (...args) {
    listening.delete(this)
    return close?.apply(this, args)
  }
  for (const name of SPIED) spy(tcp, name)
}

function guardUdp(udp: Prototype): void {
  const { send, connect, bind, bind6 } = udp
  udp['bind'] = loopbackOnly(bind, bind)
  udp['bind6'] = loopbackOnly(bind6, bind6)
  const connectedTo = new WeakMap<object, number>()
  udp['send'] = udp['send6'] = function (...args) {
    // A connected socket sends with two arguments fewer, and has passed connect() before.
    const connected = connectedTo.get(this)
    const to = connected ?? route(String(args[4]), Number(args[3]))
    if (to === null) return refuse('send', args[4], args[3])
    countSent(localPort(this) ?? 0, to)
    if (connected !== undefined) return send?.apply(this, args)
    return send?.call(this, args[0], args[1], args[2], to, LOOPBACK, args[5])
  }
  udp['connect'] = udp['connect6'] = function (...args) {
    const to = route(String(args[0]), Number(args[1]))
    if (to === null) return refuse('connect', args[0], args[1])
    connectedTo.set(this, to)
    return connect?.call(this, LOOPBACK, to)
  }
}

/** Binds wildcards and ::1 to 127.0.0.1: nobody outside this machine reaches a learner's server. */
function loopbackOnly(own: Method | undefined, ipv4: Method | undefined): Method {
  return function (...args) {
    const [address, ...rest] = args
    if (WILDCARDS.has(String(address))) return ipv4?.call(this, LOOPBACK, rest[0], 0)
    return isLoopback(String(address)) ? own?.apply(this, args) : refuse('bind', address, rest[0])
  }
}

function refuse(act: string, host: unknown, port: unknown): number {
  const stack = new Error().stack ?? ''
  report({ event: 'forbidden', what: `${act} to ${String(host)} port ${String(port)}: left the lab`, stack })
  return EACCES
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host.startsWith('::ffff:127.')
}

function spy(tcp: Prototype, name: string): void {
  const original = tcp[name]
  if (!original) return
  tcp[name] = function (...args) {
    if (calls.length < MAX_CALLS) calls.push(name.startsWith('set') ? `${name}(${String(args[0])})` : name)
    return original.apply(this, args)
  }
}

function localPort(handle: object): number | undefined {
  const name: { port?: number } = {}
  ;(handle as { getsockname(out: object): number }).getsockname(name)
  return name.port
}

/** The prototypes are not exported; one unused handle of each kind leads to them. */
function tcpPrototype(): Prototype {
  const create = (net as unknown as { _createServerHandle(host: string, port: number, family: 4): { close(): void } })
    ._createServerHandle
  const handle = create(LOOPBACK, 0, 4)
  handle.close()
  return Object.getPrototypeOf(handle) as Prototype
}

function udpPrototype(): Prototype {
  const socket = dgram.createSocket('udp4')
  const states = Object.getOwnPropertySymbols(socket).map((symbol) => Reflect.get(socket, symbol) as { handle?: object })
  const handle = states.find((state) => state?.handle)?.handle
  socket.close()
  return Object.getPrototypeOf(handle) as Prototype
}

import { isIP } from 'node:net'
import type { Calm, Order, Packed } from '../learner/messages.ts'
import { holdRefusedPort } from '../wire/refused-port.ts'
import type { Connection, DatagramPeer, Learner, Link, Listener, RemoteServer } from './check.ts'
import { convict } from './conviction.ts'
import { CLOCK, type Remote, type RemoteCall } from './remote.ts'
import type { Session } from './session.ts'
import { spoken } from './spoken.ts'
import { leftOpen, openSocketsOf, passedThrough } from './witness.ts'

/** The suite's hands on the learner's program. */
export class GradedLearner implements Learner {
  readonly clock = CLOCK
  readonly #session: Session
  readonly #remote: Remote
  /** Addresses given to names that the suite permits without naming an address (RFC 5737 block). */
  #named = 0
  readonly #addresses = new Map<string, string>([['localhost', '127.0.0.1']])

  constructor(session: Session, remote: Remote) {
    this.#session = session
    this.#remote = remote
  }

  call<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`${name}()`, name, args, 'program', false)
  }

  construct<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`new ${name}()`, name, args, 'program', true)
  }

  make<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`the check's own ${name}()`, name, args, 'fixture', false)
  }

  async serve(name: string, ...args: readonly unknown[]): Promise<RemoteServer> {
    const call = this.call<RemoteServer>(name, ...args)
    await this.#session.until(() => call.settled)
    const { listening } = await this.#session.idle()
    if (!call.settled && listening.length === 0) {
      convict(
        'never-listened',
        `${name}() to listen`,
        'your program is idle; nothing listens, and the promise is pending',
      )
    }
    const server: unknown = await call
    const port = (server as Partial<RemoteServer> | null)?.port
    if (typeof port !== 'number')
      convict('failed', `${name}() to resolve with a port`, `no port in what it resolved with`)
    if (!listening.includes(port)) {
      const ports = listening.length > 0 ? `it listens on ${listening.join(', ')}` : 'nothing listens'
      convict('never-listened', `a server on port ${port}, as ${name}() said`, ports)
    }
    this.#session.step(`${name}() listens`)
    return server as RemoteServer
  }

  async idle(): Promise<void> {
    await this.#session.idle()
  }

  tick(milliseconds: number): Promise<void> {
    return this.#session.tick(milliseconds)
  }

  asleep<T>(body: () => Promise<T>): Promise<T> {
    return this.#session.process.asleep(body)
  }

  holdClock(): void {
    this.#session.holdClock()
  }

  permit(host: string, port: number, to: Listener | Link | DatagramPeer | 'refused'): void {
    const address = isIP(host) ? host : this.#addressOf(host)
    this.#tell({
      op: 'permit',
      permits: [{ host: address, port, to: to === 'refused' ? this.#refused() : to.port }],
    })
  }

  names(answers: Readonly<Record<string, string>>): void {
    for (const [name, address] of Object.entries(answers)) this.#addresses.set(name, address)
    this.#tell({ op: 'names', answers })
  }

  async leavesNothing(): Promise<void> {
    const { sockets, listening, datagrams, timers } = await this.#session.idle()
    const open = sockets.filter(isOpen)
    const left = [
      ...open.map(({ local, remote }) => {
        const peer = this.#session.ends.find((end) => end.localPort === remote && end.remotePort === local)
        return `a socket from port ${local} to port ${remote}${peer ? `, the ${peer.lane}` : ''}`
      }),
      ...listening.map((port) => `a server on port ${port}`),
      ...datagrams.filter((row) => row.open).map(({ local }) => `a UDP socket on port ${local}`),
      ...(timers.pending > 0
        ? [`${timers.pending} pending ${timers.pending === 1 ? 'timer' : 'timers'}`]
        : []),
    ]
    if (left.length > 0)
      convict('leaked', 'no socket, server or timer left', `still there: ${left.join(', ')}`)
    const hidden = await leftOpen(this.#session)
    if (hidden.length > 0)
      convict('leaked', 'no socket, server or timer left', `still there: ${hidden.join(', ')}`)
    this.#session.step('nothing left open')
  }

  openSockets(): Promise<number> {
    return openSocketsOf(this.#session)
  }

  async held(): Promise<number> {
    const { taken, left } = await this.passed()
    return taken - left
  }

  passed(): Promise<{ readonly taken: number; readonly left: number }> {
    return passedThrough(this.#session)
  }

  async handleCalls(): Promise<readonly string[]> {
    return (await this.#session.order({ op: 'handle-calls' })) as readonly string[]
  }

  async writesTo({ remotePort }: Connection): Promise<readonly string[]> {
    return (await this.#session.order({ op: 'writes', port: remotePort })) as readonly string[]
  }

  async staysOnLoopback(): Promise<void> {
    const wide = (await this.handleCalls()).find((call) => /^bind\((?!127\.)/.test(call))
    if (wide !== undefined)
      convict(
        'failed',
        'a server on 127.0.0.1: nobody else is to reach it',
        `${wide}: it listens on every address of this machine`,
      )
  }

  // --- internal ---

  #call<T>(
    what: string,
    name: string,
    args: readonly unknown[],
    of: 'program' | 'fixture',
    construct: boolean,
  ): RemoteCall<T> {
    const order = (packed: Packed[]): Order => ({ op: 'call', of, name, args: packed, construct })
    if (of === 'program') this.#session.step(`called ${spoken(what, args)}`)
    return this.#remote.call<T>(what, order, args)
  }

  #addressOf(host: string): string {
    const known = this.#addresses.get(host)
    if (known !== undefined) return known
    const address = `192.0.2.${++this.#named}`
    this.names({ [host]: address })
    return address
  }

  #refused(): number {
    const { port, release } = holdRefusedPort()
    this.#session.onClose(release)
    return port
  }

  #tell(order: Order): void {
    // When the process is gone, the next wait says so.
    this.#session.order(order).catch(() => undefined)
  }
}

/** A socket is gone when both directions are: FIN sent and FIN read, or destroyed. */
function isOpen(row: Calm['sockets'][number]): boolean {
  return !row.destroyed && !(row.finished && row.ended)
}

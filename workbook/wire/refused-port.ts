import net from 'node:net'

/** A port on 127.0.0.1 that refuses: bound, so nobody else can get it, and never listening. */
export interface RefusedPort {
  readonly port: number
  release(): void
}

interface BoundHandle {
  getsockname(out: { port?: number }): number
  close(): void
}

/** @throws Error when the system has no port left. */
export function holdRefusedPort(): RefusedPort {
  const held = holdPort(0)
  if (held) return held
  throw new Error('no port could be bound on 127.0.0.1')
}

/**
 * Connections that a server has left behind do not stand in the way.
 *
 * @param wanted - 0 for any.
 * @returns null when somebody listens there.
 */
export function holdPort(wanted: number): RefusedPort | null {
  // node:net has no public way to bind without listening; this one has been there since Node 0.
  const { _createServerHandle: bind } = net as unknown as {
    _createServerHandle(host: string, port: number, family: 4): BoundHandle | number
  }
  const handle = bind('127.0.0.1', wanted, 4)
  if (typeof handle === 'number') return null
  const name: { port?: number } = {}
  handle.getsockname(name)
  const { port = 0 } = name
  // libuv keeps EADDRINUSE back until somebody listens; the handle has no port then.
  if (port > 0) return { port, release: () => handle.close() }
  handle.close()
  return null
}

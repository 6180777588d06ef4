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

export function holdRefusedPort(): RefusedPort {
  // node:net has no public way to bind without listening; this one has been there since Node 0.
  const { _createServerHandle: bind } = net as unknown as {
    _createServerHandle(host: string, port: number, family: 4): BoundHandle | number
  }
  const handle = bind('127.0.0.1', 0, 4)
  if (typeof handle === 'number')
    throw new Error(`no port could be bound on 127.0.0.1 (system error ${handle})`)
  const name: { port?: number } = {}
  handle.getsockname(name)
  return { port: name.port ?? 0, release: () => handle.close() }
}

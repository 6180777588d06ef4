// Has two servers: one that close() closes, and one that goes on. The handle of the second says another port.
import net from 'node:net'

type Handle = { getsockname(out: { port?: number; address?: string }): number }

const listens = (server: net.Server): Promise<net.AddressInfo> =>
  new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1' }, () => resolve(server.address() as net.AddressInfo)),
  )

export async function serve(): Promise<{ port: number; close(): Promise<void> }> {
  const dummy = net.createServer()
  const { port: shown } = await listens(dummy)
  const create = Reflect.get(net, '_createServerHandle') as (host: string, port: number, family: 4) => Handle
  const handle = create('127.0.0.1', 0, 4)
  const real: { port?: number } = {}
  handle.getsockname(real)
  Object.defineProperty(handle, 'getsockname', {
    value(out: { port?: number; address?: string }) {
      Object.assign(out, { port: shown, address: '127.0.0.1', family: 'IPv4' })
      return 0
    },
  })
  const server = net.createServer((socket) => socket.on('error', () => undefined).end('hello'))
  await new Promise<void>((resolve) => server.listen(handle, resolve))
  return {
    port: real.port ?? 0,
    close: () => new Promise((resolve) => dummy.close(() => resolve())),
  }
}

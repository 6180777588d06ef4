import { once } from 'node:events'
import net from 'node:net'

/** Listens on a free port of 127.0.0.1, or where `at` says. */
export async function listen(
  server: net.Server,
  at: net.ListenOptions = {},
): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0, ...at })
  await once(server, 'listening')
  return (server.address() as net.AddressInfo).port
}

/** A connection to a port of 127.0.0.1, once it exists. Rejects as the system does. */
export async function connect(
  port: number,
  options: Partial<net.TcpNetConnectOpts> = {},
): Promise<net.Socket> {
  const socket = net.connect({ host: '127.0.0.1', port, ...options })
  await once(socket, 'connect')
  return socket
}

/** The next connection that a server accepts. */
export async function accepted(server: net.Server): Promise<net.Socket> {
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  return socket
}

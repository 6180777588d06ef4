// Takes a connection from under node:net, and closes the server: no ledger shows the socket that is left.
import net from 'node:net'

export async function run(): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { _handle: handle } = server as unknown as {
    _handle: { onconnection(status: number, client: unknown): void }
  }
  const taken = new Promise((resolve) => {
    handle.onconnection = (_, client) => resolve(client)
  })
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  Object.assign(globalThis, { kept: [await taken, socket] })
  await new Promise<void>((resolve) => server.close(() => resolve()))
}

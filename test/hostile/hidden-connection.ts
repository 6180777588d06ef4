// Attacks the ledger: takes a connection from under node:net, where nothing counts it.
import net from 'node:net'

const taken: unknown[] = []

export async function serve(): Promise<{ port: number }> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { _handle: handle } = server as unknown as {
    _handle: { onconnection(status: number, client: unknown): void }
  }
  handle.onconnection = (_, client) => void taken.push(client)
  return { port: (server.address() as net.AddressInfo).port }
}

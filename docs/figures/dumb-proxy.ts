import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { MessageReader } from '../../labs/kit/message-reader.ts'

/**
 * A proxy as the oldest ones were, for recordings: it relays one request, header by header, as it
 * came, then relays the answer until the next one closes, and reads nothing else from its client.
 */
export async function openDumbProxy(next: number): Promise<{ readonly port: number; close(): void }> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    sockets.push(client)
    relayOne(client, next, sockets)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

// --- internal ---

function relayOne(client: Socket, next: number, sockets: Socket[]): void {
  const reader = new MessageReader('request')
  const chunks: Buffer[] = []
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    if (reader.push(chunk).length === 0) return
    client.off('data', take)
    client.pause()
    const onward = connect({ port: next, host: '127.0.0.1', noDelay: true })
    sockets.push(onward)
    onward.write(Buffer.concat(chunks))
    onward.on('data', (answer) => client.write(answer))
    onward.on('end', () => client.end())
    onward.on('error', () => undefined)
  }
  client.on('data', take)
  client.on('error', () => undefined)
}

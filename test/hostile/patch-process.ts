// Attacks the proof of idleness: work that is hidden behind patched functions.
import net from 'node:net'

process.getActiveResourcesInfo = () => []
process.emit = (() => false) as unknown as typeof process.emit
process.nextTick = () => undefined
process.listenerCount = () => 0
globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate

export async function serve(): Promise<{ port: number }> {
  const server = net.createServer((socket) => socket.once('data', () => void answerLate(socket)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}

async function answerLate(socket: net.Socket): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await crypto.subtle.digest('SHA-256', Buffer.alloc(1_000_000))
  socket.write('late')
}

// Attacks the ledger: a socket that lies about itself, and leaks all the same.
import net from 'node:net'

const lie = (value: unknown) => ({ configurable: true, get: () => value, set: () => undefined })
Object.defineProperties(net.Socket.prototype, {
  destroyed: lie(true),
  bytesRead: lie(0),
  bytesWritten: lie(0),
  writableFinished: lie(true),
  connecting: lie(false),
})

export async function run(port: number): Promise<void> {
  await new Promise<void>((resolve) => net.connect(port, '127.0.0.1', resolve))
}

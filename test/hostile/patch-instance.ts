// Attacks the ledger: one socket that says it is gone, and is not.
import net from 'node:net'

export async function run(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  socket.removeAllListeners()
  Object.defineProperties(socket, {
    destroyed: { value: true },
    bytesRead: { value: 0 },
    bytesWritten: { value: 0 },
    _handle: { value: null },
  })
}

// Lets whoever counts its bytes fall.
import net from 'node:net'

export async function run(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  Object.defineProperty(socket, '_handle', {
    get() {
      throw new Error('no handle for you')
    },
  })
}

// Leaves the lab: connects to wherever it is told.
import net from 'node:net'

export async function run(options: net.NetConnectOpts): Promise<void> {
  const socket = net.connect(options)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
}

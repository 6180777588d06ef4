// Leaves the lab: a server that others on the network could reach.
import net from 'node:net'

export async function run(host: string): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
}

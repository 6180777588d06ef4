// Listens on every port that there is, so that nobody else finds one.
import net from 'node:net'

export async function run(): Promise<void> {
  for (let count = 0; count < 40_000; count++) {
    const server = net.createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  }
}

// Attacks the end of the check: hears no signal, and stays.
import net from 'node:net'

export async function run(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  await new Promise<void>((resolve) => net.createServer().listen(0, '127.0.0.1', resolve))
  setInterval(() => undefined, 1000)
}

// What names a connection: two that differ in one value, and a pool of three ports that runs out.
import net from 'node:net'
import { accepted, connect, listen } from './parts/loopback.ts'
import { print, printTable } from './parts/table.ts'

const shop = net.createServer()
const library = net.createServer()
const shopPort = await listen(shop)
const libraryPort = await listen(library)
const open: net.Socket[] = []

/** Opens one connection more and keeps it, with the local address and port that are asked for. */
async function openTo(port: number, localPort = 0): Promise<net.Socket> {
  const arrival = accepted(port === shopPort ? shop : library)
  const socket = await connect(port, { localAddress: '127.0.0.1', localPort })
  open.push(socket, await arrival)
  return socket
}

/** What becomes of one connection more: `connected`, or the code of the system's refusal. */
async function attempt(port: number, localPort: number): Promise<string> {
  try {
    open.push(await connect(port, { localAddress: '127.0.0.1', localPort }))
    return 'connected'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

const pool: number[] = []
const rows: Array<Array<string | number>> = []
for (const name of ['first', 'second', 'third']) {
  const { localPort = 0 } = await openTo(shopPort)
  pool.push(localPort)
  rows.push([name, '127.0.0.1', localPort, '127.0.0.1', shopPort])
}
printTable(['connection', 'source', 'port', 'destination', 'port'], rows)
print()
print(`Suppose that you had these ports alone: ${pool.join(', ')}.`)
print('One connection more:')
const [port = 0] = pool
printTable(
  ['from port', 'to', 'outcome'],
  [
    [port, `the same server, port ${shopPort}`, await attempt(shopPort, port)],
    [port, `another server, port ${libraryPort}`, await attempt(libraryPort, port)],
  ],
)
for (const socket of open) socket.destroy()
shop.close()
library.close()

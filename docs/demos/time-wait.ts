// Who closes first holds TIME-WAIT: both ends in the kernel's own table, after four ways to end a connection.
import { once } from 'node:events'
import net from 'node:net'
import { needsLinux } from './parts/linux.ts'
import { accepted, connect, listen } from './parts/loopback.ts'
import { kernelEnd, until } from './parts/proc-net-tcp.ts'
import { printTable } from './parts/table.ts'

needsLinux('the table /proc/net/tcp')

const server = net.createServer({ allowHalfOpen: true })
const port = await listen(server)

type Ending = (client: net.Socket, ofServer: net.Socket) => Promise<void>

// #region endings
const oneAfterTheOther: Ending = async (first, second) => {
  const bothClosed = Promise.all([closed(first), closed(second)])
  first.end()
  await once(second, 'end')
  second.end()
  await bothClosed
}
const clientFirst: Ending = (client, ofServer) => oneAfterTheOther(client, ofServer)
const serverFirst: Ending = (client, ofServer) => oneAfterTheOther(ofServer, client)
const clientAlone: Ending = async (client, ofServer) => {
  client.end()
  await once(ofServer, 'end')
}
const reset: Ending = async (client, ofServer) => {
  client.resetAndDestroy()
  await closed(ofServer)
}
// #endregion endings

/** A connection passes through these on its way and does not stay in them. */
const PASSING = new Set(['FIN-WAIT-1', 'CLOSING', 'LAST-ACK'])

async function row(name: string, end: Ending): Promise<string[]> {
  const arrival = accepted(server)
  const client = await connect(port, { allowHalfOpen: true })
  const ofServer = await arrival
  const clientPort = client.localPort ?? 0
  for (const socket of [client, ofServer]) socket.on('error', () => {}).resume()
  await end(client, ofServer)
  const states = (): string[] =>
    [kernelEnd(clientPort, port), kernelEnd(port, clientPort)].map(
      (found) => found?.state ?? 'nothing left',
    )
  await until(() => states().every((state) => !PASSING.has(state)))
  const found = states()
  client.destroy()
  ofServer.destroy()
  return [name, ...found]
}

/** After an error too, for which `once` of `node:events` would throw. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}

printTable(
  ['who ends the connection', "client's end", "server's end"],
  [
    await row('the client, then the server', clientFirst),
    await row('the server, then the client', serverFirst),
    await row('the client; the server not yet', clientAlone),
    await row('the client, with a reset', reset),
  ],
)
server.close()

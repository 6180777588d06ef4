// The rows of one connection in the kernel's own table, as it is printed: open, half-closed, and in TIME-WAIT.
import { once } from 'node:events'
import net from 'node:net'
import { needsLinux } from './parts/linux.ts'
import { accepted, connect, listen } from './parts/loopback.ts'
import { kernelEnd, kernelLine, kernelLines, until } from './parts/proc-net-tcp.ts'
import { print } from './parts/table.ts'

needsLinux('the table /proc/net/tcp')

const server = net.createServer({ allowHalfOpen: true })
const port = await listen(server)
const arrival = accepted(server)
const client = await connect(port, { allowHalfOpen: true })
const ofServer = await arrival
const clientPort = client.localPort ?? 0
for (const socket of [client, ofServer]) socket.resume()

/** As far as this workbook explains a row: further right stand a user, the number of a file and more. */
const shown = (line: string): string => /^(?:\s*\S+){7}/.exec(line)?.[0] ?? line

const [names = ''] = kernelLines()

function show(when: string): void {
  const rows = [kernelLine(clientPort, port), kernelLine(port, clientPort)]
  print(`${when}:`)
  for (const line of rows) if (line !== undefined) print(shown(line))
}

print(
  `client's port ${clientPort} is ${hex(clientPort)}, server's port ${port} is ${hex(port)}`,
)
print()
print(names.slice(0, names.indexOf('   uid')))
show('open')
client.end()
await until(() => kernelEnd(clientPort, port)?.state === 'FIN-WAIT-2')
show('the client has closed')
if (!ofServer.readableEnded) await once(ofServer, 'end')
ofServer.end()
await until(() => kernelEnd(port, clientPort) === undefined)
await until(() => kernelEnd(clientPort, port)?.state === 'TIME-WAIT')
show('the server has closed, too')
server.close()

function hex(each: number): string {
  return each.toString(16).toUpperCase().padStart(4, '0')
}

// The order of listen, connect and accept: the handshake is over before the server's program knows of it.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { connect } from './parts/loopback.ts'
import { kernelEnd, until } from './parts/proc-net-tcp.ts'
import { print } from './parts/table.ts'

const program = path.join(import.meta.dirname, 'parts', 'standing-server.ts')
const server = spawn(process.execPath, [...process.execArgv, program], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const said = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
const nextLine = async (): Promise<string> => String((await said.next()).value)

const port = Number(await nextLine())

/** On Linux, once the server's system has acknowledged everything: what lies there unread. */
async function tellWhatIsUnread(localPort: number): Promise<void> {
  await until(() => kernelEnd(localPort, port)?.unacknowledged === 0)
  print(`its kernel   ${kernelEnd(port, localPort)?.unread} bytes acknowledged, and queued`)
}

print('server       listen')
print('server       stands still: it runs no line of code')
// #region before-accept
const socket = await connect(port)
print('client       connect: the handshake is over')
socket.write('hello')
print('client       write: 5 bytes')
if (process.platform === 'linux') await tellWhatIsUnread(socket.localPort ?? 0)
server.stdin.end('\n')
print('server       goes on')
// #endregion before-accept
const [remotePort, text] = (await nextLine()).split(' ')
const whose = Number(remotePort) === socket.localPort ? "the client's" : "somebody else's"
print(`server       accept: a new socket, its other end is ${whose}`)
print(`server       read: ${text}`)
socket.destroy()

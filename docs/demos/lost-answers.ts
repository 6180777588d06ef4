// Twelve responses are under way when the server closes: how many survive one more request?
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'

const RESPONSES = 12
const RESPONSE_BYTES = 50_000

interface Close {
  readonly name: string
  readonly done: 'close' | 'finish'
  go(socket: Socket): void
}

interface Outcome {
  readonly bytes: number
  /** What Node told the client at the end: `end`, or the code of an error. */
  readonly told: string
}

// #region closes
/** How the server closes, and the event that says that it has. */
const closes: readonly Close[] = [
  { name: 'destroy()', go: (socket) => socket.destroy(), done: 'close' },
  { name: 'destroySoon()', go: (socket) => socket.destroySoon(), done: 'close' },
  { name: 'end(), and read on', go: (socket) => socket.end(), done: 'finish' },
]
// #endregion closes

console.log("server's close      late  whole     bytes   client told")
for (const close of closes) {
  for (const late of [0, 1, 2]) {
    const { bytes, told } = await run(close, late)
    const row = [
      close.name.padEnd(19),
      String(late).padEnd(5),
      `${Math.floor(bytes / RESPONSE_BYTES)} of ${RESPONSES}`.padEnd(9),
      String(bytes).padEnd(7),
      told,
    ]
    console.log(row.join(' '))
  }
}

/** One connection. The client does not read before the server has closed: its window stays small. */
async function run(close: Close, late: number): Promise<Outcome> {
  let serverClosed = (): void => {}
  const closed = new Promise<void>((resolve) => (serverClosed = resolve))
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let requests = 0
    socket.once(close.done, serverClosed)
    socket.on('error', () => {})
    socket.on('end', () => socket.destroy())
    socket.on('data', (chunk) => {
      const before = requests
      requests += chunk.toString().split('\n').length - 1
      if (before > 0) return
      // #region server
      for (let nth = 1; nth <= RESPONSES; nth += 1)
        socket.write(Buffer.alloc(RESPONSE_BYTES, nth))
      close.go(socket)
      // #endregion server
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const client = new Socket({ allowHalfOpen: true })
  // Before connect(): a socket that is paused later has already begun to read.
  client.pause()
  client.connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  client.write('GET\n'.repeat(RESPONSES))
  await closed
  const outcome = readToTheEnd(client)
  for (let sent = 0; sent < late; sent += 1)
    await new Promise((done) => client.write('GET\n', done))
  client.resume()
  await outcome
  server.close()
  return outcome
}

async function readToTheEnd(client: Socket): Promise<Outcome> {
  let bytes = 0
  client.on('data', (chunk) => (bytes += chunk.length))
  const told = await new Promise<string>((resolve) => {
    client.once('end', () => resolve('end'))
    client.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code ?? error.message),
    )
  })
  client.destroy()
  return { bytes, told }
}

// Ten answers lie ready and an eleventh request comes: how many arrive depends on the server's close.
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'

const ANSWERS = 10
const ANSWER_BYTES = 60_000

interface Outcome {
  readonly bytes: number
  /** What Node told the client at the end: `end`, or the code of an error. */
  readonly told: string
}

// #region closes
const closes = {
  'destroy()': (socket: Socket) => socket.destroy(),
  'destroySoon()': (socket: Socket) => socket.destroySoon(),
  'end(), and read on': (socket: Socket) => socket.end(),
}
// #endregion closes

console.log("server's close       request 11   answers that arrived whole   bytes     the client was told")
for (const [name, close] of Object.entries(closes)) {
  for (const late of [false, true]) {
    const { bytes, told } = await run(close, late)
    const row = [
      name.padEnd(20),
      (late ? 'sent' : 'not sent').padEnd(12),
      `${Math.floor(bytes / ANSWER_BYTES)} of ${ANSWERS}`.padEnd(28),
      String(bytes).padEnd(9),
      told,
    ]
    console.log(row.join(' '))
  }
}

/** One connection. The client does not read before the server has closed: its window stays small. */
async function run(close: (socket: Socket) => void, late: boolean): Promise<Outcome> {
  let serverClosed = (): void => {}
  const closed = new Promise<void>((resolve) => (serverClosed = resolve))
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let requests = 0
    socket.on('error', () => {})
    socket.on('end', () => socket.destroy())
    socket.on('data', (chunk) => {
      const before = requests
      requests += chunk.toString().split('\n').length - 1
      if (before > 0) return
      // #region server
      for (let answer = 1; answer <= ANSWERS; answer += 1) socket.write(Buffer.alloc(ANSWER_BYTES, answer))
      close(socket)
      // #endregion server
      serverClosed()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const client = new Socket({ allowHalfOpen: true })
  // Before connect(): a socket that is paused later has already begun to read.
  client.pause()
  client.connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  client.write('GET\n'.repeat(ANSWERS))
  await closed
  if (late) await new Promise((written) => client.write('GET\n', written))
  const outcome = await readToTheEnd(client)
  server.close()
  return outcome
}

async function readToTheEnd(client: Socket): Promise<Outcome> {
  let bytes = 0
  client.on('data', (chunk) => (bytes += chunk.length))
  client.resume()
  const told = await new Promise<string>((resolve) => {
    client.once('end', () => resolve('end'))
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
  client.destroy()
  return { bytes, told }
}

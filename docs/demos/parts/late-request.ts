/**
 * A program of its own, for the demo `distant-loss`, at both ends of a path with a round trip: prints as JSON how
 * much of twelve responses survives one late request.
 */
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'

const RESPONSES = 12
/** Ours, and the same seen over the path. */
const [HERE, THERE] = ['10.77.0.1', '10.77.0.2']

const closes = {
  'destroySoon()': { go: (socket: Socket) => socket.destroySoon(), done: 'close' },
  'end(), and read on': { go: (socket: Socket) => socket.end(), done: 'finish' },
} as const

type Close = keyof typeof closes

/** Closes, late requests, bytes of a response. */
const CASES: ReadonlyArray<readonly [Close, number, number]> = [
  ['destroySoon()', 0, 4_000],
  ['destroySoon()', 1, 500],
  ['destroySoon()', 1, 4_000],
  ['destroySoon()', 1, 6_000],
  ['end(), and read on', 1, 6_000],
]

const rows = []
for (const [close, late, size] of CASES) {
  const { bytes, told } = await run(close, late, size)
  rows.push([close, late, size, `${Math.floor(bytes / size)} of ${RESPONSES}`, bytes, told])
}
process.stdout.write(JSON.stringify(rows))

/** The late request leaves when the server has closed: it is 50 ms on its way, as the first segments are. */
async function run(
  close: Close,
  late: number,
  size: number,
): Promise<{ bytes: number; told: string }> {
  let serverClosed = (): void => {}
  const closed = new Promise<void>((resolve) => (serverClosed = resolve))
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once(closes[close].done, serverClosed)
    socket.on('error', () => {})
    socket.once('end', () => socket.destroy())
    socket.once('data', () => {
      socket.resume()
      for (let response = 1; response <= RESPONSES; response += 1)
        socket.write(Buffer.alloc(size, response))
      closes[close].go(socket)
    })
  })
  server.listen(0, HERE)
  await once(server, 'listening')
  const client = new Socket({ allowHalfOpen: true })
  client.connect((server.address() as AddressInfo).port, THERE)
  await once(client, 'connect')
  let bytes = 0
  client.on('data', (chunk) => (bytes += chunk.length))
  const end = new Promise<string>((resolve) => {
    client.once('end', () => resolve('end'))
    client.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code ?? error.message),
    )
  })
  client.write('GET\n'.repeat(RESPONSES))
  await closed
  if (late > 0) client.write('GET\n'.repeat(late))
  const told = await end
  client.destroy()
  server.close()
  return { bytes, told }
}

// An upload of 8 MB to a server that takes 1 MB: how much of it is sent, and does the client learn why?
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/table.ts'

const LIMIT = 1_000_000
const PIECE = Buffer.alloc(80_000)
const REFUSED =
  'HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
const CREATED = 'HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

type Server = 'careless' | 'graceful'
type Client = 'sends all, then reads' | 'reads while it sends' | 'Expect: 100-continue'

const rows = [
  await run('careless', 'sends all, then reads', 8_000_000),
  await run('graceful', 'sends all, then reads', 8_000_000),
  await run('graceful', 'reads while it sends', 8_000_000),
  await run('graceful', 'Expect: 100-continue', 8_000_000),
  await run('graceful', 'Expect: 100-continue', 800_000),
]
printTable(['the server', 'the client', 'its body', 'sent', 'the client learns'], rows)

function serve(how: Server) {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    let head = ''
    let left = Infinity
    socket.on('data', (chunk) => {
      if (left === Infinity) {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        left = Number(/content-length: (\d+)/i.exec(head)?.[1])
        // #region refuse
        if (left > LIMIT) {
          socket.write(REFUSED)
          // Both directions at once; or our own, and what still comes is read and thrown away.
          if (how === 'careless') socket.destroy()
          else socket.end()
          return
        }
        // #endregion refuse
        if (/expect: 100-continue/i.test(head))
          socket.write('HTTP/1.1 100 Continue\r\n\r\n')
        left -= head.length - end - 4
      } else {
        left -= chunk.length
      }
      if (left === 0) socket.end(CREATED)
    })
    socket.on('end', () => socket.end())
  })
}

async function run(
  how: Server,
  way: Client,
  size: number,
): Promise<Array<string | number>> {
  const server = serve(how)
  const client = connect({
    port: await listen(server),
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  client.on('error', () => {})
  let come = ''
  client.on('data', (chunk) => (come += String(chunk)))
  const expect = way === 'Expect: 100-continue'
  if (way === 'sends all, then reads') client.pause()
  client.write(
    `POST /film HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${size}\r\n${expect ? 'Expect: 100-continue\r\n' : ''}\r\n`,
  )
  if (expect) await once(client, 'data')
  const { sent, failed } = await send(client, size, () => /^HTTP\/1.1 [2-5]/m.test(come))
  client.resume()
  if (failed === null) await once(client, 'end')
  client.destroy()
  server.close()
  const status = /HTTP\/1.1 ([2-5]\d\d.*)/.exec(come)?.[1] ?? `nothing: ${failed}`
  return [how, way, size, sent === size ? 'all' : sent === 0 ? 'none' : 'a part', status]
}

/** Sends the body in pieces, until a final response has been read or the system refuses. */
async function send(socket: Socket, size: number, answered: () => boolean) {
  let sent = 0
  let failed: string | null = null
  while (sent < size && failed === null && !answered()) {
    failed = await new Promise((done) => {
      socket.write(PIECE, (error) => done(error ? 'a reset' : null))
    })
    if (failed === null) sent += PIECE.length
    // Lets what has come meanwhile be read.
    await new Promise((turn) => setImmediate(turn))
  }
  return { sent, failed }
}

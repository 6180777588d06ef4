// The idle race: a server closes an idle connection while a request is on its way.
import http from 'node:http'
import net from 'node:net'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'

let socketOfServer: net.Socket | undefined
let carriedOut = 0
let diesInTheMiddle = false

const server = net.createServer((socket) => {
  socketOfServer = socket
  socket.on('data', () => {
    carriedOut++
    if (diesInTheMiddle) socket.destroy()
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  socket.on('error', () => {})
})
const port = await listen(server)

// #region races
const races = {
  'FIN leaves, then the request': (request: () => void) => {
    // The newest agents look for a FIN before they use a socket again: it leaves
    // when they have looked.
    request()
    socketOfServer?.destroy()
  },
  'the request lies unread': (request: () => void) => {
    request()
    // Node writes the request in the next tick, and the server would read it a turn later.
    process.nextTick(() => socketOfServer?.destroy())
  },
  'carried out, then it dies': (request: () => void) => {
    diesInTheMiddle = true
    request()
  },
}
// #endregion races

const rows: Array<Array<string | number>> = []
for (const [what, race] of Object.entries(races)) rows.push([what, ...(await lose(race))])
printTable(['what happened', 'bytes', 'code', 'message', 'reused', 'carried out'], rows)
server.close()

/** One request that is answered; then, in one turn of the event loop, the close and the second request. */
async function lose(race: (request: () => void) => void): Promise<Array<string | number>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  diesInTheMiddle = false
  await new Promise<void>((resolve) => {
    http.get({ port, host: '127.0.0.1', agent }, (response) =>
      response.resume().once('end', resolve),
    )
  })
  await quiet()
  const before = carriedOut
  let bytes = 0
  const error = await new Promise<NodeJS.ErrnoException & { reused: boolean }>(
    (resolve) => {
      race(() => {
        const request = http.get({ port, host: '127.0.0.1', agent }, (response) =>
          response.on('data', (chunk: Buffer) => (bytes += chunk.length)),
        )
        request.once('error', (cause) =>
          resolve(Object.assign(cause, { reused: request.reusedSocket })),
        )
      })
    },
  )
  agent.destroy()
  await quiet()
  return [
    bytes,
    error.code ?? '',
    error.message,
    error.reused ? 'yes' : 'no',
    carriedOut - before,
  ]
}

// One slow response and nine fast ones: pipelined, on two connections, and as streams of HTTP/2.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'
import { RawClient } from './parts/raw-client.ts'

const FAST = Array.from({ length: 9 }, (_, index) => `/fast/${index + 1}`)
const rows: Array<Array<string | number>> = []

// #region gate
let reached = 0
/** Lets the slow response go. */
let finishSlow = (): void => {}
const answer = (url: string | undefined, respond: () => void): void => {
  reached++
  if (url === '/slow') finishSlow = respond
  else respond()
}
// #endregion gate

const server = http.createServer((request, response) =>
  answer(request.url, () => response.end('ok')),
)
const port = await listen(server)

rows.push(['one connection, pipelined', ...(await overHttp1(['/slow', ...FAST]))])
rows.push(['two connections', ...(await overHttp1(['/slow'], FAST))])
rows.push(["one connection, Node's http.get", ...(await overNodesClient())])
rows.push(['one connection, HTTP/2', ...(await overHttp2())])
server.close()
server.closeAllConnections()
printTable(['', 'reached the server', 'responses meanwhile', 'in the end'], rows)

/** Each list goes out at once on a connection of its own. */
async function overHttp1(...lists: readonly string[][]): Promise<number[]> {
  reached = 0
  const clients = await Promise.all(lists.map(() => RawClient.connect(port)))
  clients.forEach((client, index) => {
    for (const path of lists[index] ?? [])
      client.send([`GET ${path} HTTP/1.1`, 'Host: a.example'])
  })
  const come = (): number => clients.reduce((sum, { statuses }) => sum + statuses.length, 0)
  await quiet()
  const before = [reached, come()]
  finishSlow()
  await quiet()
  const after = come()
  for (const client of clients) client.close()
  return [...before, after]
}

async function overNodesClient(): Promise<number[]> {
  reached = 0
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let come = 0
  const ended = ['/slow', ...FAST].map(
    (path) =>
      new Promise<void>((resolve) => {
        http.get({ port, host: '127.0.0.1', path, agent }, (response) => {
          come++
          response.resume().once('end', resolve)
        })
      }),
  )
  await quiet()
  const before = [reached, come]
  finishSlow()
  await Promise.all(ended)
  agent.destroy()
  return [...before, come]
}

async function overHttp2(): Promise<number[]> {
  reached = 0
  const plain = http2.createServer()
  plain.on('stream', (stream, headers) =>
    answer(headers[':path'], () => stream.respond({}, { endStream: true })),
  )
  const session = http2.connect(`http://127.0.0.1:${await listen(plain)}`)
  let come = 0
  const ended = ['/slow', ...FAST].map(async (path) => {
    const stream = session.request({ ':path': path }).resume()
    await once(stream, 'end')
    come++
  })
  await Promise.all(ended.slice(1))
  const before = [reached, come]
  finishSlow()
  await Promise.all(ended)
  session.close()
  plain.close()
  return [...before, come]
}

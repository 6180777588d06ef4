// What Node's own server and clients say about keeping a connection, and how many they open.
import http from 'node:http'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'
import { RawClient } from './parts/raw-client.ts'

let connections = 0
let said = ''
const server = http.createServer((request, response) => {
  said = request.headers.connection ?? 'nothing'
  response.setHeader('Content-Length', 2).end('ok')
})
server.on('connection', () => connections++)
const port = await listen(server)

process.stdout.write("Node's server\n\n")
printTable(
  ['the request', 'Connection', 'Keep-Alive', 'then'],
  [
    await askServer('HTTP/1.1, no Connection', 'GET / HTTP/1.1', 'Host: a.example'),
    await askServer(
      'HTTP/1.1, close',
      'GET / HTTP/1.1',
      'Host: a.example',
      'Connection: close',
    ),
    await askServer('HTTP/1.0, no Connection', 'GET / HTTP/1.0'),
    await askServer('HTTP/1.0, keep-alive', 'GET / HTTP/1.0', 'Connection: keep-alive'),
    await askServer('HTTP/1.0, retry-after', 'GET / HTTP/1.0', 'Connection: retry-after'),
  ],
)

process.stdout.write("\nNode's clients, three requests one after the other\n\n")
const perRequest = new http.Agent()
const keeping = new http.Agent({ keepAlive: true })
printTable(
  ['client', 'Connection', 'connections'],
  [
    await askThrice('http.get', () => get(http.globalAgent)),
    await askThrice('… with new http.Agent()', () => get(perRequest)),
    await askThrice('… with keepAlive: true', () => get(keeping)),
    await askThrice(
      'fetch',
      async () => void (await (await fetch(`http://127.0.0.1:${port}/`)).text()),
    ),
  ],
)
server.close()
server.closeAllConnections()
keeping.destroy()

async function askServer(what: string, ...head: readonly string[]): Promise<string[]> {
  const client = await RawClient.connect(port)
  client.send(head)
  await quiet()
  const fieldOf = (name: string): string =>
    new RegExp(`^${name}: (.*)\r$`, 'm').exec(client.text)?.[1] ?? '-'
  const row = [
    what,
    fieldOf('Connection'),
    fieldOf('Keep-Alive'),
    client.end === 'open' ? 'kept' : client.end,
  ]
  client.close()
  return row
}

async function askThrice(
  what: string,
  ask: () => Promise<void>,
): Promise<Array<string | number>> {
  const before = connections
  for (let times = 0; times < 3; times++) {
    await ask()
    // A client takes its socket back a moment after the answer.
    await quiet()
  }
  return [what, said, connections - before]
}

function get(agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', agent }, (response) => {
        response.resume().once('end', resolve)
      })
      .once('error', reject)
  })
}

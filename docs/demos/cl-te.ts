// A request with both lengths: what two readers make of it, and what Node's server answers.
import http from 'node:http'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'
import { RawClient } from './parts/raw-client.ts'

const HOST = 'Host: shop.example'
const body = '0\r\n\r\nGET /admin HTTP/1.1\r\nHost: shop.example\r\n\r\n'
const both = [
  'POST /search HTTP/1.1',
  HOST,
  `Content-Length: ${body.length}`,
  'Transfer-Encoding: chunked',
]

process.stdout.write('the bytes of one message, as two readers cut them\n\n')
const stream = `${both.join('\r\n')}\r\n\r\n${body}`
printTable(
  ['who reads', 'requests that it sees'],
  [
    ['by Content-Length', requestsBy('length').join(', then ')],
    ['by chunks', requestsBy('chunks').join(', then ')],
  ],
)

const handled: string[] = []
const server = http.createServer((request, response) => {
  handled.push(`${request.method} ${request.url}`)
  request.resume().once('end', () => response.end('ok'))
})
const port = await listen(server)
const rows = [
  await ask('Content-Length alone', [...both.slice(0, 2), 'Content-Length: 5'], 'tides'),
  await ask(
    'chunks alone',
    [...both.slice(0, 2), 'Transfer-Encoding: chunked'],
    '5\r\ntides\r\n0\r\n\r\n',
  ),
  await ask('both', both, body),
  await ask(
    'two lengths that differ',
    [...both.slice(0, 2), 'Content-Length: 5', 'Content-Length: 6'],
    'tides',
  ),
]
server.close()
server.closeAllConnections()
process.stdout.write("\nwhat Node's server does\n\n")
printTable(['the request has', 'answer', 'connection', 'given to the handler'], rows)

async function ask(
  what: string,
  head: readonly string[],
  content: string,
): Promise<string[]> {
  handled.length = 0
  const client = await RawClient.connect(port)
  client.send(head, content)
  await quiet()
  const { statuses, end } = client
  client.close()
  return [
    what,
    statuses.join(', '),
    end === 'open' ? 'kept' : end,
    handled.join(', ') || 'nothing',
  ]
}

/** The request lines that a reader sees who believes one of the two lengths and does not look at the other. */
function requestsBy(length: 'length' | 'chunks'): string[] {
  const seen: string[] = []
  for (let rest = stream; rest !== '';) {
    const head = rest.slice(0, rest.indexOf('\r\n\r\n') + 4)
    seen.push(head.slice(0, head.indexOf(' HTTP')))
    const announced = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0)
    const chunked = length === 'chunks' && head.includes('chunked')
    const end = chunked
      ? rest.indexOf('0\r\n\r\n', head.length) + 5
      : head.length + announced
    rest = rest.slice(end)
  }
  return seen
}

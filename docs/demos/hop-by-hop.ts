// One message, through a relay that ignores Connection and through a proxy that obeys it.
import { once } from 'node:events'
import net from 'node:net'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { RawClient } from './parts/raw-client.ts'

const REQUEST = [
  'Host: harbour.example',
  'Connection: close, TE, X-Ticket',
  'X-Ticket: 4711',
  'TE: trailers',
  'Keep-Alive: timeout=20',
  'Cache-Control: max-age=60',
]
const ANSWER = [
  'Content-Length: 0',
  'Connection: close, X-Backend',
  'X-Backend: db-7, 10.1.4.2',
  'Vary: Accept',
]

const blind = await through((fields) => [...fields])
const obedient = await through(forThisHop)

process.stdout.write('the request\n\n')
compare(REQUEST, blind.request, obedient.request)
process.stdout.write('\nthe answer\n\n')
compare(ANSWER, blind.answer, obedient.answer)

/** Names that end here, listed or not, besides those that Connection lists (RFC 9110 §7.6.1). */
function forThisHop(fields: readonly string[]): string[] {
  const listed = fields
    .filter((line) => /^connection:/i.test(line))
    .flatMap((line) => line.slice('connection:'.length).toLowerCase().split(','))
  const ends = new RegExp(
    `^(connection|proxy-connection|keep-alive|te|upgrade|${listed.map((name) => name.trim()).join('|')}):`,
    'i',
  )
  return [...fields.filter((line) => !ends.test(line)), 'Connection: close', 'Via: 1.1 demo']
}

/** Sends the request through one proxy to an origin, and gives the fields that came out at each end. */
async function through(forward: (fields: readonly string[]) => string[]) {
  let request: string[] = []
  const origin = net.createServer((socket) => {
    socket.once('data', (bytes) => {
      request = linesOf(String(bytes))
      socket.end(`HTTP/1.1 200 OK\r\n${ANSWER.join('\r\n')}\r\n\r\n`)
    })
  })
  const originPort = await listen(origin)
  const relay = (text: string): string =>
    `${text.split('\r\n')[0]}\r\n${forward(linesOf(text)).join('\r\n')}\r\n\r\n`
  const proxy = net.createServer((client) => {
    const onward = net.connect(originPort, '127.0.0.1')
    client.once('data', (bytes) => onward.write(relay(String(bytes))))
    onward.once('data', (bytes) => client.end(relay(String(bytes))))
  })
  const client = await RawClient.connect(await listen(proxy))
  client.send(['GET /tides HTTP/1.1', ...REQUEST])
  await once(client.socket, 'end')
  client.close()
  origin.close()
  proxy.close()
  return { request, answer: linesOf(client.text) }
}

/** The fields of a head, one a line. */
function linesOf(head: string): string[] {
  return head.split('\r\n').slice(1, -2)
}

function compare(sent: readonly string[], relayed: readonly string[], proxied: readonly string[]): void {
  const all = [...new Set([...sent, ...relayed, ...proxied])]
  const mark = (fields: readonly string[], line: string): string => (fields.includes(line) ? 'yes' : '-')
  printTable(
    ['field', 'sent', 'past a blind relay', 'past an obedient proxy'],
    all.map((line) => [line, mark(sent, line), mark(relayed, line), mark(proxied, line)]),
  )
}

// One message, through a relay that ignores Connection and through a proxy that obeys it.
import { once } from 'node:events'
import net from 'node:net'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { RawClient } from './parts/raw-client.ts'

type Fields = readonly string[]

const REQUEST = [
  'Host: harbour.example',
  'Connection: TE, X-Ticket',
  'X-Ticket: 4711',
  'TE: trailers',
  'Proxy-Connection: keep-alive',
  'Cache-Control: max-age=60',
]
const ANSWER = [
  'Content-Length: 0',
  'Connection: close, X-Backend',
  'X-Backend: db-7, 10.1.4.2',
  'Vary: Accept',
]

const blind = await through((fields) => fields, REQUEST)
const obedient = await through(
  (fields) => [...obey(fields), 'Connection: close', 'Via: 1.1 demo'],
  REQUEST,
)

process.stdout.write('the request\n\n')
compare(REQUEST, blind.request, obedient.request)
process.stdout.write('\nthe answer\n\n')
compare(ANSWER, blind.answer, obedient.answer)

process.stdout.write('\na request that lists X-Forwarded-For\n\n')
// #region order
const attack = ['Host: harbour.example', 'Connection: close, X-Forwarded-For']
const sign = (fields: Fields): Fields => [...fields, 'X-Forwarded-For: 203.0.113.7']
const orders = {
  'signs, then obeys': await through((fields) => obey(sign(fields)), attack),
  'obeys, then signs': await through((fields) => sign(obey(fields)), attack),
}
// #endregion order
printTable(
  ['the proxy', 'the origin sees'],
  Object.entries(orders).map(([order, { request }]) => [
    order,
    request.slice(1).join(', ') || 'no trace of a client',
  ]),
)

/** Leaves out what ends at this hop: what Connection lists, and what ends here listed or not (RFC 9110 §7.6.1). */
function obey(fields: Fields): string[] {
  const ending = new Set(['connection', 'proxy-connection', 'keep-alive', 'te', 'upgrade'])
  for (const line of fields) {
    if (nameOf(line) === 'connection')
      for (const option of line.split(/[:,]/)) ending.add(nameOf(option))
  }
  return fields.filter((line) => !ending.has(nameOf(line)))
}

function nameOf(line: string): string {
  return (line.split(':')[0] ?? '').trim().toLowerCase()
}

/** Sends the request through a proxy to an origin, and gives the fields that came out at each end. */
async function through(forward: (fields: Fields) => Fields, fields: Fields) {
  let request: string[] = []
  const origin = net.createServer((socket) => {
    socket.once('data', (bytes) => {
      request = fieldsOf(String(bytes))
      socket.end(`HTTP/1.1 200 OK\r\n${ANSWER.join('\r\n')}\r\n\r\n`)
    })
  })
  const originPort = await listen(origin)
  const relayed = (head: string): string =>
    `${head.split('\r\n')[0]}\r\n${forward(fieldsOf(head)).join('\r\n')}\r\n\r\n`
  const proxy = net.createServer((client) => {
    const onward = net.connect(originPort, '127.0.0.1')
    client.once('data', (bytes) => onward.write(relayed(String(bytes))))
    onward.once('data', (bytes) => client.end(relayed(String(bytes))))
  })
  const client = await RawClient.connect(await listen(proxy))
  client.send(['GET /tides HTTP/1.1', ...fields])
  await once(client.socket, 'end')
  client.close()
  origin.close()
  proxy.close()
  return { request, answer: fieldsOf(client.text) }
}

function fieldsOf(head: string): string[] {
  return head.split('\r\n').slice(1, -2)
}

function compare(sent: Fields, relayed: Fields, proxied: Fields): void {
  const mark = (fields: Fields, line: string): string =>
    fields.includes(line) ? 'yes' : '-'
  printTable(
    ['field', 'sent', 'past a blind relay', 'past an obedient proxy'],
    [...new Set([...sent, ...relayed, ...proxied])].map((line) => [
      line,
      mark(sent, line),
      mark(relayed, line),
      mark(proxied, line),
    ]),
  )
}

// Fifty bytes of a body arrive and the connection ends: when is the response complete?
import { once } from 'node:events'
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'

interface Ending {
  readonly length: string
  readonly head: string
  readonly body: string
  readonly by: 'FIN' | 'RST'
}

const FIFTY = 'x'.repeat(50)
const endings: readonly Ending[] = [
  { length: 'Content-Length: 50', head: 'Content-Length: 50\r\n', body: FIFTY, by: 'FIN' },
  { length: 'Content-Length: 100', head: 'Content-Length: 100\r\n', body: FIFTY, by: 'FIN' },
  {
    length: 'chunked, no end',
    head: 'Transfer-Encoding: chunked\r\n',
    body: `32\r\n${FIFTY}\r\n`,
    by: 'FIN',
  },
  { length: 'none', head: '', body: FIFTY, by: 'FIN' },
  { length: 'none', head: '', body: FIFTY, by: 'RST' },
]

console.log('length in the head    end   bytes   complete   error')
for (const ending of endings) {
  const { bytes, complete, error } = await fetchFrom(ending)
  console.log(
    [ending.length.padEnd(21), ending.by.padEnd(5), String(bytes).padEnd(7), complete.padEnd(10), error].join(
      ' ',
    ),
  )
}

async function fetchFrom({ head, body, by }: Ending) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const [socket] = await accepted
  // The end is sent when the fifty bytes have been read, so that nothing arrives with it.
  const seen = await read(request, response, () => (by === 'FIN' ? socket.end() : socket.resetAndDestroy()))
  server.close()
  return seen
}

// #region read
async function read(request: ClientRequest, response: IncomingMessage, whenFiftyCame: () => void) {
  let bytes = 0
  let error = 'none'
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes === FIFTY.length) whenFiftyCame()
  })
  response.on('error', ({ message }) => (error = `response: ${message}`))
  request.on('error', ({ message }) => (error = `request: ${message}`))
  await new Promise((closed) => request.once('close', closed))
  return { bytes, complete: String(response.complete), error }
}
// #endregion read

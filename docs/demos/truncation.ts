// Fifty bytes of a body arrive and the connection ends: when is the response complete?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { get as getOverTls } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { listen } from './parts/listen.ts'
import { selfSigned } from './parts/self-signed.ts'
import { printTable } from './parts/table.ts'

/** A server that has sent its fifty bytes, and what ends the connection. */
interface Sender {
  readonly port: number
  end(): void
  close(): void
}

const FIFTY = 'x'.repeat(50)
const NAME = 'a.example'
const endings = [
  ['Content-Length: 50', 'FIN', () => respond('Content-Length: 50\r\n')],
  ['Content-Length: 100', 'FIN', () => respond('Content-Length: 100\r\n')],
  [
    'chunked, no end',
    'FIN',
    () => respond('Transfer-Encoding: chunked\r\n', `32\r\n${FIFTY}\r\n`),
  ],
  ['none', 'FIN', () => respond('')],
  ['none', 'killed: FIN', doomed],
  ['none, over TLS', 'cut: FIN', cutTls],
  ['none', 'RST', () => respond('', FIFTY, (socket) => socket.resetAndDestroy())],
] as const

const rows: string[][] = []
for (const [length, how, start] of endings) {
  const sender = await start()
  // The end is sent when the fifty bytes have been read, so that nothing arrives with it.
  const seen = await fetchFrom(sender, start === cutTls)
  sender.close()
  rows.push([length, how, String(seen.bytes), seen.complete, seen.error])
}
printTable(['length in the head', 'end', 'bytes', 'complete', 'error'], rows)

async function fetchFrom({ port, end }: Sender, tls: boolean) {
  const options = { port, host: '127.0.0.1', agent: false } as const
  const request = tls
    ? getOverTls({ ...options, servername: NAME, rejectUnauthorized: false })
    : get(options)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return read(request, response, end)
}

async function respond(
  head: string,
  body = FIFTY,
  end = (socket: Socket): unknown => socket.end(),
): Promise<Sender> {
  let accepted: Socket | undefined
  const server = createServer((socket) => {
    accepted = socket.on('error', () => {})
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`))
  })
  const port = await listen(server)
  return { port, end: () => accepted && end(accepted), close: () => server.close() }
}

/** Its system sends the FIN: the program has no moment left for it. */
async function doomed(): Promise<Sender> {
  const program = path.join(import.meta.dirname, 'parts', 'doomed-server.ts')
  const command = [...process.execArgv, program]
  const server = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  return { port: Number(port), end: () => server.kill('SIGKILL'), close: () => {} }
}

/** Somebody on the way, without any key, ends the connection: no close_notify has been sent. */
async function cutTls(): Promise<Sender> {
  const origin = createTlsServer(selfSigned(NAME), (socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n\r\n${FIFTY}`))
  })
  const next = await listen(origin)
  let cut = (): void => {}
  const relay = createServer((client) => {
    const onward = connect(next, '127.0.0.1')
    client.pipe(onward).on('error', () => {})
    onward.pipe(client, { end: false }).on('error', () => {})
    cut = () => void client.end(() => onward.destroy())
  })
  const close = (): void => {
    relay.close()
    origin.close()
  }
  return { port: await listen(relay), end: () => cut(), close }
}

// #region read
async function read(
  request: ClientRequest,
  response: IncomingMessage,
  whenFiftyCame: () => void,
) {
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

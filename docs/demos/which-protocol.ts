// One port, two versions of HTTP: what each client offers in its TLS handshake decides which of them is spoken.
import { once } from 'node:events'
import http2 from 'node:http2'
import tls from 'node:tls'
import { listen } from './parts/listen.ts'
import { selfSigned } from './parts/self-signed.ts'
import { printTable } from './parts/table.ts'

const NAME = 'a.example'
// #region server
const server = http2.createSecureServer(
  { ...selfSigned(NAME), allowHTTP1: true },
  (request, response) => {
    response.setHeader('Alt-Svc', 'h3=":443"; ma=86400')
    response.end(request.httpVersion)
  },
)
// #endregion server
const port = await listen(server)

const rows = []
for (const offer of [['h2', 'http/1.1'], ['http/1.1'], []]) rows.push(await run(offer))
server.close()
printTable(['the client offers', 'the server chooses', 'then spoken'], rows)

async function run(offer: readonly string[]): Promise<string[]> {
  const alpn = offer.length > 0 ? { ALPNProtocols: [...offer] } : {}
  const options = {
    port,
    host: '127.0.0.1',
    servername: NAME,
    rejectUnauthorized: false,
    ...alpn,
  }
  const socket = tls.connect(options)
  await once(socket, 'secureConnect')
  const chosen = socket.alpnProtocol
  const version = chosen === 'h2' ? await overHttp2(socket) : await overHttp1(socket)
  return [offer.join(', ') || 'nothing', chosen || 'nothing', `HTTP/${version}`]
}

async function overHttp2(socket: tls.TLSSocket): Promise<string> {
  const session = http2.connect(`https://${NAME}`, { createConnection: () => socket })
  const stream = session.request({ ':path': '/' }).setEncoding('utf8')
  const [version] = (await once(stream, 'data')) as [string]
  session.close()
  return version
}

async function overHttp1(socket: tls.TLSSocket): Promise<string> {
  socket.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return /^HTTP\/([\d.]+) 200 /.exec(text)?.[1] ?? text
}

// One transaction over a raw socket, step by step, against a small server on this machine.
import { once } from 'node:events'
import { lookup } from 'node:dns/promises'
import net from 'node:net'
import { listen } from './parts/loopback.ts'
import { print } from './parts/table.ts'

const BODY = 'house 40\nfootlights 8\n'
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n`

// #region server
// It knows one answer: it waits for the empty line that ends the request, answers, closes.
const server = net.createServer((socket) => {
  let request = ''
  socket.on('data', (bytes) => {
    request += bytes.toString('latin1')
    if (request.endsWith('\r\n\r\n')) socket.end(HEAD + BODY)
  })
})
// #endregion server
const url = `http://localhost:${await listen(server)}/cues`

// #region steps
print(`URL          ${url}`)
const { hostname, port, pathname, host } = new URL(url)
print(`1 host       ${hostname}`)
const { address } = await lookup(hostname, { family: 4 })
print(`2 address    ${address}`)
print(`3 port       ${port}`)
const socket = net.connect(Number(port), address)
await once(socket, 'connect')
const closed = once(socket, 'close')
print(`4 connect    from port ${socket.localPort}`)
socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
print(`5 request    ${socket.bytesWritten} bytes handed to the system`)
const pieces = await socket.toArray()
const response = Buffer.concat(pieces).toString('latin1')
print(`6 response   ${response.split('\r\n', 1)[0]}, ${response.length} bytes, then FIN`)
await closed
print('7 close      our end is closed')
// #endregion steps
server.close()

/**
 * A program of its own, for the demo `socket-calls`: a server that listens and then stands still. Between
 * `listen` and `accept` it runs no line of code until a byte comes on its standard input.
 */
import { readSync, writeSync } from 'node:fs'
import net from 'node:net'

const STANDARD_INPUT = 0
const STANDARD_OUTPUT = 1

const server = net.createServer((socket) => {
  socket.once('data', (bytes) => {
    writeSync(STANDARD_OUTPUT, `${socket.remotePort} ${bytes.toString('latin1')}\n`)
    socket.destroy()
    server.close()
  })
})
server.listen(0, '127.0.0.1', () => {
  writeSync(STANDARD_OUTPUT, `${(server.address() as net.AddressInfo).port}\n`)
  // No byte but an end: whoever started us is gone.
  if (readSync(STANDARD_INPUT, Buffer.alloc(1)) === 0) process.exit()
})

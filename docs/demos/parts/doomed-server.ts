/**
 * A program of its own, for the demo `truncation`: answers with fifty bytes and no length, and is there to be killed.
 * Prints its port.
 */
import { createServer } from 'node:net'
import { listen } from './listen.ts'

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(50)}`))
})
process.stdout.write(`${await listen(server)}\n`)

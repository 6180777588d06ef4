// Two small writes and a wait: the 40 ms stall of Nagle's algorithm and delayed acknowledgements, and three cures.
import { once } from 'node:events'
import net from 'node:net'
import { countSystemWrites } from './parts/handle.ts'
import { connect, listen } from './parts/loopback.ts'
import { print, printTable } from './parts/table.ts'

const EXCHANGES = 8
const HEAD = Buffer.alloc(10, 'h')
const BODY = Buffer.alloc(10, 'b')

/** Answers each request, which has 20 bytes, by one byte. */
const server = net.createServer((socket) => {
  let unanswered = 0
  socket.on('data', (bytes) => {
    unanswered += bytes.length
    for (; unanswered >= 20; unanswered -= 20) socket.write('!')
  })
})
const port = await listen(server)

type Send = (socket: net.Socket) => void

// #region write-write-read
const writeWrite: Send = (socket) => {
  socket.write(HEAD)
  socket.write(BODY)
}
// #endregion write-write-read

// #region cures
const writeWriteNoDelay: Send = (socket) => {
  socket.setNoDelay(true)
  socket.write(HEAD)
  socket.write(BODY)
}

const corked: Send = (socket) => {
  socket.cork()
  socket.write(HEAD)
  socket.write(BODY)
  socket.uncork()
}

const oneWrite: Send = (socket) => {
  socket.write(Buffer.concat([HEAD, BODY]))
}
// #endregion cures

/** Sends the request and waits for the answer, eight times on one connection. */
async function row(name: string, send: Send): Promise<Array<string | number>> {
  const socket = await connect(port)
  const times: number[] = []
  const writes = await countSystemWrites(async () => {
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      const answer = once(socket, 'data')
      const begin = performance.now()
      send(socket)
      await answer
      times.push(performance.now() - begin)
    }
  })
  socket.destroy()
  const [first = 0, ...others] = times
  // The server's own writes went to the same system: one for each answer.
  return [name, writes - EXCHANGES, first.toFixed(2), middleOf(others).toFixed(2)]
}

/** The median: one exchange that got lucky, or unlucky, does not change it. */
function middleOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}

// Once unseen, so that the first row does not pay for code that has never run.
await row('', oneWrite)
print(`${EXCHANGES} exchanges on one connection: 20 bytes there, 1 byte back.`)
print('*later* is the middle one of the seven after the first.')
print()
printTable(
  ['how it is written', 'writes', 'first, ms', 'later, ms'],
  [
    await row('write, write', writeWrite),
    await row('write, write, TCP_NODELAY', writeWriteNoDelay),
    await row('cork, write, write, uncork', corked),
    await row('one write', oneWrite),
  ],
)
server.close()

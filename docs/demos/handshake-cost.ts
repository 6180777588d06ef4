// What the set-up costs in round trips: five small transactions on five connections, and on one.
import net from 'node:net'
import { MessageReader } from '../../labs/kit/message-reader.ts'
import { connect, listen } from './parts/loopback.ts'
import { print, printTable } from './parts/table.ts'

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/**
 * The account of a client that does one thing after the other. On one machine a round trip takes next to no
 * time, so the server counts them: one for a handshake, and one for each answer that the client waits for. Every
 * message here fits one segment.
 */
let account = { handshakes: 0, answers: 0 }
const server = net.createServer((socket) => {
  account.handshakes++
  const reader = new MessageReader('request')
  socket.on('data', (bytes) => {
    for (let left = reader.push(bytes).length; left > 0; left--) {
      account.answers++
      socket.write(ANSWER)
    }
  })
})
const port = await listen(server)

function ask(socket: net.Socket): Promise<void> {
  const reader = new MessageReader('response')
  return new Promise((resolve) => {
    socket.on('data', function hear(bytes: Buffer) {
      if (reader.push(bytes).length === 0) return
      socket.off('data', hear)
      resolve()
    })
    socket.write(REQUEST)
  })
}

// #region two-ways
async function onConnectionsOfTheirOwn(count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    const socket = await connect(port)
    await ask(socket)
    socket.destroy()
  }
}

async function onOneConnection(count: number): Promise<void> {
  const socket = await connect(port)
  for (let done = 0; done < count; done++) await ask(socket)
  socket.destroy()
}
// #endregion two-ways

async function row(name: string, run: (count: number) => Promise<void>, count: number) {
  account = { handshakes: 0, answers: 0 }
  await run(count)
  const { handshakes, answers } = account
  const total = handshakes + answers
  // TLS 1.3 takes one round trip more before the first request of a connection (RFC 9846 §2).
  const secure = total + handshakes
  return [
    name,
    handshakes,
    answers,
    total,
    percent(handshakes, total),
    percent(2 * handshakes, secure),
  ]
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`
}

printTable(
  ['small transactions', 'handshakes', 'answers', 'round trips', 'set-up', 'with TLS'],
  [
    await row('1, new connection', onConnectionsOfTheirOwn, 1),
    await row('5, new connections', onConnectionsOfTheirOwn, 5),
    await row('5, one connection', onOneConnection, 5),
  ],
)
print()
print('Set-up is its share of the round trips. With TLS 1.3 each handshake')
print('counts twice, which is computed: the demo speaks no TLS.')
server.close()

// A name before and after it is registered: one query and one answer of DNS, byte by byte.
import { createSocket, type Socket } from 'node:dgram'
import { promises } from 'node:dns'
import { once } from 'node:events'
import {
  decodeAddress,
  decodeQuestion,
  encodeAnswer,
  encodeQuery,
} from './parts/dns-message.ts'

const NAME = 'prices.lan'
const PER_LINE = 8

// #region server
const records = new Map<string, string>()
const server = await bind()
server.on('message', (query, from) => {
  const question = decodeQuestion(query)
  const registered = records.get(question.name)
  server.send(encodeAnswer(question, registered, 300), from.port, from.address)
})
// #endregion server

const client = await bind()
const before = await ask(0x1001)
console.log(`not registered   ${NAME} -> ${before.address ?? 'no such name'}\n`)

records.set(NAME, '192.168.7.3')
const { query, answer, address } = await ask(0x1002)
console.log(`registered       ${NAME} -> ${address}\n`)
console.log(`the query, ${query.length} bytes`)
print(query, [
  [2, 'ID: the answer repeats it'],
  [2, 'flags: a query, recursion desired'],
  [8, '1 question, and 0 of all else'],
  [12, '6 "prices" 3 "lan" 0: the name'],
  [4, 'type A (an IPv4 address), class IN'],
])
console.log(`the answer, ${answer.length} bytes`)
print(answer, [
  [2, 'the same ID'],
  [2, 'flags: an answer, with authority, no error'],
  [8, '1 question, 1 answer, 0, 0'],
  [16, 'the question again'],
  [2, 'the name: see byte 12'],
  [4, 'type A, class IN'],
  [4, 'may be kept 300 s (its TTL)'],
  [2, '4 bytes follow'],
  [4, '192.168.7.3'],
])

// The resolver of Node is somebody else's program: if it understands us, we speak DNS.
const resolver = new promises.Resolver()
resolver.setServers([`127.0.0.1:${server.address().port}`])
console.log(`node:dns asks the same server: ${(await resolver.resolve4(NAME)).join(', ')}`)
client.close()
server.close()

async function ask(id: number) {
  const asked = encodeQuery(id, NAME)
  const answered = once(client, 'message') as Promise<[Buffer]>
  client.send(asked, server.address().port, '127.0.0.1')
  const [received] = await answered
  return { query: asked, answer: received, address: decodeAddress(received) }
}

/** A field begins a line, and takes as many as it needs. */
function print(
  message: Buffer,
  fields: ReadonlyArray<readonly [bytes: number, meaning: string]>,
): void {
  let at = 0
  for (const [length, meaning] of fields) {
    for (let start = 0; start < length; start += PER_LINE) {
      const bytes = message.subarray(at + start, at + Math.min(start + PER_LINE, length))
      const hex = (bytes.toString('hex').match(/../g) ?? []).join(' ')
      const line = `${String(at + start).padStart(4)}  ${hex.padEnd(PER_LINE * 3)} ${start === 0 ? meaning : ''}`
      console.log(line.trimEnd())
    }
    at += length
  }
  console.log()
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

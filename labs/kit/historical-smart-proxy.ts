import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from './format.ts'
import { parseHead, parseResponseHead } from './head.ts'
import {
  field,
  type Address,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from './http.ts'
import { MessageReader } from './message-reader.ts'

/**
 * A smart proxy as it was in the 1990s: a museum piece, given to you. It speaks HTTP/1.0 and keeps
 * connections by the rules of that time, which RFC 9112 App. C.2.2 calls unworkable:
 *
 * - A client asks it to keep the connection with `Connection: keep-alive`, or, because older proxies
 *   relay that field blindly, with `Proxy-Connection: keep-alive`, which only smart proxies know.
 * - It removes both fields and `Keep-Alive`, and asks the next one with `Connection: keep-alive`.
 * - If the next one agrees, both connections are kept, and the client hears it in the field in which
 *   it has asked. If not, both are closed behind the response.
 *
 * It cannot know whether the next one understands what it asks for. Never build one.
 *
 * @param next - The next proxy of the chain, or the origin.
 */
export async function historicalSmartProxy(next: Address): Promise<RunningServer> {
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.once('close', () => clients.delete(client))
    joinToNext(client, next)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const client of clients) client.end()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

// --- internal ---

type AskingField = 'Connection' | 'Proxy-Connection'

/** One connection to the next one for each client: they are kept together, and end together. */
function joinToNext(client: Socket, next: Address): void {
  const onward = connect(next)
  const requests = new MessageReader('request')
  /** How each request that waits for its response has asked. */
  const asked: Array<AskingField | null> = []
  client.on('data', (chunk) => {
    for (const request of requests.push(chunk)) {
      const asking = askingField(request)
      asked.push(asking)
      onward.write(formatRequest(withoutHopFields(request, asking ? 'Connection' : null)))
    }
  })
  onResponse(onward, (response) => {
    const asking = asked.shift() ?? null
    const agreed = saysKeepAlive(response.headers, 'Connection') ? asking : null
    client.write(formatResponse(withoutHopFields(response, agreed)))
    if (agreed) return
    client.end()
    onward.end()
  })
  endTogether(client, onward)
}

/** A body ends at its Content-Length; without one it ends with the connection. */
function onResponse(onward: Socket, answer: (response: Response) => void): void {
  let bytes = Buffer.alloc(0)
  const take = (ended: boolean): boolean => {
    const head = parseHead(bytes)
    if (!head) return false
    const end = head.length + Number(field(head.headers, 'content-length') ?? Infinity)
    if (bytes.length < end && !ended) return false
    const body = bytes.subarray(head.length, end)
    bytes = bytes.subarray(head.length + body.length)
    answer({ ...parseResponseHead(head), body })
    return true
  }
  onward.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    while (take(false)) continue
  })
  onward.once('end', () => take(true))
}

function endTogether(client: Socket, onward: Socket): void {
  for (const [one, other] of [[client, onward] as const, [onward, client] as const]) {
    one.on('end', () => other.end())
    one.on('error', () => other.destroy())
  }
}

function askingField(request: Request): AskingField | null {
  const fields = ['Proxy-Connection', 'Connection'] as const
  return fields.find((name) => saysKeepAlive(request.headers, name)) ?? null
}

function saysKeepAlive(headers: Headers, name: AskingField): boolean {
  const options = (field(headers, name) ?? '').toLowerCase().split(',')
  return options.some((option) => option.trim() === 'keep-alive')
}

const HOP_FIELDS = new Set(['connection', 'proxy-connection', 'keep-alive'])

/** The message as it goes on: in HTTP/1.0, and with `keep-alive` in the given field, if any. */
function withoutHopFields<Message extends Request | Response>(
  message: Message,
  keep: AskingField | null,
): Message {
  const headers: Headers = message.headers.filter(
    ([name]) => !HOP_FIELDS.has(name.toLowerCase()),
  )
  return {
    ...message,
    version: '1.0',
    headers: keep ? [...headers, [keep, 'keep-alive']] : headers,
  }
}

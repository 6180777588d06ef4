import type { Check, Connection, HttpMessage, RemoteServer } from '../../../workbook/grading/check.ts'
import { statusOf } from './model.ts'
import { MARK, POST, type Refused, type Taken } from './rows.ts'
import { drawGood, expectMessages, latin1, readable, type Message } from './scenes.ts'

/** Scenes with `serveMessages`, on the wire. */

export interface Answer {
  readonly version: '1.1'
  readonly status: number
  readonly reason: string
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: Uint8Array
}

export const answer = (body: string, status = 200, headers: Answer['headers'] = []): Answer => ({
  version: '1.1',
  status,
  reason: 'Fine',
  headers,
  body: latin1(body),
})

export interface Site {
  readonly server: RemoteServer
  /** What the handler has been given, in order. */
  readonly handled: Message[]
}

/** Answers each request with its target, unless told otherwise. */
export async function serve(
  c: Check,
  handler: (request: Message) => Answer | Promise<Answer> = ({ target }) => answer(`${target}`),
): Promise<Site> {
  const handled: Message[] = []
  const server = await c.learner.serve('serveMessages', (request: Message) => {
    handled.push(request)
    return handler(request)
  })
  return { server, handled }
}

export const statusIn = ({ words }: HttpMessage): number => Number(words[1])

export function saysClose(message: HttpMessage): boolean {
  const options = (message.header('connection') ?? '').toLowerCase().split(',')
  return options.some((option) => option.trim() === 'close')
}

/** The refusal, and FIN behind it. */
export async function expectRefusal(
  c: Check,
  client: Connection,
  status: number,
  what: string,
): Promise<void> {
  const refusal = await client.response({ as: `the ${status} for ${what}` })
  c.expect(statusIn(refusal) === status, `${status} for ${what}`, `${statusIn(refusal)}`)
  c.expect(saysClose(refusal), `Connection: close in the ${status}`, 'none')
  await client.sees('FIN')
  c.expect(
    client.unread.length === 0,
    `nothing behind the ${status} for ${what}`,
    `${client.unread.length} bytes more`,
  )
}

/** The FIN is not out while the answer before it is not: until then nobody counts. */
export async function expectSlowReader(c: Check): Promise<void> {
  // More than both kernels take while the client does not read.
  const body = Buffer.alloc(c.random.integer(8_000_000, 8_500_000), c.random.bytes(997))
  const { server } = await serve(c, () => ({ ...answer(''), body }))
  const client = await c.connect(server.port, { name: 'slow reader', paused: true })
  await client.send(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${POST}Content-Length: 5x\r\n\r\n`)
  await c.learner.idle()
  const { left } = await c.learner.passed()
  if (left >= body.length) return c.step('the system has taken all of the answer: nothing waits behind it')
  await c.learner.tick(5_001)
  c.step('5001 ms have passed, and the client has not read the answer that stands before the refusal')
  client.read()
  await c.learner.idle()
  const saw = `${client.ended} after ${client.received.length} bytes`
  const expected = `all ${body.length} bytes of the answer, then the refusal: your FIN was not out yet`
  c.expect(client.received.length > body.length, expected, saw)
  c.expectBytes((await client.response()).body, body, 'the body of the answer before the refusal')
  await expectRefusal(c, client, 400, 'a bad length behind it')
  await hasFiveSeconds(c, server)
}

/** A refused client is there for five seconds behind the FIN. What it sends meanwhile is thrown away, and gives no more time. */
export async function hasFiveSeconds(c: Check, server: RemoteServer, talker?: Connection): Promise<void> {
  const closed = server.close()
  await c.learner.tick(3_000)
  await talker?.send(c.random.bytes(100))
  await c.learner.tick(1_999)
  await closed.staysPending('the five seconds of the client are not over')
  await c.learner.tick(1)
  await c.learner.idle()
  const gone = `the client gone 5000 ms after the FIN${talker ? ', whatever it sends meanwhile' : ''}: close() resolved`
  c.expect(closed.settled, gone, 'close() is pending: the connection is still there')
  await closed
}

/** Each row on a connection of its own: what is before it is answered, and what is behind it never handled. */
export async function expectRefusedOnTheWire(c: Check, rows: readonly Refused[]): Promise<void> {
  const { server, handled } = await serve(c)
  for (const [what, text, code, rfc] of rows) {
    const [before, behind] = [drawGood(c.random), drawGood(c.random)]
    handled.length = 0
    const client = await c.connect(server.port)
    await client.send(Buffer.concat([before.bytes, latin1(text.replace(MARK, '')), behind.bytes]))
    const first = await client.response({ as: 'the answer to the request before it' })
    c.expectBytes(first.body, `${before.expected.target}`, 'the answer to the request before it')
    const refusal = await client.response({ as: `the refusal of ${what}` })
    const statuses = code.split('|').map((each) => statusOf('request', each))
    const expected = `${statuses.join(' or ')} for ${what} (${rfc})`
    c.expect(statuses.includes(statusIn(refusal)), expected, refusal.startLine)
    c.expect(saysClose(refusal), `Connection: close in the refusal of ${what}`, 'none')
    await client.sees('FIN')
    c.expect(
      client.unread.length === 0,
      `nothing behind the refusal of ${what}`,
      `${client.unread.length} bytes more`,
    )
    c.expect(
      handled.length === 1,
      `one call of the handler: ${what} and what is behind it are not handled`,
      `${handled.length}`,
    )
    await client.fin()
  }
}

/** Each row on one connection, between two others. */
export async function expectTakenOnTheWire(c: Check, rows: readonly Taken[]): Promise<void> {
  const { server, handled } = await serve(c)
  for (const [what, text, expected] of rows) {
    handled.length = 0
    const isOld = expected.version === '1.0'
    const behind = drawGood(c.random)
    const client = await c.connect(server.port)
    await client.sendInParts(c.random.split(Buffer.concat([latin1(text), ...(isOld ? [] : [behind.bytes])])))
    const wanted = [expected, ...(isOld ? [] : [behind.expected])]
    for (const { method, target = '/' } of wanted) {
      const response = await client.response({ as: `the answer to ${what}`, head: method === 'HEAD' })
      c.expectBytes(response.body, method === 'HEAD' ? '' : target, `the answer to ${what}`)
    }
    expectMessages(c, handled.map(readable), wanted, `what the handler was given: ${what}`)
    await client.fin()
    await client.sees('FIN')
  }
}

import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { awkwardBody, get, KEEP_ALIVE, longBody, message, post, type Version } from './messages.ts'
import { WHY } from './predictions.ts'
import { cameUnchanged, dumb, endsAt, finAt, nothingAtOrigin } from './scenes.ts'
import { nothingForwarded, reachOrigin, staysAt } from './scenes.ts'

/** The dumb proxy in the states in which its promises break. */

/** What a socket reads at once. */
const PIECE = 65_536
/** Far more than Linux holds for a reader that is late: 4 MiB of its sender, 6 MiB of its own. */
const MOST = 9 * 1_048_576

/** Both ends have seen keep-alive, or HTTP/1.1, and believe in the connection. */
export async function hangs(c: Check, fields: readonly string[], version: Version): Promise<void> {
  const { client, listener } = await dumb(c)
  const origin = await reachOrigin(c, client, listener, [get(c, fields, version)])
  const answer = message(`HTTP/${version} 200 OK`, fields, awkwardBody(c))
  await origin.send(answer)
  await cameUnchanged(c, client, answer, 'client')
  await client.staysOpen()
  await origin.staysOpen()
  await client.send(get(c, fields, version))
  c.step('the client has sent its second request')
  await c.learner.idle()
  c.observe('P1', client.unread.length > 0 ? 'a' : client.ended === 'open' ? 'c' : 'b', WHY.P1)
  await nothingForwarded(c, origin, listener)
  await client.silent()
  await c.learner.tick(3_600_000)
  c.step('an hour has passed')
  await staysAt(c, 'client', client, 'no clock ends it')
  await staysAt(c, 'origin', origin, 'no clock ends it')
  await client.send(post(c, fields, version))
  await nothingForwarded(c, origin, listener)
  await origin.fin()
  await finAt(c, 'client', client, "behind the origin's")
  c.expect(client.unread.length === 0, 'nothing for the second request', `${client.unread.length} bytes`)
}

export async function leavesEarly(c: Check): Promise<void> {
  const { server, listener } = await dumb(c)
  const request = post(c, [KEEP_ALIVE], '1.0')
  const bodyAt = request.indexOf('\r\n\r\n') + 4
  for (const length of [0, 1, bodyAt - 1, bodyAt, request.length - 1]) {
    const client = await c.connect(server.port, { name: 'client' })
    await client.send(request.subarray(0, length))
    await staysAt(c, 'client', client, `${length} bytes of its request have come`)
    await client.fin()
    await endsAt(
      c,
      'client',
      client,
      `the end, behind ${length} bytes of a request and FIN, of the connection`,
    )
  }
  await nothingAtOrigin(c, listener, 'a request that never became whole')
}

export async function closesLate(c: Check): Promise<void> {
  for (const part of [1, -1]) {
    const { server, listener, client } = await dumb(c)
    const request = post(c, [KEEP_ALIVE], '1.0')
    await client.send(request.subarray(0, part))
    await c.learner.idle()
    const closed = server.close()
    await closed.staysPending('a request has begun to come')
    await staysAt(c, 'client', client, 'its request has begun')
    await client.send(request.subarray(part))
    const origin = await listener.connection()
    await cameUnchanged(c, origin, request, 'origin')
    const answer = message('HTTP/1.0 200 OK', [KEEP_ALIVE], awkwardBody(c))
    await origin.send(answer)
    await cameUnchanged(c, client, answer, 'client')
    await closed.staysPending('neither the origin nor the client has ended')
    await staysAt(c, 'client', client, 'the origin has not ended')
    await origin.fin()
    await finAt(c, 'client', client, "behind the origin's")
    await closed.staysPending('the client has not ended')
    await client.fin()
    await closed
    await c.learner.leavesNothing()
  }
}

/**
 * With `after: 'close'`: the proxy has all of the answer, and some of it waits for a client that reads late. A long answer
 * shows at which piece the system takes no more, and the next answer ends with that piece.
 */
export async function closesBehindSlowReader(c: Check): Promise<void> {
  const place = await dumb(c, { after: 'close' })
  for (let attempt = 1; attempt <= 8; attempt++) {
    const long = await sendWhileItPasses(c, place, answerOf(c, MOST))
    await long.client.reset({ now: true })
    await long.origin.reset({ now: true })
    const answer = answerOf(c, long.sent)
    const { client, origin, sent, waits } = await sendWhileItPasses(c, place, answer)
    if (sent < answer.length) await origin.send(answer.subarray(sent))
    c.step(`the origin has sent all ${answer.length} bytes of its answer, and the client has not read yet`)
    client.read()
    await c.learner.idle()
    const saw = `${client.ended} behind ${client.received.length} of ${answer.length} bytes`
    c.expect(client.received.length === answer.length, 'all of the answer, and FIN behind it', saw)
    await finAt(c, 'client', client, 'behind the answer')
    await finAt(c, 'origin', origin, 'behind the answer')
    if (sent === answer.length && waits) return
    await client.fin()
    await origin.fin()
  }
}

function answerOf(c: Check, length: number): Buffer {
  const head = message('HTTP/1.1 200 OK', [], Buffer.alloc(length)).length - length
  return message('HTTP/1.1 200 OK', [], Buffer.alloc(length - head, c.random.bytes(997)))
}

interface Sent {
  readonly client: Connection
  readonly origin: Connection
  readonly sent: number
  /** The proxy holds some of it, and could not give it to the system. */
  readonly waits: boolean
}

/** Sends an answer piece by piece, until one does not pass at once: the client reads nothing. */
async function sendWhileItPasses(
  c: Check,
  { server, listener }: Awaited<ReturnType<typeof dumb>>,
  answer: Buffer,
): Promise<Sent> {
  const others = await c.learner.openSockets()
  const client = await c.connect(server.port, { name: 'client', paused: true })
  await client.send(get(c, [], '1.1'))
  const origin = await listener.connection()
  await origin.request()
  const before = await c.learner.passed()
  for (let sent = 0; ;) {
    const piece = answer.subarray(sent, sent + PIECE)
    await origin.send(piece)
    sent += piece.length
    const now = await c.learner.passed()
    const [taken, left] = [now.taken - before.taken, now.left - before.left]
    // Of a socket that is gone nobody can say what waits in it.
    const waits = taken === sent && left < sent && (await c.learner.openSockets()) > others
    if (left < sent || sent === answer.length) return { client, origin, sent, waits }
  }
}

/** With `after: 'close'`: heads in other spellings, and bodies of other lengths. */
export async function closesBehind(c: Check): Promise<void> {
  const { server, listener } = await dumb(c, { after: 'close' })
  for (const [head, body] of [
    ['HTTP/1.1 200 OK\r\nContent-Length: 0', ''],
    ['HTTP/1.0 404 Not Found\r\ncontent-length:1\r\nConnection: keep-alive', 'a'],
    ['HTTP/1.1 200 OK\r\nX-Length: 1\r\nCONTENT-LENGTH: 3 ', 'abc'],
    ['HTTP/1.1 200 OK\r\nContent-Length: %', longBody(c)],
  ] as const) {
    const client = await c.connect(server.port, { name: 'client' })
    const origin = await reachOrigin(c, client, listener, [post(c, [], '1.1')])
    const answer = Buffer.concat([
      Buffer.from(`${head.replace('%', String(body.length))}\r\n\r\n`),
      Buffer.from(body as string),
    ])
    const bodyAt = answer.length - body.length
    for (const part of [answer.subarray(0, bodyAt - 1), answer.subarray(bodyAt - 1, -1)]) {
      await origin.send(part)
      await cameUnchanged(c, client, part, 'client')
      await staysAt(c, 'client', client, 'the answer is not whole')
      await staysAt(c, 'origin', origin, 'the answer is not whole')
    }
    await origin.send(answer.subarray(-1))
    await cameUnchanged(c, client, answer.subarray(-1), 'client')
    await finAt(c, 'client', client, `behind an answer of ${body.length} bytes`)
    await finAt(c, 'origin', origin, `behind an answer of ${body.length} bytes`)
  }
}

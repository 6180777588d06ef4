import type { Handler } from '../../../labs/kit/http.ts'
import { fillToTheBrim } from './brim.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import {
  KEPT,
  text,
  gated,
  get,
  post,
  chunked,
  answerTo,
  says,
  start,
  ask,
  asked,
  endsAfter,
  type Asking,
} from './scenes.ts'

/** Scenes that take a few steps more. */

export async function leavesSlowly(c: Check): Promise<void> {
  // More than both kernels take while the client does not read.
  const body = Buffer.alloc(c.random.integer(8_000_000, 8_500_000), c.random.bytes(997))
  const { server, idleMs } = await start(c, { handler: () => ({ ...text(''), body }) })
  const client = await c.connect(server.port, { name: 'slow reader', paused: true })
  await client.send(get('/'))
  await c.learner.tick(idleMs + 1)
  client.read()
  await c.learner.idle()
  const saw = `${client.ended} after ${client.received.length} bytes`
  c.expect(client.received.length > body.length, `all ${body.length} bytes of the answer`, saw)
  c.expectBytes((await client.response()).body, body, 'the body of the answer')
  await endsAfter(c, { client }, idleMs)
}

/** `write` returns true for a small answer, whatever the system has taken of it. */
export async function littleIsLeft(c: Check): Promise<void> {
  c.learner.holdClock()
  const idleMs = 1_000 * c.random.integer(2, 20)
  const handler = await c.learner.make<Handler>('sameAnswer', c.random.bytes(15_000))
  const server = await c.learner.serve('serve', handler, { idleMs, maxRequests: 2_000 })
  const full = await fillToTheBrim(c, {
    open: () => c.connect(server.port, { name: 'slow reader', paused: true }),
    ask: (client, count) => client.send(get('/').repeat(count)),
  })
  if (!full) return
  const { client, due } = full
  c.step(`${due} answers are due, and the system has not taken all of the last one`)
  await c.learner.tick(idleMs + 1)
  client.read()
  await c.learner.idle()
  const saw = `${client.ended} behind them: your clock ran while the last one was in your queue`
  c.expect(client.ended === 'open', `${due} answers, and the connection open still`, saw)
  await endsAfter(c, { client }, idleMs)
}

export async function closesTheServer(c: Check): Promise<void> {
  const { handler, open } = gated('/slow')
  const { server, client: busy } = await start(c, { handler })
  const idle = await c.connect(server.port, { name: 'idle' })
  for (const connection of [busy, idle]) await ask(c, connection)
  await busy.send(get('/slow'))
  await c.learner.idle()
  const closed = server.close()
  await idle.sees('FIN')
  await idle.fin()
  await busy.silent()
  c.expect(!closed.settled, 'close() still pending: a request is in progress', 'it has settled already')
  await c.refused(server.port)
  open()
  says(c, await answerTo(c, busy, 'GET', '/slow'), 'close', 'your server closes behind this answer')
  await busy.sees('FIN')
  await c.learner.idle()
  c.step('your FIN is out; the client has not sent its own')
  // Whoever has closed the socket altogether may be done; whoever still has it may not.
  if (closed.settled) await c.learner.leavesNothing()
  await busy.fin()
  await closed
  await c.learner.leavesNothing()
}

export async function takesBothLengths(c: Check): Promise<void> {
  const { client, handled } = await start(c)
  const [body, smuggled] = [c.random.bytes(c.random.integer(20, 90)), Buffer.from(get('/smuggled'))]
  const rest = Buffer.concat([chunked(c, body), smuggled])
  const head = post('/form', [`Content-Length: ${rest.length}`, 'Transfer-Encoding: chunked'])
  await client.send(Buffer.concat([Buffer.from(head), rest]))
  await c.learner.idle()
  const seen = handled.some(({ target }) => target === '/smuggled')
  c.expect(!seen, 'no request made of its last bytes', 'GET /smuggled, handled')
  await client.response({ as: 'an answer to the request with both lengths, or a refusal' })
  await client.sees('FIN')
  const why = 'the body the handler got: the chunks count'
  for (const request of handled) c.expectBytes(request.body, body, why)
}

/** Whether it adds a Host of its own beside the caller's is its own affair; a name has no case. */
export async function hostInAnyCase(c: Check): Promise<void> {
  const counts: number[] = []
  for (const name of ['Host', 'host', 'HOST']) {
    const { seen } = await asked(c, { headers: [[name, 'b.example']] })
    counts.push(seen.headers.filter(([each]) => each.toLowerCase() === 'host').length)
  }
  const saw = `${counts.join(', ')} Host fields in the three requests`
  c.expect(new Set(counts).size === 1, "requests alike for the caller's `Host`, `host` and `HOST`", saw)
}

/** What was said about one connection must not stand in what the next one gets. */
export async function sameObject(c: Check): Promise<void> {
  c.learner.holdClock()
  const handler = await c.learner.make<Handler>('sameAnswer', c.random.bytes(40))
  const server = await c.learner.serve('serve', handler, { idleMs: 5_000, maxRequests: 9 })
  const closing: Asking = { fields: ['Connection: close'] }
  for (const asking of [KEPT, {}, closing, {}, KEPT]) {
    const client = await c.connect(server.port)
    await client.send(get('/same', asking))
    const response = await client.response()
    const isLast = asking === closing
    says(c, response, 'close', `the request ${isLast ? 'said so' : 'did not say so'}`, isLast)
    const isKept = asking === KEPT
    says(c, response, 'keep-alive', `an HTTP/1.0 client ${isKept ? 'has' : 'has not'} asked for it`, isKept)
    const same = response.headers.filter(([name]) => name.toLowerCase() === 'x-same')
    c.expectEqual(same.length, 1, 'the number of fields X-Same')
  }
}

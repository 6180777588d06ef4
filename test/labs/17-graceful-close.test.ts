import type { Handler } from '../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, RemoteServer } from '../../workbook/grading/check.ts'
import { lab } from '../../workbook/grading/lab.ts'
import type { Random } from '../../workbook/grading/random.ts'

type Ending = 'clean' | 'forced'

lab('17-graceful-close', ({ check }) => {
  check('R1', 'the careless server answers in order, and ends the connection after the last answer', async (c) => {
    const pages = drawPages(c.random, c.random.integer(3, 5), 'small')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: pages.all.length })
    const client = await c.connect(server.port)
    for (const page of pages.all) await fetchPage(c, client, page)
    await client.seesEnd()
  })

  check('R1', 'one request behind the last answer costs answers that were already written', async (c) => {
    const pages = drawPages(c.random, 10, 'large')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: 10 })
    const undisturbed = await pipelineAll(c, server, pages, { late: false })
    c.observe('P1', undisturbed.received.length > pages.bytes ? 'a' : 'b')
    const { received } = await pipelineAll(c, server, pages, { late: true })
    c.observe('P2', received.length > pages.bytes ? 'a' : received.length > 0 ? 'b' : 'c')
    const saw = `all ten answers arrived, ${received.length} bytes: this server closes with care`
    c.expect(received.length < pages.bytes, 'answers lost to one late request', saw)
  })

  check('R2', 'what is queued leaves before the FIN', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
  })

  check('R3', 'after its FIN it waits for the FIN of the peer', async (c) => {
    const { peer, call } = await closing(c)
    await stillWaiting(c, call, 'the peer has not sent its FIN')
    await peer.send(c.random.bytes(100))
    await stillWaiting(c, call, 'the peer is still sending')
    await peer.fin()
    await endsNow(c, call, 'clean')
    await c.learner.leavesNothing()
  })

  check('R3', 'it reads and discards whatever the peer still sends', async (c) => {
    const { peer, call } = await closing(c)
    await peer.send(pattern(c.random, c.random.integer(300_000, 400_000)))
    await peer.fin()
    await endsNow(c, call, 'clean')
  })

  check('R4', 'a peer that never closes is left at timeoutMs, not before', async (c) => {
    const { call, timeoutMs } = await closing(c)
    await forcedAfter(c, call, timeoutMs)
    await c.learner.leavesNothing()
  })

  check('R4', 'the deadline counts from the FIN, not from the call', async (c) => {
    const { peer, close, queued, timeoutMs } = await dialAndFill(c)
    const call = close()
    await c.learner.tick(2 * timeoutMs)
    await stillWaiting(c, call, 'output is still queued, so the deadline has not begun')
    await everyByteThenFin(c, peer, queued)
    await forcedAfter(c, call, timeoutMs)
  })

  check('R4', 'bytes of the peer do not move the deadline', async (c) => {
    const { peer, call, timeoutMs } = await closing(c)
    await forcedAfter(c, call, timeoutMs, () => peer.send(c.random.bytes(50)))
  })

  check('R5', 'every further call has the same end, during the close and after it', async (c) => {
    const { peer, call, close } = await closing(c)
    const again = close()
    await stillWaiting(c, again, 'the peer has not sent its FIN')
    await peer.fin()
    for (const each of [call, again, close()]) await endsNow(c, each, 'clean')
  })

  check('R5', 'a second call does not move the deadline', async (c) => {
    const { call, close, timeoutMs } = await closing(c)
    await c.learner.tick(timeoutMs / 2)
    const again = close()
    await forcedAfter(c, call, timeoutMs / 2)
    for (const each of [again, close()]) await endsNow(c, each, 'forced')
  })

  check('R5', 'the peer may have closed first, while output is still queued', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    await peer.send(c.random.bytes(100))
    await peer.fin()
    const call = close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
    await endsNow(c, call, 'clean')
  })

  check('R5', 'the FIN of the peer may have been read before the call', async (c) => {
    const { socket, peer, close } = await dial(c)
    const read = c.learner.make('readToEnd', socket)
    await peer.fin()
    await read
    const call = close()
    await peer.sees('FIN')
    await endsNow(c, call, 'clean')
  })

  check('R5', 'a reset ends the wait at once', async (c) => {
    const { peer, call } = await closing(c)
    await peer.reset()
    await endsNow(c, call, 'forced')
  })

  check('R5', 'a connection that was reset before the call is not waited for', async (c) => {
    const { peer, close } = await dial(c)
    await peer.reset()
    await c.learner.idle()
    await endsNow(c, close(), 'forced')
  })

  check('R6', 'ten answers arrive whole, although an eleventh request comes behind them', async (c) => {
    const pages = drawPages(c.random, 10, 'large')
    const server = await serveThenClose(c, pages.handler, 10)
    const client = await pipelineAll(c, server, pages, { late: true })
    await wholeAnswers(c, client, pages)
  })

  check('R6', 'the last answer says close, no answer before it does, and FIN follows', async (c) => {
    const pages = drawPages(c.random, c.random.integer(3, 6), 'small')
    const server = await serveThenClose(c, pages.handler, pages.all.length)
    const client = await c.connect(server.port)
    for (const [index, page] of pages.all.entries()) {
      await client.staysOpen()
      const isLast = index === pages.all.length - 1
      const said = saysClose(await fetchPage(c, client, page)) ? 'Connection: close' : 'no Connection: close'
      const expected = isLast ? 'Connection: close in the last answer' : 'no Connection: close before the last answer'
      c.expect(isLast === (said === 'Connection: close'), expected, `${said} in answer ${index + 1}`)
    }
    await client.sees('FIN')
  })

  check('R6', 'a client that reads late is not cut off', async (c) => {
    const pages = drawPages(c.random, 10, 'huge')
    const timeoutMs = drawTimeout(c.random)
    const server = await serveThenClose(c, pages.handler, 10, timeoutMs)
    const client = await c.connect(server.port, { paused: true })
    await client.send(pages.requests)
    await c.learner.tick(2 * timeoutMs)
    client.read()
    await client.seesEnd()
    await wholeAnswers(c, client, pages)
  })

  check('R7', 'a client that has closed its output still gets its answers, then FIN', async (c) => {
    const pages = drawPages(c.random, 2, 'small')
    const gate = gated(pages.handler)
    const server = await serveThenClose(c, gate.handler, 100)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await client.fin()
    await c.learner.idle()
    c.expect(client.ended === 'open', 'no FIN of yours before the answers', `${client.ended}, and no answer yet`)
    gate.open()
    for (const page of pages.all) await takePage(c, client, page)
    await client.sees('FIN')
    await goneNow(c, server.close(), 'both sides have closed')
  })

  check('R8', 'a client that never closes is gone timeoutMs after the FIN', async (c) => {
    const pages = drawPages(c.random, 1, 'small')
    const timeoutMs = drawTimeout(c.random)
    const server = await serveThenClose(c, pages.handler, 1, timeoutMs)
    const client = await c.connect(server.port)
    await fetchPage(c, client, pages.first)
    await client.sees('FIN')
    await goneAfter(c, server.close(), timeoutMs)
  })

  check('R8', 'close() sends FIN on an idle connection, and resolves when the client has closed', async (c) => {
    const pages = drawPages(c.random, 1, 'small')
    const server = await serveThenClose(c, pages.handler, 100)
    const client = await c.connect(server.port)
    await fetchPage(c, client, pages.first)
    const closed = server.close()
    await client.sees('FIN')
    await stillWaiting(c, closed, 'the client has not closed yet')
    await client.fin()
    await goneNow(c, closed, 'the client has closed')
  })

  check('R8', 'close() lets a request in progress be answered first', async (c) => {
    const pages = drawPages(c.random, 1, 'small')
    const gate = gated(pages.handler)
    const server = await serveThenClose(c, gate.handler, 100)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await c.learner.idle()
    const closed = server.close()
    await stillWaiting(c, closed, 'a request is in progress')
    gate.open()
    await takePage(c, client, pages.first)
    await client.sees('FIN')
    await client.fin()
    await goneNow(c, closed, 'the client has closed')
  })

  check('R9', 'too large an upload is refused before its body has come', async (c) => {
    const { server, client, head } = await offerUpload(c)
    await client.send(head)
    await c.learner.idle()
    c.expect(client.unread.length > 0, '413 as soon as the head is there', 'nothing: your server waits for the body')
    const response = await client.response()
    c.expectEqual(response.words[1], '413', 'the status')
    c.expect(saysClose(response), 'Connection: close in the 413', 'a 413 without it')
    await client.sees('FIN')
    await stillWaiting(c, server.close(), 'the client is still sending')
  })

  check('R9', 'an upload of maxBytes or less is taken', async (c) => {
    const maxBytes = c.random.integer(2_000, 9_000)
    const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs: 5_000 })
    for (const length of [maxBytes, c.random.integer(1, maxBytes - 1)]) {
      const client = await c.connect(server.port)
      await client.sendInParts(c.random.split(Buffer.concat([Buffer.from(put(length)), c.random.bytes(length)])))
      const response = await client.response()
      c.expectEqual(response.words[1], '200', `the status for ${length} of at most ${maxBytes} bytes`)
      c.expectBytes(response.body, String(length), 'the body, which tells the length')
    }
  })

  check('R9', 'the 413 arrives whole while the client is still sending', async (c) => {
    const { client, head } = await offerUpload(c, { paused: true })
    await client.send(Buffer.concat([Buffer.from(head), c.random.bytes(5_000)]))
    await c.learner.idle()
    await client.send(c.random.bytes(5_000))
    await c.learner.idle()
    client.read()
    const end = await client.seesEnd()
    c.expect(end === 'FIN', 'your FIN behind the 413', 'a reset: you closed while the client was sending')
    c.expectEqual((await client.response()).words[1], '413', 'the status')
  })

  check('R9', 'the rest of the upload is read and discarded', async (c) => {
    const { server, client, head, length } = await offerUpload(c)
    await client.send(head)
    await client.sees('FIN')
    await client.send(pattern(c.random, length))
    await client.fin()
    await goneNow(c, server.close(), 'the client has finished its upload and closed')
  })

  check('R10', 'a client that never stops sending is gone timeoutMs after the FIN', async (c) => {
    const { server, client, head, timeoutMs } = await offerUpload(c)
    await client.send(head)
    await client.sees('FIN')
    await goneAfter(c, server.close(), timeoutMs, () => client.send(c.random.bytes(500)))
  })

  check('R11', 'a FIN is told as a FIN, and nothing is sent to find out', async (c) => {
    const { socket, peer } = await dial(c)
    const call = c.learner.call<string>('howDidItEnd', socket)
    if (c.random.pick([true, false])) await peer.send(c.random.bytes(c.random.integer(1, 2_000)))
    await peer.fin()
    await toldAs(c, call, 'fin')
    await peer.silent()
  })

  check('R11', 'a reset is told as a reset', async (c) => {
    const { socket, peer } = await dial(c)
    const call = c.learner.call<string>('howDidItEnd', socket)
    await peer.send(c.random.bytes(c.random.integer(1, 2_000)))
    await peer.reset()
    await toldAs(c, call, 'reset')
  })

  check('R11', 'a reset that comes with the last bytes is told as a reset', async (c) => {
    const { socket, peer } = await dial(c)
    // More than a socket buffers unasked: the last bytes and the reset wait together in the kernel.
    await peer.send(pattern(c.random, c.random.integer(200_000, 300_000)))
    await c.learner.idle()
    await peer.reset({ now: true })
    await toldAs(c, c.learner.call<string>('howDidItEnd', socket), 'reset')
    c.observe('P3', (await c.learner.make('firstSign', socket)) === 'end' ? 'b' : 'a')
  })

  check('R11', 'an end that came before the question is told as well', async (c) => {
    const finished = await dial(c)
    const read = c.learner.make('readToEnd', finished.socket)
    await finished.peer.fin()
    await read
    await toldAs(c, c.learner.call<string>('howDidItEnd', finished.socket), 'fin')
    const reset = await dial(c)
    await reset.peer.reset()
    await c.learner.idle()
    await toldAs(c, c.learner.call<string>('howDidItEnd', reset.socket), 'reset')
  })
})

interface Page {
  readonly target: string
  readonly body: Buffer
}

interface Pages {
  readonly all: readonly Page[]
  readonly first: Page
  /** All requests, pipelined. */
  readonly requests: string
  /** Of all bodies together. */
  readonly bytes: number
  /** Targets that were handled. */
  readonly handled: string[]
  readonly handler: Handler
}

/**
 * Large: ten are far more than a receive window (about 128 KB), and fit into the sender's kernel.
 * Huge: ten fit into neither, so that some wait in the program.
 */
const SIZES = { small: [10, 900], large: [100_000, 150_000], huge: [600_000, 700_000] } as const

function drawPages(random: Random, count: number, size: keyof typeof SIZES): Pages {
  const [low, high] = SIZES[size]
  const draw = (): Page => ({ target: `/${random.word()}`, body: pattern(random, random.integer(low, high)) })
  const first = draw()
  const all = [first, ...Array.from({ length: count - 1 }, draw)]
  const handled: string[] = []
  const handler: Handler = ({ target }) => {
    handled.push(target)
    const body = all.find((page) => page.target === target)?.body ?? Buffer.from('late')
    return { version: '1.1', status: 200, reason: 'OK', headers: [['Content-Type', 'application/octet-stream']], body }
  }
  const requests = all.map(({ target }) => get(target)).join('')
  return { all, first, requests, bytes: all.reduce((sum, { body }) => sum + body.length, 0), handled, handler }
}

/** Drawing each byte of megabytes would be slow; a block of a prime length shows every shift. */
function pattern(random: Random, length: number): Buffer {
  return Buffer.alloc(length, random.bytes(997))
}

/** Even, so that it can be halved. */
function drawTimeout(random: Random): number {
  return 2 * random.integer(1_000, 9_000)
}

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

function put(length: number): string {
  return `PUT /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`
}

function gated(handler: Handler): { readonly handler: Handler; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { handler: (request) => opened.then(() => handler(request)), open: () => open() }
}

function saysClose(response: HttpMessage): boolean {
  return /(^|,)\s*close\s*(,|$)/i.test(response.header('connection') ?? '')
}

/** A socket in the program, connected to `peer`. */
async function dial(c: Check, options?: { readonly paused: true }) {
  const timeoutMs = drawTimeout(c.random)
  const listener = await c.listen(options)
  const socket = await c.learner.make('openSocket', listener.port)
  const peer = await listener.connection()
  c.learner.holdClock()
  return { socket, peer, timeoutMs, close: () => c.learner.call<Ending>('closeGracefully', socket, { timeoutMs }) }
}

/** The same, with a peer that does not read, and more written than the kernel takes. */
async function dialAndFill(c: Check) {
  const dialled = await dial(c, { paused: true })
  const block = pattern(c.random, 262_144)
  const blocks = await c.learner.make<number>('fill', dialled.socket, block)
  return { ...dialled, queued: Buffer.concat(Array<Buffer>(blocks).fill(block)) }
}

/** A close under way: your FIN has arrived, the peer's is awaited. */
async function closing(c: Check) {
  const dialled = await dial(c)
  const call = dialled.close()
  await dialled.peer.sees('FIN')
  return { ...dialled, call }
}

async function serveThenClose(c: Check, handler: Handler, maxRequests: number, timeoutMs = 5_000) {
  c.learner.holdClock()
  return c.learner.serve('serveThenClose', handler, { maxRequests, timeoutMs })
}

async function offerUpload(c: Check, options?: { readonly paused: true }) {
  c.learner.holdClock()
  const [maxBytes, timeoutMs] = [c.random.integer(2_000, 9_000), drawTimeout(c.random)]
  const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs })
  const length = c.random.integer(300_000, 400_000)
  return { server, client: await c.connect(server.port, options), head: put(length), length, timeoutMs }
}

/** All requests at once, to a client that reads nothing before the server has closed. */
async function pipelineAll(c: Check, server: RemoteServer, pages: Pages, { late }: { late: boolean }) {
  c.learner.holdClock()
  const client = await c.connect(server.port, { paused: true })
  await client.send(pages.requests)
  await c.learner.idle()
  if (late) await client.send(get('/one-more'))
  await c.learner.idle()
  client.read()
  await client.seesEnd()
  return client
}

async function wholeAnswers(c: Check, client: Connection, pages: Pages): Promise<void> {
  const { received, ended } = client
  const saw = `${received.length} bytes, then ${ended}: your close threw away answers that were under way`
  c.expect(received.length > pages.bytes, `all ten answers: more than ${pages.bytes} bytes`, saw)
  c.expect(ended === 'FIN', 'FIN behind the last answer', 'RST')
  for (const page of pages.all) await takePage(c, client, page)
  c.expect(client.unread.length === 0, 'nothing behind the tenth answer', `${client.unread.length} bytes`)
  const calls = pages.handled.length
  c.expect(calls === 10, 'ten calls of the handler', `${calls}: a request behind the last answer was handled`)
}

async function fetchPage(c: Check, client: Connection, page: Page): Promise<HttpMessage> {
  await client.send(get(page.target))
  return takePage(c, client, page)
}

async function takePage(c: Check, client: Connection, { target, body }: Page): Promise<HttpMessage> {
  const response = await client.response()
  c.expectBytes(response.body, body, `the body of ${target}`)
  return response
}

async function everyByteThenFin(c: Check, peer: Connection, queued: Buffer): Promise<void> {
  peer.read()
  const arrived = await peer.takeToFin()
  const saw = `FIN after ${arrived.length} bytes: the rest of the queue was thrown away`
  c.expect(arrived.length >= queued.length, `all ${queued.length} queued bytes, then FIN`, saw)
  c.expectBytes(arrived, queued, 'what was queued')
}

async function stillWaiting(c: Check, call: Call<unknown>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(!call.settled, `your promise pending: ${why}`, 'it has settled already')
}

async function endsNow(c: Check, call: Call<Ending>, ending: Ending): Promise<void> {
  await c.learner.idle()
  c.expect(call.settled, `'${ending}' at once`, 'a promise still pending: your side has not noticed the end')
  c.expectEqual(await call, ending, 'the outcome of closeGracefully')
}

async function toldAs(c: Check, call: Call<string>, end: 'fin' | 'reset'): Promise<void> {
  await c.learner.idle()
  c.expect(call.settled, `'${end}' as soon as the peer has ended`, 'a promise still pending: you have not noticed the end')
  const told = await call
  c.expect(told === end, `'${end}', which is how the peer ended`, `'${told}'`)
}

/** Pending at `milliseconds - 1`, forced at `milliseconds`; `meanwhile` happens four times before. */
async function forcedAfter(c: Check, call: Call<Ending>, milliseconds: number, meanwhile?: () => Promise<void>) {
  await almost(c, call, milliseconds, meanwhile)
  c.expect(call.settled, `'forced' ${milliseconds} ms after your FIN`, 'a promise still pending: no deadline ends it')
  c.expectEqual(await call, 'forced', 'the outcome of closeGracefully')
}

async function goneAfter(c: Check, closed: Call<void>, milliseconds: number, meanwhile?: () => Promise<void>) {
  await almost(c, closed, milliseconds, meanwhile)
  await goneNow(c, closed, `the deadline of ${milliseconds} ms has passed`)
}

async function almost(c: Check, call: Call<unknown>, milliseconds: number, meanwhile = async () => {}): Promise<void> {
  await c.learner.tick(0)
  for (let quarter = 1; quarter <= 4; quarter++) {
    await meanwhile()
    await c.learner.tick(quarter < 4 ? Math.floor(milliseconds / 4) : milliseconds - 1 - 3 * Math.floor(milliseconds / 4))
  }
  await stillWaiting(c, call, `${milliseconds} ms have not passed`)
  await c.learner.tick(1)
  await c.learner.idle()
}

async function goneNow(c: Check, closed: Call<void>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(closed.settled, `close() resolved: ${why}`, 'close() still pending: your side of a connection is still there')
  await closed
}

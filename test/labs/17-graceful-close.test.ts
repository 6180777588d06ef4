import type { Handler } from '../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, RemoteServer } from '../../workbook/grading/check.ts'
import { lab } from '../../workbook/grading/lab.ts'
import { WHY } from './17-graceful-close.why.ts'

lab('17-graceful-close', ({ check }) => {
  check('R1', 'the careless server answers in order, and ends the connection after the last', async (c) => {
    const pages = drawPages(c, c.random.integer(3, 5), 'small')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: pages.all.length })
    await c.learner.staysOnLoopback()
    const client = await c.connect(server.port)
    for (const page of pages.all) {
      await client.send(get(page.target))
      await takePage(c, client, page)
    }
    await client.seesEnd()
  })

  check('R1', 'one request behind the last answer costs answers that were already written', async (c) => {
    const pages = drawPages(c, 10, 'large')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: 10 })
    const undisturbed = await readLate(c, server, pages.requests)
    c.observe('P1', undisturbed.received.length > pages.bytes ? 'a' : 'b', WHY.P1)
    const { received } = await readLate(c, server, pages.requests, oneMore)
    c.observe('P2', received.length > pages.bytes ? 'a' : received.length > 0 ? 'b' : 'c', WHY.P2)
    const saw = `all ten answers arrived, ${received.length} bytes: this server closes with care`
    c.expect(received.length < pages.bytes, 'answers lost to one late request', saw)
  })

  check('R2', 'what is queued leaves before the FIN', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    void close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
  })

  check('R3', 'after its FIN it reads and discards until the FIN of the peer', async (c) => {
    const { peer, call } = await closing(c)
    await stillPending(c, call, 'the peer has not sent its FIN')
    await peer.send(pattern(c, c.random.integer(300_000, 400_000)))
    await stillPending(c, call, 'the peer may send more')
    await peer.fin()
    await settlesAs(c, call, 'clean', 'the peer has sent its FIN')
    await c.learner.leavesNothing()
  })

  check('R4', 'a peer that never closes is left at timeoutMs, not before, whatever it sends', async (c) => {
    const { peer, call, timeoutMs } = await closing(c)
    await settlesAfter(c, call, timeoutMs, 'forced', () => peer.send(c.random.bytes(50)))
    await c.learner.leavesNothing()
  })

  check('R4', 'the deadline counts from the FIN, not from the call', async (c) => {
    const { peer, close, queued, timeoutMs } = await dialAndFill(c)
    const call = close()
    await c.learner.tick(2 * timeoutMs)
    await stillPending(c, call, 'output is still queued, so the deadline has not begun')
    await everyByteThenFin(c, peer, queued)
    await settlesAfter(c, call, timeoutMs, 'forced')
  })

  check('R5', 'every further call has the same end, and moves no deadline', async (c) => {
    const { call, close, timeoutMs } = await closing(c)
    await c.learner.tick(timeoutMs / 2)
    const again = close()
    await settlesAfter(c, call, timeoutMs / 2, 'forced')
    for (const each of [again, close()]) await settlesAs(c, each, 'forced', 'the first call has this end')
  })

  check('R5', 'the peer may have closed first, while output is still queued', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    await peer.send(c.random.bytes(100))
    await peer.fin()
    const call = close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
    await settlesAs(c, call, 'clean', 'both sides have sent FIN')
  })

  check('R5', 'the FIN of the peer may have been read before the call', async (c) => {
    const { socket, peer, close } = await dial(c)
    await peer.fin()
    await c.learner.make('readToEnd', socket)
    const call = close()
    await peer.sees('FIN')
    for (const each of [call, close()]) await settlesAs(c, each, 'clean', 'both sides have sent FIN')
  })

  check('R5', 'a reset ends the wait at once, during the call or before it', async (c) => {
    const during = await closing(c)
    await during.peer.reset()
    await settlesAs(c, during.call, 'forced', 'the peer has reset the connection')
    const before = await dial(c)
    await before.peer.reset()
    await c.learner.idle()
    await settlesAs(c, before.close(), 'forced', 'the peer had reset the connection')
  })

  check('R6', 'ten answers arrive whole, although an eleventh request comes behind them', async (c) => {
    const pages = drawPages(c, 10, 'large')
    const server = await serveThenClose(c, pages.handler, 10)
    await wholeAnswers(c, await readLate(c, server, pages.requests, oneMore), pages)
  })

  check('R6', 'the last answer says close, no answer before it does, and FIN follows', async (c) => {
    const pages = drawPages(c, c.random.integer(3, 6), 'small')
    const server = await serveThenClose(c, pages.handler, pages.all.length)
    const client = await c.connect(server.port)
    for (const [index, page] of pages.all.entries()) {
      await client.staysOpen()
      const isLast = index === pages.all.length - 1
      await client.send(get(page.target))
      const says = saysClose(await takePage(c, client, page))
      const expected = `${isLast ? '' : 'no '}Connection: close in answer ${index + 1} of ${pages.all.length}`
      c.expect(says === isLast, expected, says ? 'close' : 'no close')
    }
    await client.sees('FIN')
  })

  check('R6', 'a client that reads late is not cut off', async (c) => {
    const pages = drawPages(c, 10, 'huge')
    const timeoutMs = drawTimeout(c)
    const server = await serveThenClose(c, pages.handler, 10, timeoutMs)
    const client = await readLate(c, server, pages.requests, () => c.learner.tick(2 * timeoutMs))
    await wholeAnswers(c, client, pages)
  })

  check('R7', 'a client that has closed its output still gets its answers, then FIN', async (c) => {
    const pages = drawPages(c, 2, 'small')
    const gate = gated(pages.handler)
    const server = await serveThenClose(c, gate.handler, 100)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await client.fin()
    await c.learner.idle()
    c.expect(
      client.ended === 'open',
      'no FIN of yours before the answers',
      `${client.ended}, and no answer yet`,
    )
    gate.open()
    for (const page of pages.all) await takePage(c, client, page)
    await client.sees('FIN')
    await settlesAs(c, server.close(), undefined, 'both sides have sent FIN')
  })

  check('R8', 'a client that never closes is gone timeoutMs after the FIN', async (c) => {
    const pages = drawPages(c, 1, 'small')
    const timeoutMs = drawTimeout(c)
    const server = await serveThenClose(c, pages.handler, 1, timeoutMs)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await client.sees('FIN')
    await settlesAfter(c, server.close(), timeoutMs, undefined)
  })

  check('R8', 'an idle client that never closes is gone timeoutMs after the FIN of close()', async (c) => {
    const timeoutMs = drawTimeout(c)
    const pages = drawPages(c, 1, 'small')
    const server = await serveThenClose(c, pages.handler, 100, timeoutMs)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    for (const page of pages.all) await takePage(c, client, page)
    const closed = server.close()
    await client.sees('FIN')
    await settlesAfter(c, closed, timeoutMs, undefined)
  })

  check(
    'R8',
    'close() sends FIN on idle connections, and lets a request in progress be answered',
    async (c) => {
      const pages = drawPages(c, 1, 'small')
      const gate = gated(pages.handler)
      const server = await serveThenClose(c, gate.handler, 100)
      const [idle, busy] = [await c.connect(server.port, { name: 'idle' }), await c.connect(server.port)]
      await busy.send(pages.requests)
      await c.learner.idle()
      const closed = server.close()
      await idle.sees('FIN')
      await idle.fin()
      await stillPending(c, closed, 'a request is in progress')
      await c.refused(server.port)
      gate.open()
      for (const page of pages.all) await takePage(c, busy, page)
      await busy.sees('FIN')
      await stillPending(c, closed, 'the client has not closed yet')
      await busy.fin()
      await settlesAs(c, closed, undefined, 'every client has closed')
    },
  )

  check('R9', 'too large an upload is refused before it has come, and then read and discarded', async (c) => {
    const { server, client, head, length } = await offerUpload(c)
    await client.send(head)
    await c.learner.idle()
    c.expect(
      client.unread.length > 0,
      '413 as soon as the head is there',
      'nothing: your server waits for the body',
    )
    const response = await client.response()
    c.expectEqual(response.words[1], '413', 'the status')
    c.expect(saysClose(response), 'Connection: close in the 413', 'a 413 without it')
    await client.sees('FIN')
    await client.send(pattern(c, length))
    await client.fin()
    await settlesAs(c, server.close(), undefined, 'the client has sent its whole upload, and FIN')
  })

  check('R9', 'the 413 arrives whole while the client is still sending', async (c) => {
    const { server, head } = await offerUpload(c)
    const sendOn = (client: Connection) => client.send('b'.repeat(5_000))
    const client = await readLate(c, server, head + 'a'.repeat(5_000), sendOn)
    c.expect(client.ended === 'FIN', 'FIN behind the 413', 'RST: you closed while the client was sending')
    c.expectEqual((await client.response()).words[1], '413', 'the status')
  })

  check('R9', 'an upload of maxBytes or less is taken', async (c) => {
    const maxBytes = c.random.integer(2_000, 9_000)
    const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs: 5_000 })
    for (const length of [maxBytes, c.random.integer(1, maxBytes - 1)]) {
      const client = await c.connect(server.port)
      await client.sendInParts(c.random.split(put(length) + 'a'.repeat(length)))
      const response = await client.response()
      c.expectEqual(response.words[1], '200', `the status for ${length} of at most ${maxBytes} bytes`)
      c.expectBytes(response.body, String(length), 'the body, which tells the length')
      await client.sees('FIN')
      await client.fin()
    }
    const idle = await c.connect(server.port, { name: 'idle' })
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await idle.fin()
    await settlesAs(c, closed, undefined, 'every client has closed')
  })

  check('R10', 'a client that never stops sending is gone timeoutMs after the FIN', async (c) => {
    const { server, client, head, timeoutMs } = await offerUpload(c)
    await client.send(head)
    await client.sees('FIN')
    await settlesAfter(c, server.close(), timeoutMs, undefined, () => client.send(c.random.bytes(500)))
  })

  check('R11', 'a FIN is told as a FIN and a reset as a reset, whether it comes or has come', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const early = await dial(c)
      const call = early.ask()
      await early.peer.send(c.random.bytes(c.random.integer(1, 2_000)))
      await early.peer[end]()
      await settlesAs(c, call, end, 'this is how the peer ended')
      const late = await dial(c)
      await late.peer[end]()
      await c.learner.idle()
      await settlesAs(c, late.ask(), end, 'this is how the peer had ended')
    }
  })

  check('R11', 'nothing is sent to find out, and your direction stays open', async (c) => {
    const { peer, ask } = await dial(c)
    await peer.fin()
    await ask()
    await peer.silent()
  })

  check('R11', 'a reset that comes with the last bytes is told as a reset', async (c) => {
    const { socket, peer, ask } = await dial(c)
    // More than a socket buffers unasked: the last bytes and the reset wait together in the kernel.
    await peer.send(pattern(c, c.random.integer(200_000, 300_000)))
    await c.learner.idle()
    await peer.reset({ now: true })
    await settlesAs(c, ask(), 'reset', 'this is how the peer ended')
    c.observe('P3', (await c.learner.make('firstSign', socket)) === 'end' ? 'b' : 'a', WHY.P3)
  })
})

type Pages = ReturnType<typeof drawPages>
type Page = Pages['all'][number]

/** Ten large ones exceed any receive window, and fit the sender's kernel; ten huge ones fit neither. */
const SIZES = { small: [10, 900], large: [100_000, 150_000], huge: [500_000, 550_000] } as const

function drawPages(c: Check, count: number, size: keyof typeof SIZES) {
  const [low, high] = SIZES[size]
  const draw = () => ({ target: `/${c.random.word()}`, body: pattern(c, c.random.integer(low, high)) })
  const all = Array.from({ length: count }, draw)
  const handled: string[] = []
  const handler: Handler = ({ target }) => {
    handled.push(target)
    const body = all.find((page) => page.target === target)?.body ?? Buffer.from('late')
    return { version: '1.1', status: 200, reason: 'OK', headers: [], body }
  }
  const bytes = all.reduce((sum, { body }) => sum + body.length, 0)
  return { all, requests: all.map(({ target }) => get(target)).join(''), bytes, handled, handler }
}

/** Drawing each byte of megabytes would be slow; a block of a prime length shows every shift. */
const pattern = (c: Check, length: number) => Buffer.alloc(length, c.random.bytes(997))

/** Even, so that it can be halved. */
const drawTimeout = (c: Check) => 2 * c.random.integer(1_000, 9_000)

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
const put = (length: number) => `PUT /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`
const saysClose = (response: HttpMessage) =>
  /(^|,)\s*close\s*(,|$)/i.test(response.header('connection') ?? '')

function gated(handler: Handler): { readonly handler: Handler; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { handler: (request) => opened.then(() => handler(request)), open: () => open() }
}

/** A socket in the program, connected to `peer`, and what the checks ask of it. */
async function dial(c: Check, options?: { readonly paused: true }) {
  c.learner.holdClock()
  const timeoutMs = drawTimeout(c)
  const listener = await c.listen(options)
  const socket = await c.learner.make('openSocket', listener.port)
  const close = () => c.learner.call('closeGracefully', socket, { timeoutMs })
  return {
    socket,
    peer: await listener.connection(),
    timeoutMs,
    close,
    ask: () => c.learner.call('howDidItEnd', socket),
  }
}

/** The same, with a peer that does not read, and more written than the kernel takes. */
async function dialAndFill(c: Check) {
  const dialled = await dial(c, { paused: true })
  const block = pattern(c, 262_144)
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

function serveThenClose(c: Check, handler: Handler, maxRequests: number, timeoutMs = 5_000) {
  c.learner.holdClock()
  return c.learner.serve('serveThenClose', handler, { maxRequests, timeoutMs })
}

async function offerUpload(c: Check) {
  c.learner.holdClock()
  const [maxBytes, timeoutMs] = [c.random.integer(2_000, 9_000), drawTimeout(c)]
  const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs })
  const length = c.random.integer(300_000, 400_000)
  return { server, client: await c.connect(server.port), head: put(length), length, timeoutMs }
}

/** Sends, reads nothing until the server has done all it can, and only then reads to the end. */
async function readLate(
  c: Check,
  server: RemoteServer,
  bytes: string,
  meanwhile?: (client: Connection) => Promise<void>,
) {
  c.learner.holdClock()
  const client = await c.connect(server.port, { paused: true })
  await client.send(bytes)
  await c.learner.idle()
  await meanwhile?.(client)
  await c.learner.idle()
  client.read()
  await client.seesEnd()
  return client
}

const oneMore = (client: Connection) => client.send(get('/one-more'))

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

async function stillPending(c: Check, call: Call<unknown>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(!call.settled, `your promise still pending: ${why}`, 'it has settled already')
}

/** Settled now, without a millisecond passing. */
async function settlesAs(c: Check, call: Call<unknown>, value: unknown, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(
    call.settled,
    `your promise settled: ${why}`,
    'it is pending: your side has not noticed, or does not let go',
  )
  const told = await call
  // What close() resolves with is nobody's business.
  if (value !== undefined) c.expectEqual(told, value, `what your promise resolved with (${why})`)
}

/** Pending at `milliseconds - 1`, settled at `milliseconds`; `meanwhile` happens four times before. */
async function settlesAfter(
  c: Check,
  call: Call<unknown>,
  milliseconds: number,
  value: unknown,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  const quarter = Math.floor(milliseconds / 4)
  for (const by of [quarter, quarter, quarter, milliseconds - 3 * quarter - 1]) {
    await meanwhile?.()
    await c.learner.tick(by)
  }
  await stillPending(c, call, `not yet ${milliseconds} ms since your FIN`)
  await c.learner.tick(1)
  await settlesAs(c, call, value, `${milliseconds} ms since your FIN`)
}

import type { Handler } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, RemoteServer } from '../../../workbook/grading/check.ts'

/** What lab 17 draws and sends, and what it expects of the last bytes and of the end. */

type Pages = ReturnType<typeof drawPages>
type Page = Pages['all'][number]

/** Twelve large ones exceed any receive window, and fit the sender's kernel; twelve huge ones fit neither. */
const SIZES = { small: [10, 900], large: [100_000, 150_000], huge: [500_000, 550_000] } as const

export function drawPages(c: Check, count: number, size: keyof typeof SIZES) {
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
export const pattern = (c: Check, length: number) => Buffer.alloc(length, c.random.bytes(997))

/** Even, so that it can be halved; half an hour to five, so that whoever caps it is found. Conversations draw short ones. */
export const drawTimeout = (c: Check) => 2 * c.random.integer(1_000_000, 9_000_000)

export const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
export const put = (length: number) =>
  `PUT /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`
export const saysClose = (response: Pick<HttpMessage, 'header'>) =>
  /(^|,)\s*close\s*(,|$)/i.test(response.header('connection') ?? '')

export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

export function gated(handler: Handler): { readonly handler: Handler; open(): void } {
  const { opened, open } = gate()
  return { handler: (request) => opened.then(() => handler(request)), open }
}

/** A socket in the program, connected to `peer`, and what the checks ask of it. */
export async function dial(c: Check, options?: { readonly paused: true }) {
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
export async function dialAndFill(c: Check) {
  const dialled = await dial(c, { paused: true })
  const block = pattern(c, 262_144)
  const blocks = await c.learner.make<number>('fill', dialled.socket, block)
  return { ...dialled, queued: Buffer.concat(Array<Buffer>(blocks).fill(block)) }
}

/** A close under way: your FIN has arrived, the peer's is awaited. */
export async function closing(c: Check) {
  const dialled = await dial(c)
  const call = dialled.close()
  await dialled.peer.sees('FIN')
  return { ...dialled, call }
}

export function serveThenClose(c: Check, handler: Handler, maxRequests: number, timeoutMs = 5_000) {
  c.learner.holdClock()
  return c.learner.serve('serveThenClose', handler, { maxRequests, timeoutMs })
}

export async function offerUpload(c: Check) {
  c.learner.holdClock()
  const [maxBytes, timeoutMs] = [c.random.integer(2_000, 9_000), drawTimeout(c)]
  const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs })
  const length = c.random.integer(300_000, 400_000)
  return { server, client: await c.connect(server.port), head: put(length), length, timeoutMs }
}

/** Sends, reads nothing until the server has done all it can, and only then reads to the end. */
export async function readLate(
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

export const oneMore = (client: Connection) => client.send(get('/one-more'))

export async function wholeAnswers(c: Check, client: Connection, pages: Pages): Promise<void> {
  const { received, ended } = client
  const saw = `${received.length} bytes, then ${ended}: your close threw away answers that were under way`
  c.expect(received.length > pages.bytes, `all twelve answers: more than ${pages.bytes} bytes`, saw)
  c.expect(ended === 'FIN', 'FIN behind the last answer', 'RST')
  for (const page of pages.all) await takePage(c, client, page)
  c.expect(client.unread.length === 0, 'nothing behind the tenth answer', `${client.unread.length} bytes`)
  const calls = pages.handled.length
  c.expect(
    calls === 12,
    'twelve calls of the handler',
    `${calls}: a request behind the last answer was handled`,
  )
}

export async function takePage(c: Check, client: Connection, { target, body }: Page): Promise<HttpMessage> {
  const response = await client.response()
  c.expectBytes(response.body, body, `the body of ${target}`)
  return response
}

export async function everyByteThenFin(c: Check, peer: Connection, queued: Buffer): Promise<void> {
  peer.read()
  const arrived = await peer.takeToFin()
  const saw = `FIN after ${arrived.length} bytes: the rest of the queue was thrown away`
  c.expect(arrived.length >= queued.length, `all ${queued.length} queued bytes, then FIN`, saw)
  c.expectBytes(arrived, queued, 'what was queued')
}

export async function stillPending(c: Check, call: Call<unknown>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(!call.settled, `your promise still pending: ${why}`, 'it has settled already')
}

/** Settled now, without a millisecond passing. */
export async function settlesAs(c: Check, call: Call<unknown>, value: unknown, why: string): Promise<void> {
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
export async function settlesAfter(
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

/** A status of the server's for a request that it could not answer, or the end of its connection. */
export async function toldOfTheFailure(c: Check, client: Connection): Promise<void> {
  const { received, ended } = client
  if (received.length === 0 && ended === 'open')
    c.fail(
      'a status of 500 or more, or the end of the connection: the handler has failed',
      'nothing: the client waits for ever',
    )
  if (received.length === 0) return
  const [, status] = (await client.response()).words
  c.expect(Number(status) >= 500, 'a status of 500 or more: the handler has failed', status)
}

/** Whatever has become of them, the server lets go of each and closes. */
export async function closesAfter(
  c: Check,
  server: RemoteServer,
  clients: readonly Connection[],
): Promise<void> {
  const closed = server.close()
  await c.learner.idle()
  for (const client of clients) if (client.ended !== 'RST') await client.fin().catch(() => undefined)
  await settlesAs(c, closed, undefined, 'close() was called, and every client has ended')
}

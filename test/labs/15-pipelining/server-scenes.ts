import type { Handler, Request } from '../../../labs/kit/http.ts'
import { fillToTheBrim } from '../12-keep-alive/brim.ts'
import type { Check, Connection, HttpMessage, RemoteServer } from '../../../workbook/grading/check.ts'
import { drawErrands, name, requestBytes, type Errand, type Sizes } from './scenes.ts'

/** The client's side of a server, and the handler that it calls. */

export interface Drawn extends Sizes {
  /** The handler's answers wait until they are opened. */
  readonly gated?: boolean
}

export function drawSite(c: Check, words: readonly string[], options: Drawn = {}) {
  const errands = drawErrands(c, words, options)
  const gates = new Map(errands.map(({ request }) => [request.target, createGate()]))
  const handled: Request[] = []
  const handler: Handler = async (request) => {
    handled.push(request)
    if (options.gated === true) await gates.get(request.target)?.opened
    const errand = errands.find((each) => each.request.target === request.target)
    return errand?.response ?? c.fail('requests as they were sent', `the handler was given ${name(request)}`)
  }
  const messages = errands.map(({ request }) => requestBytes(request))
  const open = ({ request }: Errand): void => gates.get(request.target)?.open()
  return {
    errands,
    handled,
    handler,
    bytes: Buffer.concat(messages),
    messages,
    names: errands.map(({ request }) => name(request)),
    open,
    openAll: () => errands.forEach(open),
  }
}

function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

export type Site = ReturnType<typeof drawSite>

export const MEBIBYTE = 1_048_576

export const serve = (c: Check, site: Site, maxWaiting: number) => serveWith(c, site.handler, maxWaiting)

/** @param handler - One of the suite's, or one that stands beside the program. */
export async function serveWith(c: Check, handler: unknown, maxWaiting: number): Promise<RemoteServer> {
  const server = await c.learner.serve('servePipelined', handler, { maxWaiting })
  const { close } = server as { close?: unknown }
  c.expect(
    typeof close === 'function',
    'servePipelined() to resolve with port and close()',
    `${typeof close} for close`,
  )
  return server
}

export async function connectTo(c: Check, site: Site, maxWaiting: number): Promise<Connection> {
  const server = await serve(c, site, maxWaiting)
  return c.connect(server.port)
}

/** Small answers leave with the last byte that the system takes, and not with the return of `write`. */
export async function smallAnswerWaits(c: Check): Promise<void> {
  const handled: Request[] = []
  const others: Handler = (request) => {
    handled.push(request)
    return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(request.target) }
  }
  const server = await serveWith(c, await c.learner.make<Handler>('fills', c.random.bytes(15_000), others), 1)
  const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
  const full = await fillToTheBrim(c, {
    open: () => c.connect(server.port, { name: 'client', paused: true }),
    ask: (client, count) => client.send(get('/fill').repeat(count)),
  })
  if (!full) return
  const { client, due } = full
  c.step(`${due} answers are due, and the system has not taken all of the last one`)
  await client.send(get('/next'))
  await c.learner.idle()
  const saw = 'the handler was given it: what write() returns does not tell that an answer has left'
  c.expect(handled.length === 0, 'GET /next kept back: an answer has not left, and maxWaiting is 1', saw)
  client.read()
  await c.learner.idle()
  c.expectEqual(handled.length, 1, 'how often GET /next is given to the handler when it has left')
}

export async function expectAnswer(c: Check, client: Connection, errand: Errand): Promise<HttpMessage> {
  const { request, response: given, body } = errand
  const response = await client.response({ as: `the answer to ${name(request)}` })
  c.expectEqual(response.words[1], String(given.status), `the status of the answer to ${name(request)}`)
  c.expectBytes(response.body, body, `the body of the answer to ${name(request)}`)
  return response
}

/** FIN and not a byte before it; then the client closes too. */
export async function expectFin(c: Check, client: Connection): Promise<void> {
  await nothingBehind(c, client)
  await client.sees('FIN')
  await nothingBehind(c, client)
  await client.fin()
}

async function nothingBehind(c: Check, client: Connection): Promise<void> {
  await c.learner.idle()
  const [line = ''] = client.unread.toString('latin1').split('\r\n')
  c.expect(line === '', 'nothing but FIN behind the last answer', `one more answer: ${line}`)
}

import { field } from '../../../labs/kit/http.ts'
import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, Listener } from '../../../workbook/grading/check.ts'
import { answer, drawErrands, name, optionsOf, saysClose, type Errand, type Errands } from './scenes.ts'

/** The origin's side of a client: what it takes, what it answers, and what it holds against the outcomes. */

export type Outcome =
  | { readonly response?: Partial<Response>; readonly unanswered?: string }
  | null
  | undefined

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export function pipeline(c: Check, port: number, errands: readonly Errand[], options?: { depth: number }) {
  const requests = errands.map(({ request }) => request)
  return c.learner.call<Outcome[]>('pipeline', port, requests, ...(options ? [options] : []))
}

export async function start(c: Check, words: readonly string[], options?: { depth: number }) {
  const errands = drawErrands(c, words)
  const origin = await c.listen({ name: 'origin' })
  const call = pipeline(c, origin.port, errands, options)
  return { call, origin, connection: await origin.connection(), errands }
}

/** The first answer has come, and all other requests are on the wire. */
export async function pipelined(c: Check, words: readonly string[]) {
  const started = await start(c, words)
  const others = await answerFirst(c, started.connection, started.errands)
  await takeAll(c, started.connection, others)
  c.step(`all ${words.length} requests have come, and the first is answered`)
  return { ...started, others }
}

export async function answerFirst(c: Check, connection: Connection, [first, ...others]: Errands) {
  await take(c, connection, first)
  await nothingMore(c, connection, 'no answer has shown yet that the connection persists')
  await connection.send(answer(first))
  return others
}

export async function take(c: Check, connection: Connection, { request }: Errand): Promise<void> {
  const seen = await connection.request({ as: `${name(request)} as the next request` })
  const wanted = `${name(request)} HTTP/1.1`
  const before = takenIn(c)
  const again = before.has(seen.startLine) ? ' a second time: what is not idempotent is not sent again' : ''
  const isRepeat = again !== '' && !IDEMPOTENT.has(seen.words[0])
  c.expect(
    seen.startLine === wanted,
    `${wanted} as the next request`,
    seen.startLine + (isRepeat ? again : ''),
  )
  before.add(seen.startLine)
  c.expectEqual(seen.header('host'), 'a.example', 'the Host field, as it was given')
  const isLast = optionsOf(seen.header('connection')).includes('close')
  c.expectEqual(isLast, saysClose(request), `whether ${name(request)} says close, as it was given`)
  c.expectBytes(seen.body, request.body, `the body of ${name(request)}`)
}

/** Start lines that this check's origin has had so far, whatever the connection. */
const takenBefore = new WeakMap<Check, Set<string>>()

function takenIn(c: Check): Set<string> {
  const known = takenBefore.get(c) ?? new Set()
  takenBefore.set(c, known)
  return known
}

export async function takeAll(c: Check, connection: Connection, errands: readonly Errand[]): Promise<void> {
  for (const errand of errands) await take(c, connection, errand)
}

export async function answerAll(c: Check, connection: Connection, errands: readonly Errand[]): Promise<void> {
  for (const errand of errands) {
    await take(c, connection, errand)
    // One by one: what comes in one piece is another requirement.
    await connection.sendInParts([answer(errand)])
  }
}

export async function nothingMore(c: Check, connection: Connection, why: string): Promise<void> {
  await c.learner.idle()
  const [line = ''] = connection.unread.toString('latin1').split('\r\n')
  c.expect(line === '', `no further request yet: ${why}`, line)
}

/** The connection with this number, which the client makes for this request and what comes behind it. */
export function another(origin: Listener, number: number, errand: Errand | undefined): Promise<Connection> {
  return origin.connection({ as: `connection ${number}, for ${errand ? name(errand.request) : 'the rest'}` })
}

export async function endUnanswered(c: Check, connection: Connection, { request }: Errand): Promise<void> {
  await connection.fin()
  c.step(`the origin has closed without an answer to ${name(request)}`)
}

/** @param without - By index, why a request has no answer. */
export async function expectOutcomes(
  c: Check,
  call: Call<Outcome[]>,
  errands: readonly Errand[],
  without: Readonly<Record<number, 'not-repeatable' | 'gave-up'>> = {},
): Promise<void> {
  const outcomes: unknown = await call
  c.expect(Array.isArray(outcomes), 'an array of outcomes', typeof outcomes)
  c.expectEqual((outcomes as Outcome[]).length, errands.length, 'the number of outcomes')
  for (const [index, errand] of errands.entries()) {
    const what = `the outcome of ${name(errand.request)}, request ${index + 1} of ${errands.length}`
    const outcome = (outcomes as Outcome[])[index]
    const { status = 200 } = outcome?.response ?? {}
    await c.blame('R3', () =>
      c.expect(status >= 200, `${what}: a final answer`, `a ${status}, which is none`),
    )
    c.expectEqual(outcome?.unanswered, without[index], `${what}: \`unanswered\``)
    if (without[index] === undefined) expectResponse(c, outcome?.response, errand, what)
  }
}

function expectResponse(
  c: Check,
  seen: Partial<Response> | undefined,
  { response, body }: Errand,
  what: string,
) {
  c.expectEqual(seen?.status, response.status, `${what}: the status`)
  const headers: unknown = seen?.headers
  const isList =
    Array.isArray(headers) && headers.every((pair) => typeof (pair as unknown[] | null)?.[0] === 'string')
  c.expect(isList, `${what}: \`headers\` as name–value pairs`, typeof headers)
  const given = field(headers as Response['headers'], 'x-answer')
  c.expectEqual(given, field(response.headers, 'x-answer'), `${what}: the field X-Answer`)
  const bytes: unknown = seen?.body
  c.expect(bytes instanceof Uint8Array, `${what}: the body as bytes`, typeof bytes)
  c.expectBytes(bytes as Uint8Array, body, `${what}: the body`)
}

/** Round trips until the last answer has arrived; how the connections are closed does not count. */
export async function roundTrips(
  c: Check,
  page: readonly Errand[],
  load: (port: number) => PromiseLike<unknown>,
): Promise<number> {
  let arrived = 0
  const respond = (request: HttpMessage): Buffer => {
    arrived = link.roundTrips + 0.5
    const errand = page.find((each) => each.request.target === request.words[1])
    return errand ? answer(errand) : c.fail('a request that you were given', request.startLine)
  }
  const link = await c.link({ respond })
  await load(link.port)
  return arrived
}

export function expectTrips(c: Check, trips: number, wanted: number, how: string): void {
  c.expect(trips === wanted, `${wanted} round trips: ${how}`, `${trips} round trips`)
  c.measure(`${trips} round trips: ${how}`)
}

/** Whoever keeps what becomes of a request by the request itself has one place for both. */
export async function sameRequestTwice(c: Check): Promise<void> {
  const { call, connection, both } = await startTwice(c, 'GET')
  await answerAll(c, connection, both)
  await expectOutcomes(c, call, both)
  await c.learner.leavesNothing()
}

/** Whoever counts by the request how often it was sent has used up the second chance of both. */
export async function sameRequestLost(c: Check): Promise<void> {
  const { call, origin, connection, both } = await startTwice(c, 'GET')
  const [first, second] = both
  await answerAll(c, connection, [first])
  await take(c, connection, second)
  await endUnanswered(c, connection, second)
  await answerAll(c, await another(origin, 2, second), [second])
  await expectOutcomes(c, call, both)
}

export async function samePostLost(c: Check): Promise<void> {
  const { call, origin, connection, both } = await startTwice(c, 'POST')
  const [first, second] = both
  await take(c, connection, first)
  await endUnanswered(c, connection, first)
  c.step('the second request is the same object, and has not been sent yet')
  await answerAll(c, await another(origin, 2, second), [second])
  await expectOutcomes(c, call, both, { 0: 'not-repeatable' })
}

/** The same object twice, and two answers. */
async function startTwice(c: Check, method: string) {
  const [errand, second] = drawErrands(c, [method, method])
  const { request } = errand
  const both = [errand, { ...second, request }] as const
  const origin = await c.listen({ name: 'origin' })
  const same = await c.learner.make('sameRequest', request)
  const call = c.learner.call<Outcome[]>('pipeline', origin.port, [same, same])
  return { call, origin, connection: await origin.connection(), both }
}

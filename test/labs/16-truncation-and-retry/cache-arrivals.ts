import type { Check, Connection, HttpMessage } from '../../../workbook/grading/check.ts'
import type { Ask } from './cache-model.ts'
import type { FetchModel } from './fetch-model.ts'
import type { Line, Sent } from './replies.ts'
import { expectRequest, expectVia } from './requests.ts'

/** What comes to the origin. */

/** A client of the cache, with its question and what has become of it. */
export interface Client {
  readonly ask: Ask
  readonly wire: Connection
  readonly lines: readonly Line[]
  readonly body: Buffer
  readonly name: string
  fetch: FetchModel | null
  /** Connections to the origin on which it was asked. */
  readonly asked: Connection[]
  first: { sent: Sent; total: boolean } | null
  isTold: boolean
  hasLeft: boolean
  hasHalfClosed: boolean
}

export async function expectArrival(
  c: Check,
  fallback: string,
  client: Client,
  request: HttpMessage,
): Promise<void> {
  const { blame, expect, expectEqual } = c
  const { ask, fetch, asked, lines, body } = client
  const { question, state, why } = ask
  const isDue = state.is === 'upstream' && asked.length <= (fetch?.attempts ?? 0)
  const again = asked.length > 1 && state.is !== 'answered' ? 'R15' : (ask.requirement ?? fallback)
  const name = `${question.method} ${question.target} of ${client.name}`
  await blame(again, () => expect(isDue, `no request for ${name}: ${why}`, request.startLine))
  if (state.is !== 'upstream' || !fetch) return
  const what =
    asked.length > 1 ? `attempt ${asked.length} for ${client.name}` : `the request for ${client.name}`
  const sent = lines.filter(([field]) => !isOfHop(field) && !/^via$/i.test(field))
  await blame('R8', () => {
    expectRequest(c, request, { method: question.method, target: question.target, lines: sent, body }, what)
    expectEqual(request.header('host'), question.host, `the Host of ${what}`)
    const there = request.headers.filter(
      ([field, value]) =>
        isOfHop(field) && !/^(?:connection|transfer-encoding)$/i.test(field) && value !== '',
    )
    expectEqual(there, [], `fields of the hop in ${what}`)
    expectVia(c, request, lines, what)
  })
  await expectConditions(c, fallback, client, request, what)
}

async function expectConditions(
  c: Check,
  fallback: string,
  { ask, lines, fetch }: Client,
  request: HttpMessage,
  what: string,
): Promise<void> {
  const { blame, expectEqual } = c
  if (ask.state.is !== 'upstream') return
  const own = (wanted: string) => lines.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null
  const [name, value] = ask.state.condition ?? []
  const isOwn = own('if-none-match') !== null || own('if-modified-since') !== null
  const due = [
    name === 'If-None-Match' ? value : own('if-none-match'),
    name === 'If-Modified-Since' ? value : own('if-modified-since'),
  ]
  const seen = [request.header('if-none-match'), request.header('if-modified-since')]
  // A date beside the tag does no harm.
  if (name === 'If-None-Match') due[1] = seen[1] ?? null
  const reasons = ['R9', 'R12', 'R13', 'R16']
  const told = ask.requirement !== null && reasons.includes(ask.requirement) ? ask.requirement : 'R11'
  const promise = isOwn ? 'R8' : fallback === 'R9' ? 'R9' : told
  await blame(promise, () => expectEqual(seen, due, `If-None-Match and If-Modified-Since of ${what}`))
  const range = fetch?.range
  const asks = [request.header('range'), request.header('if-range')]
  const wanted = range ? [range.range, range.ifRange] : [own('range'), own('if-range')]
  await blame(range ? 'R15' : 'R8', () => expectEqual(asks, wanted, `Range and If-Range of ${what}`))
}

/** Fields that end at the hop, in these conversations. */
const isOfHop = (name: string): boolean =>
  /^(?:x-hop|connection|keep-alive|te|upgrade|transfer-encoding)$/i.test(name)

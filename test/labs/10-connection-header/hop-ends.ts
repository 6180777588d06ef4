import type { Call, Check, Connection, Listener, RemoteServer } from '../../../workbook/grading/check.ts'
import {
  answersDue,
  isOrphaned,
  isOurs,
  stays,
  type Asked,
  type Client,
  type Due,
  type End,
  type Line,
} from './hop-model.ts'
import { isWhole } from './messages.ts'
import { optionsOf } from './model.ts'

/** The two sides of the hop: what the model knows of them, and their wires. */

export interface ClientEnd extends Client {
  readonly name: string
  readonly wire: Connection
  /** What is still to be sent of the request that has begun. */
  rest: Buffer | null
  taken: number
}

export interface LineEnd extends Line {
  readonly name: string
  readonly wire: Connection
  /** The options of the request that it is to answer, as the hop has sent them. */
  options: readonly string[]
  /** What is still to be sent of the answer that has begun. */
  rest: Buffer | null
}

const addressOf = ({ port }: Listener) => ({ host: '127.0.0.1', port })

export interface World {
  readonly name: string
  readonly listener: Listener
  readonly server: RemoteServer
}

/** A hop with a name of this run, and the next one behind it. */
export async function startWorld(c: Check): Promise<World> {
  const listener = await c.listen({ name: 'next hop' })
  const name = `${c.random.word()}-${c.random.integer(1, 999)}`
  const server = await c.learner.serve('startHop', addressOf(listener), { name })
  return { name, listener, server }
}

/** What the model says of a connection, beside what is there. The hop is proven idle. */
export function expectEnd(c: Check, where: string, { ended }: Connection, due: Due<End>): void {
  const holds = { open: ended === 'open', FIN: ended === 'FIN', ended: ended !== 'open', either: true }[
    due.value
  ]
  const wanted = {
    open: `the connection to the ${where} still open`,
    FIN: `FIN on the connection to the ${where}`,
    ended: `the end of the connection to the ${where}`,
    either: '',
  }[due.value]
  const saw =
    ended === 'open'
      ? `nothing: your hop is idle, the connection to the ${where} open`
      : `${ended} from you on the connection to the ${where}`
  c.expect(holds, `${wanted}: ${due.why}`, saw)
}

/** It resolves behind the last connection. Whoever has closed one fully need not wait for the other side's FIN. */
export async function expectClosing(c: Check, closed: Call<void>, isNeeded: boolean): Promise<void> {
  await c.blame('R15', async () => {
    if (!closed.settled) return
    if (isNeeded) c.fail('close() still pending: a connection is open', 'it has resolved')
    c.step('close() has resolved')
    await c.learner.leavesNothing()
  })
}

/** The clients end too; if close() has been called, it has nothing left to wait for. */
export async function leaveAll(
  c: Check,
  clients: readonly Connection[],
  closed: Call<void> | null,
): Promise<void> {
  for (const client of clients) await client.fin()
  if (!closed) return
  await closed
  await c.learner.leavesNothing()
}

/** The answers that are due, and nothing else. */
export async function expectAnswers(c: Check, client: ClientEnd, isClosing: boolean): Promise<void> {
  if (client.end === 'RST') return
  for (const asked of answersDue(client).slice(client.taken)) {
    await expectAnswer(c, client, asked, isClosing)
    client.taken++
  }
  const { unread } = client.wire
  // Half a request with an end behind it may be told that it is none.
  const mayBeRefused = client.begun && client.end === 'FIN'
  if (isOrphaned(client) || (mayBeRefused && unread.toString('latin1').startsWith('HTTP/1.1 4'))) return
  const saw = `${unread.length} bytes: ${unread.toString('latin1', 0, 30)}`
  const isLast = client.requests.some((asked) => !stays(asked))
  await c.blame(isClosing ? 'R15' : isLast ? 'R11' : 'R10', () =>
    c.expect(!isWhole(unread), `nothing more at the ${client.name}: no further answer is due`, saw),
  )
}

/** The answer to one request: whole, and saying of the connection what is so. */
async function expectAnswer(c: Check, client: ClientEnd, asked: Asked, isClosing: boolean): Promise<void> {
  const what = `the answer to ${asked.method} ${asked.target}`
  const { headers } = await c.blame(isOurs(asked) ? 'R13' : isClosing ? 'R15' : 'R10', async () => {
    const response = await client.wire.response({ as: `${what} at the ${client.name}` })
    const [, status] = response.words
    if (!isOurs(asked))
      c.expectBytes(response.body, asked.target, `the body of ${what} at the ${client.name}`)
    else if (asked.method === 'OPTIONS')
      c.expect(/^2\d\d$/.test(status), `a status of 2xx in ${what}`, status)
    else c.expectEqual(status, '200', `the status of ${what}`)
    return response
  })
  if (asked.saysClose === null) return
  const says = optionsOf(headers).includes('close')
  const wanted = asked.saysClose
    ? `Connection: close in ${what}: the connection does not stay`
    : `no close in ${what}: the connection stays`
  const saw = says ? 'close there' : 'no close there'
  await c.blame(isClosing ? 'R15' : 'R11', () => c.expect(says === asked.saysClose, wanted, saw))
}

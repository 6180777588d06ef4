import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { answerScripts, type Step } from './answers.ts'
import { outcomeOf, type End, type Outcome } from './model.ts'
import { expectAllSteps, expectNoResponse, originAt, recordSteps } from './scenes.ts'

/** One call, and a server that says what the script has: after each step the program is where the model is. */
export const ANSWERS: Conversations<Step> = { scripts: answerScripts(), draw: drawAnswer, drawn: 4, play }

// --- internal ---

/** A call whose request has come, and what the server has done since. */
interface Talk {
  readonly call: Call<Response>
  readonly connection: Connection
  readonly steps: readonly string[]
  readonly stepsAtEnd: () => readonly string[] | null
  readonly accepted: () => number
  sent: Buffer
  end: End
}

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const talk = await begin(c)
  const word = c.random.word()
  for (const step of steps) {
    if (talk.end !== 'open' || talk.connection.ended === 'RST') break
    await take(c, talk, step, word)
    await c.learner.idle()
    await compare(c, talk)
  }
  // Whatever happens later is no part of the answer.
  if (talk.end === 'open') await talk.connection.fin()
  await c.learner.idle()
}

async function begin(c: Check): Promise<Talk> {
  const { host, origin } = await originAt(c, 80)
  const { steps, onStep } = recordSteps()
  const call = c.learner.call<Response>('fetchOnce', `http://${host}/${c.random.word()}`, { onStep })
  let atEnd: readonly string[] | null = null
  const settled = (): void => void (atEnd = [...steps])
  call.then(settled, settled)
  const connection = await origin.connection()
  await connection.request()
  const stepsAtEnd = (): readonly string[] | null => atEnd
  return {
    call,
    connection,
    steps,
    stepsAtEnd,
    accepted: () => origin.accepted,
    sent: Buffer.alloc(0),
    end: 'open',
  }
}

async function take(c: Check, talk: Talk, step: Step, word: string): Promise<void> {
  const { connection } = talk
  if ('wait' in step) return await c.learner.tick(step.wait)
  if ('end' in step) {
    talk.end = step.end
    return step.end === 'FIN' ? await connection.fin() : await connection.reset()
  }
  const bytes = bytesOf(step, word)
  talk.sent = Buffer.concat([talk.sent, bytes])
  await connection.send(bytes)
}

function bytesOf(step: Extract<Step, { say: string }>, word: string): Buffer {
  const text = step.say.replaceAll('WORD', word)
  return Buffer.from(step.times === undefined ? text : text.repeat(step.times), 'latin1')
}

async function compare(c: Check, talk: Talk): Promise<void> {
  const wanted = outcomeOf(talk.sent, talk.end)
  const { outcome } = talk.call
  if (outcome === null)
    return await c.blame(wanted.kind === 'rejects' ? 'R7' : 'R5', () => pending(c, wanted))
  if (!outcome.ok)
    await c.blame(wanted.kind === 'rejects' ? 'R7' : 'R5', () => rejected(c, wanted, outcome.error.message))
  else if (wanted.kind !== 'response')
    await c.blame(wanted.kind === 'waits' ? 'R5' : 'R7', () => tooEarly(c, wanted))
  else await same(c, wanted, outcome.value)
  await c.blame('R2', () => heard(c, talk, wanted))
  await c.blame('R1', () =>
    c.expect(
      talk.accepted() === 1,
      'one connection, and nothing tried again',
      `${talk.accepted()} connections`,
    ),
  )
  await c.blame('R8', () => c.learner.leavesNothing())
}

function pending(c: Check, wanted: Outcome): void {
  const saw = 'a promise still pending: your program waits for more'
  const expected = wanted.kind === 'rejects' ? 'a rejection' : 'a response'
  c.expect(wanted.kind === 'waits', `${expected}: ${wanted.why}`, saw)
}

function rejected(c: Check, wanted: Outcome, message: string): void {
  const expected = wanted.kind === 'waits' ? 'a promise still pending' : 'a response'
  c.expect(wanted.kind === 'rejects', `${expected}: ${wanted.why}`, `it rejected: ${message}`)
}

function tooEarly(c: Check, wanted: Outcome): void {
  c.fail(
    `${wanted.kind === 'waits' ? 'a promise still pending' : 'a rejection'}: ${wanted.why}`,
    'a response',
  )
}

async function same(
  c: Check,
  { response, why }: Extract<Outcome, { kind: 'response' }>,
  seen: unknown,
): Promise<void> {
  const { version, status, reason, headers, body } = response
  const got = (seen ?? {}) as Partial<Response>
  await c.blame('R1', () => {
    c.expectEqual(got.status, status, 'the status')
    c.expectEqual(got.reason, reason, 'the reason phrase')
    c.expectEqual(got.version, version, 'the version')
    c.expectEqual(got.headers, headers, 'the fields, in the order and case of the wire')
  })
  await c.blame('R5', () => {
    const bytes: unknown = got.body
    if (!(bytes instanceof Uint8Array))
      c.fail('the body as bytes, in a Uint8Array', `a body that is ${typeof bytes}`)
    c.expectBytes(bytes, body, `the body (${why})`)
  })
}

/** All seven before the promise settles; no `response` where there was none. */
function heard(c: Check, { steps, stepsAtEnd }: Talk, wanted: Outcome): void {
  if (wanted.kind === 'response') expectAllSteps(c, stepsAtEnd() ?? steps)
  else expectNoResponse(c, steps)
}

/** A head and a body of any kind, cut anywhere, with an end somewhere. */
function drawAnswer(random: Random): Step[] {
  const body = 'WORD\r\n\r\n\xe9\x00'.slice(0, random.integer(0, 10))
  const length = random.pick([
    `Content-Length: ${body.length}\r\n`,
    'content-length: 3\r\n',
    '',
    'Content-Length: 40\r\n',
  ])
  const head = `HTTP/1.${random.integer(0, 1)} ${random.pick([200, 404, 503])} Fine\r\nX: y\r\n${length}\r\n`
  const pieces = random.split(Buffer.from(`${head}${body}`, 'latin1'), random.integer(1, 5))
  const said: Step[] = pieces.map((piece) => ({ say: piece.toString('latin1') }))
  if (random.integer(0, 1) === 1) said.splice(random.integer(0, said.length), 0, { wait: 3_600_000 })
  const cut = random.integer(1, said.length)
  return [...said.slice(0, cut), { end: random.pick(['FIN', 'RST'] as const) }]
}

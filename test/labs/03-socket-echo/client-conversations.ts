import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'

/** What a server does with what sendLines has sent. Latin-1. */
type Step = { readonly says: string } | { readonly ends: 'FIN' | 'RST' } | { readonly wait: number }

const HOUR = 3_600_000
const FIN: Step = { ends: 'FIN' }
const RST: Step = { ends: 'RST' }
const says = (text: string): Step => ({ says: text })

/** `sendLines` with three lines, against a server that answers as it likes. */
export const ANSWERS: Conversations<Step> = {
  scripts: {
    'three answers in one piece': [says('a\nb\nc\n'), FIN],
    'a byte at a time': [...Array.from('\xc3\xa9\n\n\xf0\x9f\x8c\x8a\n', says), FIN],
    'more answers than lines': [says('a\nb\nc\nd\ne\n'), FIN],
    'more answers than lines, the last one cut': [says('a\nb\nc\nd\ne'), FIN],
    'empty answers': [says('\n\n\n'), FIN],
    'an answer that begins with a byte order mark': [says('\xef\xbb\xbfa\nb\nc\n'), FIN],
    'answers with CR and blanks in them': [says(' a \rb\t\nb\n\0\n'), FIN],
    'an hour before the first answer': [{ wait: HOUR }, says('a\nb\nc\n'), FIN],
    'an hour between answers': [says('a\nb'), { wait: HOUR }, says('\nc\n'), FIN],
    'an hour before the FIN': [says('a\nb\nc\n'), { wait: HOUR }, FIN],
    'a FIN before the first answer': [FIN],
    'a FIN one answer too early': [says('a\nb\n'), FIN],
    'a FIN one byte too early': [says('a\nb\nc'), FIN],
    'a reset before the first answer': [RST],
    'a reset in the last answer': [says('a\nb\nc'), RST],
    'a reset behind the last answer': [says('a\nb\nc\n'), RST],
    'a reset behind more answers than lines': [says('a\nb\nc\nd\n'), RST],
  },
  play,
}

// --- internal ---

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const server = await c.listen()
  // The address is the page's: whoever asks for a name is led elsewhere, as on many machines.
  c.learner.names({ localhost: '::1' })
  c.learner.permit('::1', server.port, 'refused')
  const lines = [c.random.word(), '', `${c.random.word()} é`]
  const call = c.learner.call<string[]>('sendLines', server.port, lines)
  const connection = await server.connection()
  await c.blame('R11', () => sentAll(c, connection, lines))
  let said = Buffer.alloc(0)
  for (const step of steps) {
    if (connection.ended === 'RST') break
    if ('wait' in step) await c.learner.tick(step.wait)
    else if ('says' in step) {
      said = Buffer.concat([said, Buffer.from(step.says, 'latin1')])
      await connection.send(Buffer.from(step.says, 'latin1'))
    } else await (step.ends === 'FIN' ? connection.fin() : connection.reset())
    await c.learner.idle()
    await compare(c, call, said, 'ends' in step ? step.ends : 'open')
    if ('ends' in step) break
  }
  if (!call.settled) await connection.reset()
  await c.learner.idle()
}

async function sentAll(c: Check, connection: Connection, lines: readonly string[]): Promise<void> {
  await connection.sees('FIN')
  c.expectBytes(connection.received, lines.map((line) => `${line}\n`).join(''), 'the lines')
}

async function compare(
  c: Check,
  call: Call<string[]>,
  said: Buffer,
  end: 'open' | 'FIN' | 'RST',
): Promise<void> {
  const { outcome } = call
  if (end === 'open') {
    const how = outcome?.ok === false ? `it rejected: ${outcome.error.message}` : 'it has resolved'
    return await c.blame('R11', () =>
      c.expect(outcome === null, 'sendLines() still pending: the server has not ended the connection', how),
    )
  }
  const whole = said.toString().split('\n').slice(0, -1)
  const complete = end === 'FIN' && whole.length >= 3
  await c.blame(complete ? 'R11' : 'R12', () => {
    if (outcome === null)
      c.fail(
        `sendLines() to ${complete ? 'resolve' : 'reject'}: ${end} has come`,
        'it is pending, and your program idle',
      )
    else if (outcome.ok && !complete)
      c.fail(`sendLines() to reject: ${end} after ${whole.length} of 3 answers`, 'it resolved')
    else if (!outcome.ok && complete)
      c.fail('sendLines() to resolve', `it rejected: ${outcome.error.message}`)
    else if (outcome.ok) c.expectEqual(outcome.value, whole, 'the answers')
  })
  await c.blame('R12', () => c.learner.leavesNothing())
}

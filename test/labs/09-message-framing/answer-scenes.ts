import type { Check } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { NO_MORE_HTTP, UNTIL_FIN, type Answer } from './answers.ts'
import { CHUNKED, POST, type Expected } from './rows.ts'
import {
  cuts,
  expectArrays,
  expectDeaf,
  expectMessages,
  expectStatus,
  feed,
  latin1,
  outOf,
} from './scenes.ts'
import type { Piece } from './scenes.ts'

/** Scenes with a parser of responses. */

export function drawAnswer(random: Random): { readonly bytes: Buffer; readonly expected: Expected } {
  const [body, word] = [random.word(), random.word()]
  const text = `HTTP/1.1 200 OK\r\nX-Word: ${word}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  return {
    bytes: latin1(text),
    expected: {
      status: 200,
      body,
      headers: [
        ['X-Word', word],
        ['Content-Length', `${body.length}`],
      ],
    },
  }
}

/** Each row before the answer to a GET, in every cut. */
export async function expectAnswers(c: Check, rows: readonly Answer[]): Promise<void> {
  for (const [what, method, text, expected, rfc, promise = 'R3'] of rows) {
    const behind = drawAnswer(c.random)
    for (const [how, pieces] of cuts(c.random, Buffer.concat([latin1(text), behind.bytes]))) {
      const asked = method === null ? [] : [method, 'GET']
      const fed = await feed(c, 'response', [...asked, ...pieces])
      const why = `${what}, ${how} (${rfc})`
      const { messages, error } = outOf(fed)
      const saw = `${String(error?.code)} at ${String(error?.at)}: ${error?.said}`
      await c.blame(promise, () => {
        c.expect(error === null, `whole messages: ${why}`, saw)
        expectArrays(c, fed)
        expectMessages(c, messages, [...expected, behind.expected], why)
      })
    }
    c.step(`${what}: taken`)
  }
}

/** Everything behind the head is its body, and it is whole with the FIN. */
export async function expectUntilFin(c: Check): Promise<void> {
  for (const [what, head, rfc] of UNTIL_FIN) {
    for (const body of [
      '',
      drawAnswer(c.random).bytes.toString('latin1'),
      '0\r\n\r\n',
      c.random.bytes(300).toString('latin1'),
    ]) {
      for (const [how, pieces] of cuts(c.random, latin1(`${head}${body}`))) {
        const fed = await feed(c, 'response', ['GET', ...pieces, 'end'])
        const { messages, error } = outOf(fed)
        const why = `${what}, ${how} (${rfc})`
        if (error) c.fail(`a body that goes on to the FIN: ${why}`, `${String(error.code)}: ${error.said}`)
        const early = fed.slice(0, -1).flatMap(({ messages: some }) => some ?? []).length
        c.expect(early === 0, `no message before the FIN: ${why}`, `${early} before end()`)
        expectMessages(c, messages, [{ body }], why)
      }
    }
  }
}

/** What follows is somebody else's: no message, and no error. */
export async function expectNoMoreHttp(c: Check): Promise<void> {
  for (const [what, method, head, rfc] of NO_MORE_HTTP) {
    const tunnelled = Buffer.concat([drawAnswer(c.random).bytes, c.random.bytes(200), latin1('\n\r\n')])
    for (const [how, pieces] of cuts(c.random, Buffer.concat([latin1(head), tunnelled]))) {
      const fed = await feed(c, 'response', [method, ...pieces, 'end'])
      const { messages, error } = outOf(fed)
      const why = `${what}, ${how} (${rfc})`
      if (error) c.fail(`silence behind the head: ${why}`, `${String(error.code)}: ${error.said}`)
      expectMessages(c, messages, [{ body: '' }], why)
    }
  }
}

/** What was cut short, where it ended, and what is missing as far as the message says it. */
export async function expectTruncated(
  c: Check,
  kind: 'request' | 'response',
  bytes: Piece,
  missing: number | null,
  what: string,
): Promise<void> {
  const stream = typeof bytes === 'string' ? latin1(bytes) : Buffer.from(bytes)
  for (const [how, pieces] of cuts(c.random, stream)) {
    const { error, messages } = outOf(await feed(c, kind, [...pieces, 'end']))
    const why = `${what}, ${how}`
    if (!error)
      c.fail(`TRUNCATED from end(): ${why} (RFC 9112 §8)`, `no error, and ${messages.length} messages`)
    const seen = { code: error.code, at: error.at, missing: error.missing ?? null }
    c.expectEqual(seen, { code: 'TRUNCATED', at: stream.length, missing }, `the error of end(): ${why}`)
    await expectStatus(c, kind, error)
    c.expectEqual(messages.length, 0, `messages of one that was cut short: ${why}`)
  }
}

/** A FIN that came too early is a refusal like any other: be it the part that was missing that comes behind it. */
export async function expectDeafBehindFin(c: Check): Promise<void> {
  for (const [kind, text] of [
    ['request', `${POST}Content-Length: 5\r\n\r\nab|cde`],
    ['request', 'GET / HTT|P/1.1\r\nHost: a\r\n\r\n'],
    ['request', `${CHUNKED}5\r\nab|cde\r\n0\r\n\r\n`],
    ['response', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n|abcde'],
    ['response', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n|\r\n'],
  ] as const) {
    const [before = '', missing = ''] = text.split('|')
    const fed = await feed(c, kind, [latin1(before), 'end', latin1(missing), 'end'])
    const { error, after, piece } = outOf(fed)
    const told = piece === 1 ? error : null
    if (told) expectDeaf(c, told, after)
    else await c.blame('R4', () => c.fail('TRUNCATED from end() (RFC 9112 §8)', error?.said ?? 'no error'))
  }
}

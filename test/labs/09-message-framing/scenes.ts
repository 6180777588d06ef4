import type { Check } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { statusOf, type Kind } from './model.ts'
import { MARK, type Expected, type Refused, type Taken } from './rows.ts'

/** What a parser is fed, what it gave, and what it should have given. */

/** Bytes are pushed, `end` is the FIN, any other word the method that is asked. */
export type Piece = Uint8Array | string

export interface Message extends Omit<Expected, 'body'> {
  readonly body?: unknown
}

export interface Told {
  readonly code: unknown
  readonly status: unknown
  readonly at: unknown
  readonly messages: readonly Message[] | null
  readonly missing: unknown
  readonly said: string
}

/** What came out of one piece: messages, or an error. Neither: it was no array. */
export interface Fed {
  readonly messages: readonly Message[] | null
  readonly error: Told | null
}

export type Limits = { readonly maxHeadBytes?: number; readonly maxBodyBytes?: number }

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** A new parser, fed piece by piece. */
export async function feed(
  c: Check,
  kind: Kind,
  pieces: readonly Piece[],
  options: Limits = {},
): Promise<readonly Fed[]> {
  const parser = await c.learner.construct('MessageParser', kind, options)
  // Not byte for byte: that was told as one piece.
  if (pieces.length <= MOST_SHOWN) c.step(`pushed ${pieces.map(inBrief).join(', then ')}`)
  return await c.learner.make<readonly Fed[]>('feed', parser, pieces)
}

/** Enough of a head to see what it says, and of pieces. */
const SHOWN = 300
const MOST_SHOWN = 4

/** As a report tells it, escaped: what decides is a tab, a sign or a space. */
function inBrief(piece: Piece): string {
  if (typeof piece === 'string') return piece === 'end' ? 'the FIN' : `a word that ${piece} was asked`
  const text = Buffer.from(piece).toString('latin1')
  const brief = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
  return JSON.stringify(brief)
}

/** In one piece, byte for byte, and cut anywhere. */
export function cuts(random: Random, bytes: Buffer): ReadonlyArray<readonly [how: string, pieces: Buffer[]]> {
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
  return [
    ['in one piece', [bytes]],
    ['byte for byte', single],
    ['in a few pieces', random.split(bytes)],
  ]
}

/** As text that can be compared and read. */
export function readable({ body, ...message }: Message): Expected {
  const bytes = ArrayBuffer.isView(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null
  return { ...message, body: bytes ? bytes.toString('latin1') : `no Uint8Array: ${typeof body}` }
}

/** A request that nobody could refuse, with names of this run. */
export function drawGood(random: Random): { readonly bytes: Buffer; readonly expected: Expected } {
  const [target, body, host] = [`/${random.word()}`, random.word(), `${random.word()}.example`]
  const text = `PUT ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const headers = [
    ['Host', host],
    ['Content-Length', `${body.length}`],
  ] as const
  return {
    bytes: latin1(text),
    expected: { method: 'PUT', target, version: '1.1', headers, body, trailers: [] },
  }
}

/** All messages of a feed up to its first error, those that the error holds included. */
export function outOf(fed: readonly Fed[]): {
  messages: Expected[]
  error: Told | null
  after: readonly Fed[]
  piece: number
} {
  const found = fed.findIndex(({ error }) => error !== null)
  const piece = found < 0 ? fed.length : found
  const error = fed[piece]?.error ?? null
  const whole = [...fed.slice(0, piece).flatMap(({ messages }) => messages ?? []), ...(error?.messages ?? [])]
  return { messages: whole.map(readable), error, after: fed.slice(piece + 1), piece }
}

export function expectArrays(c: Check, fed: readonly Fed[]): void {
  const isArray = fed.every(({ messages, error }) => messages !== null || error !== null)
  c.expect(isArray, 'an array of messages from push() and end()', 'something else')
}

/** Only what the row names is compared: a parser may add what it likes. */
export function expectMessages(
  c: Check,
  seen: readonly Expected[],
  wanted: readonly Expected[],
  what: string,
): void {
  c.expect(
    seen.length === wanted.length,
    `${wanted.length} whole messages: ${what}`,
    `${seen.length}${named(seen)}`,
  )
  for (const [index, { body, ...short }] of wanted.entries()) {
    // Of a long body a report shows where it differs.
    const isLong = body !== undefined && body.length > SHOWN
    if (isLong) {
      const given = latin1(seen[index]?.body ?? '')
      c.expectBytes(
        given,
        latin1(body),
        `the body of message ${index + 1}, read when all has been pushed: ${what}`,
      )
    }
    const message = body === undefined || isLong ? short : { ...short, body }
    const own = Object.fromEntries(
      Object.keys(message).map((key) => [key, seen[index]?.[key as keyof Expected]]),
    )
    c.expectEqual(own, { ...message }, `${what}, message ${index + 1}`)
  }
}

function named(messages: readonly Expected[]): string {
  const names = messages.map(({ method, target, status }) => status ?? `${method} ${target}`)
  return names.length > 0 ? `: ${names.join(', ')}` : ''
}

export interface Refusal {
  readonly codes: readonly string[]
  /** In the stream. */
  readonly at: number
}

/** The error of a feed, in all that the page says of it. */
export async function expectError(
  c: Check,
  kind: Kind,
  error: Told | null,
  { codes, at }: Refusal,
  why: string,
): Promise<void> {
  const list = codes.join(' or ')
  if (!error) c.fail(`${list}: ${why}`, 'no error: it was taken for something')
  const told = typeof error.code === 'string' ? error.code : `no code: ${error.said}`
  c.expect(codes.includes(told), `\`code\` ${list}: ${why}`, told)
  await expectStatus(c, kind, error)
  c.expectEqual(error.at, at, `\`at\` of ${told}, an offset in the stream`)
}

/** That a response is refused with 502 is a promise of its own. */
export async function expectStatus(c: Check, kind: Kind, { code, status }: Told): Promise<void> {
  const expect = (): void =>
    c.expectEqual(
      status,
      statusOf(kind, String(code)),
      `the \`status\` of ${String(code)} in a stream of ${kind}s`,
    )
  await (kind === 'response' ? c.blame('R12', expect) : expect())
}

/** Behind a refusal every call throws again, and gives nothing. */
export function expectDeaf(c: Check, error: Told, after: readonly Fed[]): void {
  for (const { error: again } of after) {
    const isSame = again?.code === error.code && again?.at === error.at && again?.status === error.status
    const saw = again ? `${String(again.code)} at ${String(again.at)}` : 'none: it reads on'
    c.expect(isSame, `the same error again behind ${String(error.code)} at ${String(error.at)}`, saw)
    const count = again?.messages?.length ?? 0
    c.expect(count === 0, 'no message from a parser that has refused', `${count} in \`messages\``)
  }
}

/** A table of what is refused: each row between two good messages, in every cut. */
export async function expectRefused(
  c: Check,
  kind: Kind,
  rows: readonly Refused[],
  good: () => { bytes: Buffer; expected: Expected },
): Promise<void> {
  for (const [what, text, code, rfc, says] of rows) {
    const [before, behind] = [good(), good()]
    const bad = latin1(text.replace(MARK, ''))
    const stream = Buffer.concat([before.bytes, bad, behind.bytes])
    const at = before.bytes.length + latin1(text.slice(0, text.indexOf(MARK))).length
    for (const [how, pieces] of cuts(c.random, stream)) {
      const fed = await feed(c, kind, pieces)
      const { messages, error, after, piece } = outOf(fed)
      await expectError(c, kind, error, { codes: code.split('|'), at }, `${what}, ${how} (${rfc}: ${says})`)
      await c.blame('R12', () => {
        expectMessages(c, messages, [before.expected], `before ${what}, ${how}`)
        expectDeaf(c, error as Told, after)
        const read = pieces.slice(0, piece + 1).reduce((sum, { length }) => sum + length, 0)
        c.expect(read > at, `no error before byte ${at} has come: ${what}`, `an error at byte ${read - 1}`)
      })
    }
    c.step(`${what}: refused`)
  }
}

/** A table of what is whole: each row before another message, in every cut. */
export async function expectTaken(c: Check, rows: readonly Taken[]): Promise<void> {
  for (const [what, text, expected, rfc, says] of rows) {
    const behind = drawGood(c.random)
    for (const [how, pieces] of cuts(c.random, Buffer.concat([latin1(text), behind.bytes]))) {
      const fed = await feed(c, 'request', pieces)
      const { messages, error } = outOf(fed)
      const why = `${what}, ${how} (${rfc}: ${says})`
      if (error)
        c.fail(`whole messages: ${why}`, `${String(error.code)} at ${String(error.at)}: ${error.said}`)
      expectArrays(c, fed)
      expectMessages(c, messages, [expected, behind.expected], why)
    }
    c.step(`${what}: taken`)
  }
}

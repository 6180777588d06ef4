import type { Check } from '../../../workbook/grading/check.ts'
import type { Kind } from './model.ts'
import {
  drawGood,
  expectError,
  expectMessages,
  feed,
  latin1,
  outOf,
  type Limits,
  type Piece,
} from './scenes.ts'

/** On both sides of each limit: what just fits is taken, and the first byte too many is refused when it comes. */

const ONE = 'the first byte too many, before the rest is there'

/** A head that ends with byte `length`. */
export function headOf(length: number, start = 'GET / HTTP/1.1\r\nHost: a'): string {
  const open = `${start}\r\nX-Long: `
  return `${open}${'x'.repeat(length - open.length - 4)}\r\n\r\n`
}

interface Limit {
  readonly kind?: Kind
  readonly options: Limits
  readonly bytes: string
  readonly code: string
  readonly at: number
  readonly what: string
  /** Bytes behind the one that is too much before it has to be told: a line may have to end. */
  readonly slack?: number
}

/** Behind a message, as limits are those of one message. */
export async function expectLimit(c: Check, limit: Limit): Promise<void> {
  const { kind = 'request', options, bytes, code, what } = limit
  const before = kind === 'request' ? shortest() : latin1('HTTP/1.1 204 N\r\n\r\n')
  const at = before.length + limit.at
  const stream = Buffer.concat([before, latin1(bytes)])
  for (const pieces of [[stream], singles(stream)]) {
    const { error, messages } = outOf(await feed(c, kind, pieces, options))
    await expectError(c, kind, error, { codes: [code], at }, `${what} (${ONE})`)
    await c.blame('R12', () =>
      c.expect(messages.length === 1, 'the message before it', `${messages.length} messages`),
    )
  }
}

export async function expectFits(
  c: Check,
  bytes: string,
  options: Limits,
  what: string,
  ends = false,
  kind: Kind = 'request',
): Promise<void> {
  const before = kind === 'request' ? shortest() : latin1('HTTP/1.1 204 N\r\n\r\n')
  const stream = Buffer.concat([before, latin1(bytes)])
  const last: Piece[] = ends ? ['end'] : []
  for (const pieces of [[stream], singles(stream)]) {
    const { error, messages } = outOf(await feed(c, kind, [...pieces, ...last], options))
    if (error) c.fail(`${what}: it just fits`, `${String(error.code)} at ${String(error.at)}: ${error.said}`)
    c.expect(messages.length === 2, `${what}: two whole messages`, `${messages.length}`)
  }
}

/** The same message, again and again: no limit is used up by others. */
export async function expectOften(c: Check, bytes: string, options: Limits, what: string): Promise<void> {
  const { messages, error } = outOf(await feed(c, 'request', [latin1(bytes.repeat(5))], options))
  const saw = error ? `${String(error.code)} at ${String(error.at)}` : `${messages.length}`
  c.expect(messages.length === 5 && !error, `five messages: ${what}, each by itself`, saw)
}

/** What is open stays open: nothing is refused, and nothing is given. */
export async function expectOpen(c: Check, bytes: string, options: Limits, what: string): Promise<void> {
  const fed = await feed(c, 'request', [latin1(bytes)], options)
  expectMessages(c, outOf(fed).messages, [], what)
  const error = outOf(fed).error
  c.expect(error === null, `no error: ${what}`, `${String(error?.code)} at ${String(error?.at)}`)
}

/** Without a word of limits. */
export async function expectDefaults(c: Check): Promise<void> {
  const good = drawGood(c.random)
  const head = 16_384
  for (const [length, fits] of [
    [head, true],
    [head + 1, false],
  ] as const) {
    const { error } = outOf(await feed(c, 'request', [latin1(headOf(length)), good.bytes]))
    const saw = error ? String(error.code) : 'no error'
    c.expect(
      (error === null) === fits,
      `${fits ? 'no error' : 'HEAD_TOO_LARGE'} for a head of ${length} bytes`,
      saw,
    )
  }
  for (const [length, fits] of [
    [1_048_576, true],
    [1_048_577, false],
  ] as const) {
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`
    const { error } = outOf(await feed(c, 'request', [latin1(post)]))
    const saw = error ? String(error.code) : 'no error'
    c.expect(
      (error === null) === fits,
      `${fits ? 'no error' : 'BODY_TOO_LARGE'} for a body of ${length} bytes`,
      saw,
    )
  }
}

// --- internal ---

const shortest = (): Buffer => latin1('GET / HTTP/1.0\r\n\r\n')
const singles = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))

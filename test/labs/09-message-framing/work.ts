import type { Check } from '../../../workbook/grading/check.ts'
import type { Kind } from './model.ts'
import { POST } from './rows.ts'
import { latin1, type Fed } from './scenes.ts'

/**
 * Work that grows with the square of the bytes. Four mebibytes are there already; then single bytes follow. Whoever
 * copies, joins or searches what is there at each of them touches more than a hundred thousand million bytes, and the
 * rest of the grader convicts that by CPU time; whoever looks at each byte once is done a hundred times sooner.
 */

const MEBIBYTE = 2 ** 20
const SINGLE = 32_768
const LIMITS = { maxHeadBytes: 8 * MEBIBYTE, maxBodyBytes: 8 * MEBIBYTE }

export async function expectLinear(
  c: Check,
  kind: Kind,
  what: string,
  head: string,
  block: string,
  single: string,
  mebibytes = 4,
): Promise<void> {
  const parser = await c.learner.construct('MessageParser', kind, LIMITS)
  const pour = async (bytes: Uint8Array): Promise<void> =>
    expectNone(c, await c.learner.make('pour', parser, bytes))
  await pour(latin1(head))
  const filler = latin1(block.repeat(Math.ceil(65_536 / block.length)))
  for (let sent = 0; sent < mebibytes * MEBIBYTE; sent += filler.length) await pour(filler)
  c.step(
    `${what}: ${mebibytes} MiB have come; ${SINGLE} single bytes follow, and each should cost as little as the first`,
  )
  const drops = latin1(single.repeat(SINGLE / single.length))
  expectNone(c, await c.learner.make('drip', parser, drops))
}

/** Many small messages in one piece. */
export async function expectManyAtOnce(c: Check): Promise<void> {
  const parser = await c.learner.construct('MessageParser', 'request', {})
  const request = 'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n'
  const count = Math.floor(MEBIBYTE / request.length)
  c.step(`${count} requests come in one piece of 1 MiB`)
  const found = await c.learner.make<Fed | number>('pour', parser, latin1(request.repeat(count)))
  c.expect(
    found === count,
    `${count} messages from one piece`,
    typeof found === 'number' ? `${found}` : said(found),
  )
}

/** A pattern that looks for white space at the end begins anew at each space of a run that does not end there. */
export async function expectSpaces(c: Check): Promise<void> {
  const spaces = ' \t'.repeat(2 ** 18)
  for (const field of [`X: a${spaces}b`, `X:${spaces}`, `Content-Length: 0${spaces}`]) {
    const parser = await c.learner.construct('MessageParser', 'request', LIMITS)
    c.step('a field holds half a mebibyte of white space')
    const request = latin1(`${POST}${field}\r\n\r\n`)
    const found = await c.learner.make<Fed | number>('pour', parser, request)
    c.expect(found === 1, 'one message', typeof found === 'number' ? `${found}` : said(found))
  }
}

/** Single bytes, and the body that comes of them. */
export async function expectSingles(c: Check): Promise<void> {
  const parser = await c.learner.construct('MessageParser', 'request', {})
  const length = 8 * SINGLE
  await c.learner.make(
    'pour',
    parser,
    latin1(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`),
  )
  const body = c.random.bytes(length)
  let found = 0
  for (let at = 0; at < length; at += SINGLE) {
    const got = await c.learner.make<Fed | number>('drip', parser, body.subarray(at, at + SINGLE))
    if (typeof got !== 'number') c.fail('a body in single bytes', said(got))
    else found += got
  }
  c.expect(found === 1, `one message, whose body came in ${length} single bytes`, `${found}`)
}

// --- internal ---

function expectNone(c: Check, got: Fed | number): void {
  const saw = typeof got === 'number' ? `${got} messages` : said(got)
  c.expect(got === 0, 'no message yet, and no error: the message is not over', saw)
}

function said({ error }: Fed): string {
  return error ? `${String(error.code)} at ${String(error.at)}: ${error.said}` : 'no array'
}

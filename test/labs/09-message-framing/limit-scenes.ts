import type { Check } from '../../../workbook/grading/check.ts'
import { expectFits, expectLimit, expectOften, expectOpen, headOf } from './limits.ts'
import { CHUNKED, POST } from './rows.ts'

/** What just fits, and what is one byte too long. */

export async function expectHeadLimits(c: Check): Promise<void> {
  const max = c.random.integer(60, 200)
  const options = { maxHeadBytes: max }
  const head = headOf(max)
  await expectFits(c, head, options, `a head of ${max} bytes`)
  await expectFits(c, headOf(max - 1), options, `a head of ${max - 1} bytes`)
  await expectOpen(c, headOf(max + 40).slice(0, max), options, `${max} bytes of a head that is not over`)
  const bytes = headOf(max + 40).slice(0, max + 1)
  await expectLimit(c, {
    options,
    bytes,
    code: 'HEAD_TOO_LARGE',
    at: max,
    what: `byte ${max + 1} of a head`,
  })
  const many = `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(max)}`.slice(0, max + 1)
  await expectLimit(c, { options, bytes: many, code: 'HEAD_TOO_LARGE', at: max, what: 'many short fields' })
  const long = `GET /${'a'.repeat(max)}`.slice(0, max + 1)
  await expectLimit(c, {
    options,
    bytes: long,
    code: 'URI_TOO_LONG',
    at: max,
    what: 'a target without an end',
  })
  const answers = `HTTP/1.1 200 ${'a'.repeat(max)}`.slice(0, max + 1)
  await expectLimit(c, {
    kind: 'response',
    options,
    bytes: answers,
    code: 'HEAD_TOO_LARGE',
    at: max,
    what: 'a reason without an end',
  })
}

export async function expectBodyLimits(c: Check): Promise<void> {
  const max = c.random.integer(20, 90)
  const options = { maxBodyBytes: max }
  const post = (length: string): string => `${POST}Content-Length: ${length}\r\n\r\n`
  await expectFits(c, post(`${max}`) + 'x'.repeat(max), options, `a body of ${max} bytes`)
  for (const length of [
    `${max + 1}`,
    '99999999',
    '9007199254740993',
    '9'.repeat(400),
    `${'0'.repeat(40)}${max + 1}`,
  ]) {
    const what = `a length of ${length.slice(0, 50)} where ${max} is the most`
    await expectLimit(c, { options, bytes: post(length), code: 'BODY_TOO_LARGE', at: POST.length, what })
  }
  const answer = `HTTP/1.1 200 OK\r\n\r\n`
  await expectFits(c, answer + 'x'.repeat(max), options, `${max} bytes up to the FIN`, true, 'response')
  const at = answer.length + max
  const bytes = answer + 'x'.repeat(max + 1)
  await expectLimit(c, {
    kind: 'response',
    options,
    bytes,
    code: 'BODY_TOO_LARGE',
    at,
    what: 'a body without an end',
  })
}

export async function expectChunkLimits(c: Check): Promise<void> {
  const max = c.random.integer(20, 90)
  const options = { maxBodyBytes: max }
  const chunk = (length: number): string => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`
  const half = CHUNKED + chunk(max - 12)
  await expectFits(c, `${half}${chunk(12)}0\r\n\r\n`, options, `chunks of ${max} bytes`)
  for (const size of ['d', '0000d', 'ffffffff', 'ffffffffffffffff', '8000000000000000', '20000000000000']) {
    const what = `a chunk of ${size} where ${max} bytes are the most, and ${max - 12} have come`
    await expectLimit(c, {
      options,
      bytes: `${half}${size}\r\n`,
      code: 'BODY_TOO_LARGE',
      at: half.length,
      what,
    })
  }
}

export async function expectOtherLimits(c: Check): Promise<void> {
  const max = c.random.integer(100, 200)
  const options = { maxHeadBytes: max }
  const last = `${CHUNKED}1\r\nx\r\n0\r\n`
  const trailer = (length: number): string => `X: ${'y'.repeat(length - 7)}\r\n\r\n`
  await expectFits(c, last + trailer(max), options, `trailers of ${max} bytes`)
  const bytes = last + trailer(max + 9).slice(0, max + 1)
  const at = last.length + max
  await expectLimit(c, { options, bytes, code: 'TRAILERS_TOO_LARGE', at, what: 'a trailer too long' })
  const [one, rest] = [c.random.integer(20, 60), ';'.repeat(max)]
  const extended = `${CHUNKED}1${rest.slice(0, one)}\r\nx\r\n`
  await expectFits(c, `${extended}0${rest.slice(one)}\r\n\r\n`, options, `extensions of ${max} bytes`)
  const code = 'EXTENSIONS_TOO_LARGE'
  const more = `${extended}0${rest.slice(one)};\r\n`
  await expectLimit(c, {
    options,
    bytes: more,
    code,
    at: extended.length,
    what: 'extensions of one byte too many',
  })
  const endless = `${extended}1${rest.slice(one)}${';'.repeat(32)}`
  await expectLimit(c, {
    options,
    bytes: endless,
    code,
    at: extended.length,
    what: 'an extension without an end',
  })
  await expectOften(
    c,
    `${extended}0${rest.slice(one)}\r\n${trailer(max)}`,
    options,
    'limits are those of one message',
  )
}

import { describe, expect, test } from 'vitest'
import { BAD_RESPONSES } from '../../labs/09-message-framing/answers.ts'
import { CHUNKS } from '../../labs/09-message-framing/bad-chunks.ts'
import { FIELDS, HOSTS } from '../../labs/09-message-framing/bad-fields.ts'
import { CODINGS, LENGTHS } from '../../labs/09-message-framing/bad-lengths.ts'
import { REQUEST_LINES, TARGETS } from '../../labs/09-message-framing/bad-lines.ts'
import { serverShows, statusOf, wholeBy, type ServerEvent } from '../../labs/09-message-framing/model.ts'
import {
  GOOD_CHUNKS,
  GOOD_CODINGS,
  GOOD_HOSTS,
  GOOD_LENGTHS,
} from '../../labs/09-message-framing/odd-bodies.ts'
import { LINES, TUNNELS, WHOLE } from '../../labs/09-message-framing/odd-heads.ts'
import { MARK } from '../../labs/09-message-framing/rows.ts'

/** What the model of lab 09 says of single states, and what its tables promise by their form. */

describe('a stream', () => {
  const part = (length: number, message: string | null) => ({ bytes: new Uint8Array(length), message })

  test.each([
    [0, []],
    [4, []],
    [5, ['a']],
    [7, ['a']],
    [9, ['a', 'b']],
  ])('has given with %s bytes %j', (sent, whole) => {
    expect(wholeBy([part(5, 'a'), part(2, null), part(2, 'b')], sent)).toEqual(whole)
  })
})

test.each([
  ['request', 'BOTH_LENGTHS', 400],
  ['request', 'UNKNOWN_CODING', 501],
  ['request', 'HEAD_TOO_LARGE', 431],
  ['request', 'URI_TOO_LONG', 414],
  ['request', 'EXTENSIONS_TOO_LARGE', 413],
  ['request', 'VERSION_NOT_SPOKEN', 505],
  ['response', 'HEAD_TOO_LARGE', 502],
  ['response', 'BAD_STATUS_LINE', 502],
] as const)('in a %s %s is %s', (kind, code, status) => {
  expect(statusOf(kind, code)).toBe(status)
})

describe('a server', () => {
  const asks: ServerEvent = { is: 'request', last: false }
  const closes: ServerEvent = { is: 'request', last: true }
  const bad: ServerEvent = { is: 'refused', status: 501 }
  const ready = (request: number): ServerEvent => ({ is: 'ready', request })
  const events = (...list: ReadonlyArray<ServerEvent | ServerEvent['is']>): ServerEvent[] =>
    list.map((each) => (typeof each === 'string' ? ({ is: each } as ServerEvent) : each))

  test.each([
    ['gives one request at a time', events(asks, asks), { given: 1, answered: 0, fin: false }],
    ['answers in order', events(asks, asks, ready(1)), { given: 1, answered: 0 }],
    ['goes on when one is answered', events(asks, asks, ready(0)), { given: 2, answered: 1 }],
    ['answers before it refuses', events(asks, bad), { given: 1, refusal: null, fin: false, because: 'R14' }],
    ['refuses behind the answers', events(asks, bad, ready(0)), { answered: 1, refusal: 501, fin: true }],
    ['handles nothing behind a refusal', events(bad, asks, ready(0)), { given: 0, refusal: 501, fin: true }],
    ['handles nothing behind close', events(closes, asks, ready(0)), { given: 1, answered: 1, fin: true }],
    ['ends behind a FIN', events(asks, 'FIN', ready(0)), { answered: 1, fin: true, mayRefuse: false }],
    ['may tell who was cut off', events('part', 'FIN'), { given: 0, fin: true, mayRefuse: true }],
    ['forgets a part that became whole', events('part', asks, 'FIN'), { mayRefuse: false, fin: false }],
    ['ends what is idle at close()', events('part', 'close()'), { fin: true, mayRefuse: false }],
    ['refuses nothing behind close()', events(asks, 'close()', bad, ready(0)), { refusal: null, fin: true }],
  ])('%s', (_what, history, shown) => {
    expect(serverShows(history)).toMatchObject(shown)
  })
})

describe('the tables', () => {
  const requests = [REQUEST_LINES, TARGETS, FIELDS, HOSTS, LENGTHS, CODINGS, CHUNKS].flat()

  test('name the byte of each refusal once, and a section', () => {
    for (const [what, bytes, code, rfc] of [...requests, ...BAD_RESPONSES]) {
      expect([what, bytes.split(MARK).length]).toEqual([what, 2])
      expect([what, /^[A-Z_01|]+$/.test(code), /^RFC \d+ §[\d.]+$/.test(rfc)]).toEqual([what, true, true])
    }
  })

  test('hold each row once', () => {
    const taken = [WHOLE, LINES, TUNNELS, GOOD_HOSTS, GOOD_LENGTHS, GOOD_CODINGS, GOOD_CHUNKS].flat()
    const bytes = [...requests, ...taken].map((row) => row[1].replace(MARK, ''))
    expect(bytes.filter((each, index) => bytes.indexOf(each) !== index)).toEqual([])
  })
})

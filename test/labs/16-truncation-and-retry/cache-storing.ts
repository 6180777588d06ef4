import { type Scripts, get, brings, answer, says, wait, FRESH, TAG, DATE, each } from './cache-steps.ts'
import type { Step } from './cache-play.ts'

/** What is kept, and what is not. */

const FRAMINGS = ['length', 'chunks', 'FIN'] as const

const kept = (row: readonly string[]): readonly Step[] => [get(), says(...row), wait(1), get()]

const KEPT: ReadonlyArray<readonly string[]> = [
  [FRESH],
  ['cache-control: MAX-AGE=60'],
  ['Cache-Control: public, max-age=60'],
  ['Cache-Control: public', 'Cache-Control: max-age=60'],
  ['Cache-Control: s-maxage=60'],
  ['Cache-Control: ,,no-transform ,max-age=60'],
  ['Cache-Control: must-revalidate, proxy-revalidate, max-age=60'],
  ['Cache-Control: ext="a, no-store, private", max-age=60'],
  ['Cache-Control: ext="max-age=0, b",max-age=60'],
  ['Cache-Control: privately, un-no-store, max-age=60'],
  ['Date: {0}', 'Expires: {60}'],
  ['Expires: {60}'],
  [FRESH, 'Pragma: no-cache', 'Surrogate-Control: no-store'],
  [FRESH, 'Vary: Accept'],
  [FRESH, TAG, DATE],
  [TAG],
  [DATE],
]

const NOT_KEPT: ReadonlyArray<readonly string[]> = [
  [],
  ['Cache-Control: public'],
  ['Cache-Control: no-store, max-age=60'],
  [FRESH, 'cache-control: NO-STORE', TAG],
  ['Cache-Control: private, max-age=60'],
  ['Cache-Control: max-age=60,Private="set-cookie"'],
  ['Cache-Control: private, s-maxage=60', TAG],
  ['Cache-Control: public, no-store, max-age=60'],
  [FRESH, 'Vary: *'],
  [FRESH, 'Vary: Accept, *', TAG],
  [FRESH, 'Vary: Accept', 'vary: *'],
]

const NAME = 'Authorization: Basic dTpw'

export const STORING: Scripts = {
  ...Object.fromEntries(KEPT.map((row) => [`kept: ${row.join(' | ')}`, kept(row)])),
  ...Object.fromEntries(
    NOT_KEPT.map((row) => [`not kept: ${row.join(' | ')}`, [...kept(row), says(FRESH), get()]]),
  ),
  ...each('kept, status', [203, 301, 404, 410, 500], (status) => [
    get(),
    answer({ status, says: [FRESH] }),
    wait(1),
    get(),
  ]),
  ...each('not kept, status', [206, 304], (status) => [
    get(),
    answer({ status, says: [FRESH, TAG] }),
    get(),
    answer(),
  ]),
  ...each('not kept without a lifetime, status', [203, 404, 500], (status) => [
    get(),
    answer({ status, says: [TAG, DATE] }),
    get(),
    answer(),
  ]),
  ...each('kept, in', FRAMINGS, (framing) => [get(), answer({ framing, says: [FRESH] }), get(), get()]),
  'kept, with nothing in it': [
    get(),
    answer({ size: 0, says: [FRESH] }),
    get(),
    get('b'),
    answer({ status: 204, says: [FRESH] }),
    get('b'),
  ],
  'a request with no-store': [brings('Cache-Control: no-store'), says(FRESH), get(), says(FRESH), get()],
  'a request with NO-STORE in a list': [
    brings('cache-control: max-age=9, NO-STORE'),
    says(FRESH),
    get(),
    answer(),
  ],
  ...each('with Authorization', ['public', 's-maxage=60', 'must-revalidate'], (word) => [
    brings(NAME),
    says(`Cache-Control: max-age=60, ${word}`),
    get(),
    brings(NAME),
  ]),
  ...each(
    'with Authorization, not kept',
    ['no-transform', 'proxy-revalidate', 'max-age=60', 'ext="public"'],
    (word) => [
      brings(NAME),
      says('Cache-Control: max-age=60', `Cache-Control: ${word === 'max-age=60' ? 'x' : word}`, TAG),
      get(),
      says(FRESH),
      brings(NAME),
    ],
  ),
  'each target has its own': [get('a'), says(FRESH), get('b'), says(FRESH), get('a'), get('b')],
  'each host has its own': [
    get(),
    says(FRESH),
    get('a', { host: 'b.example' }),
    says(FRESH),
    get('a', { host: 'A.Example' }),
    get('a', { host: 'b.example' }),
    get('a', { host: 'a.example:8080' }),
    answer(),
  ],
  'not kept, behind one that was': [
    get(),
    says('Cache-Control: max-age=1'),
    wait(2),
    get(),
    says('Cache-Control: no-store'),
    get(),
    answer(),
  ],
}

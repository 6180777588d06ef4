import { GARBAGE } from './ends.ts'
import type { Step } from './play.ts'
import { album, ENDS, page, table, tag, type Scripts } from './script-words.ts'

/** Failures, ends and what is kept, and what of it is told. */

export const R6: Scripts = {
  ...Object.fromEntries(
    ([undefined, 'half a head', 'half a body'] as const).flatMap((behind) =>
      ENDS.filter((how) => how !== 'garbage' || !behind).map((how) => [
        `${how} behind ${behind ?? 'nothing'}`,
        [
          { load: 2, page: album(3) },
          { page: 1 },
          { lose: 0, how, ...(behind && { behind }) },
          { page: 1 },
          { answer: 1 },
        ] satisfies Step[],
      ]),
    ),
  ),
  ...table(
    Object.keys(GARBAGE) as Array<keyof typeof GARBAGE>,
    (how) => `an answer that is no HTTP: ${how}`,
    (how) => [{ load: 2, silent: true, page: album(3) }, { page: 2 }, { lose: 0, how }, { answer: 1 }],
  ),
  'an error status is an answer': [
    { load: 3, page: album(4) },
    { page: 2 },
    { answer: 1, status: 404 },
    { answer: 0, status: 503, empty: true },
    { answer: 0, status: 400 },
  ],
  'all of them fail': [
    { load: 2, page: album(4) },
    { page: 1 },
    { lose: 0, how: 'reset' },
    { page: 1 },
    { lose: 1, how: 'fin' },
    { lose: 0, how: 'fin' },
    { lose: 0, how: 'garbage' },
  ],
  'the last one fails': [{ load: 3, page: album(2) }, { page: 2 }, { answer: 0 }, { lose: 0, how: 'fin' }],
  'a place that is given back once': [
    { load: 3, page: album(6) },
    { page: 1 },
    { lose: 0, how: 'reset' },
    { lose: 0, how: 'fin' },
    { lose: 1, how: 'garbage' },
  ],
  'connections are refused': [{ load: 6, page: album(3) }, { refuse: true }, { page: 1 }],
  'refused, and then accepted again': [
    { load: 3, page: page(4) },
    { page: 2 },
    { refuse: true },
    { page: 1 },
    { refuse: false },
    { page: 1 },
    { answer: 1 },
  ],
  'those who wait are refused': [{ load: 2, page: album(4) }, { page: 1 }, { refuse: true }, { answer: 0 }],
  'refused with one place': [{ load: 1, page: album(3) }, { page: 1 }, { refuse: true }],
  'on kept connections': [
    { load: 2, reuse: true, page: album(5) },
    { page: 1 },
    { answer: 0 },
    { lose: 0, how: 'fin', behind: 'half a body' },
    { lose: 0, how: 'reset' },
    { page: 1 },
    { lose: 0, how: 'garbage' },
  ],
  'refused, and a kept connection goes on': [
    { load: 3, reuse: true, page: page(4) },
    { page: 2 },
    { answer: 0 },
    { refuse: true },
    { page: 1 },
    { page: 1 },
    { answer: 0 },
    { page: 1 },
  ],
}

export const R7: Scripts = {
  'reuse is false': [
    { load: 2, reuse: false, page: page(3) },
    { page: 2 },
    { answer: 0 },
    { page: 2 },
    { answer: 0 },
  ],
  'though the server keeps it': [
    { load: 3, says: ['keep-alive'], page: album(4) },
    { page: 1 },
    { answer: 1, says: ['keep-alive'] },
    { answer: 0, version: '1.0', says: ['Keep-Alive'] },
    { page: 1 },
  ],
  'the server ends it too': [
    { load: 2, page: album(3) },
    { page: 1 },
    { answer: 0, fin: true },
    { answer: 0, says: ['close'], fin: true },
    { page: 1 },
  ],
  'the page is the first to be whole': [{ load: 4, page: album(2) }, { page: 2 }, { part: 0 }, { answer: 1 }],
}

/** All rows of RFC 9112 §9.3. */
export const KEPT = [
  { says: ['keep-alive'] },
  { says: ['Close-Notify, not-close, enclosed'] },
  { version: '1.0', says: ['Keep-Alive'] },
  { version: '1.0', says: ['X-Quay, KEEP-ALIVE'] },
] as const
export const NOT_KEPT = [
  { says: ['close'] },
  { says: ['X-Quay,Close'] },
  { says: ['keep-alive', 'close'] },
  { version: '1.0' },
  { version: '1.0', says: ['keep-alive-not'] },
  { version: '1.0', says: ['close, keep-alive'] },
] as const

export const R8: Scripts = {
  'kept, whatever the words': [
    { load: 1, reuse: true, says: ['Upgrade'], page: album(KEPT.length) },
    { page: 1 },
    { page: 1 },
    ...KEPT.map((says): Step => ({ answer: 0, ...says })),
  ],
  'not kept, whatever the words': [
    { load: 2, reuse: true, says: ['close'], page: album(NOT_KEPT.length + 1) },
    { page: 1 },
    ...NOT_KEPT.map((says): Step => ({ answer: 0, ...says })),
    { page: 1 },
  ],
  'a free one serves a later tag': [
    { load: 4, reuse: true, page: page(5) },
    { page: 3 },
    { answer: 0 },
    { page: 1 },
    { answer: 1 },
    { answer: 0 },
    { page: 2 },
  ],
  'a free one is kept for an hour': [
    { load: 2, reuse: true, page: page(3) },
    { page: 2 },
    { answer: 0 },
    { wait: 3_600_000 },
    { page: 1 },
  ],
  "the page's own serves an image that waits": [
    { load: 2, reuse: true, page: album(4) },
    { page: 1 },
    { page: 1 },
    { answer: 1 },
    { answer: 0 },
  ],
  'answers in pieces on a kept connection': [
    { load: 2, reuse: true, page: album(4) },
    { page: 1 },
    { answer: 0, cut: true },
    { part: 0 },
    { answer: 0, empty: true },
    { answer: 0, empty: true },
    { page: 1 },
    { answer: 0, cut: true },
  ],
  ...table(
    ['fin', 'reset', 'bytes'] as const,
    (ends) => `a free one ends: ${ends}`,
    (ends) => [
      { load: 2, reuse: true, page: page(3) },
      { page: 2 },
      { answer: 0 },
      { free: 0, ends },
      { page: 1 },
      { answer: 0 },
      { page: 1 },
    ],
  ),
  'bytes behind an answer': [
    { load: 2, reuse: true, page: album(4) },
    { page: 1 },
    { answer: 0, stray: true },
    { answer: 0 },
    { page: 1 },
  ],
  'two free ones, and one of them ends': [
    { load: 3, reuse: true, page: page(4) },
    { page: 3 },
    { answer: 0 },
    { answer: 0 },
    { free: 0, ends: 'fin' },
    { page: 1 },
    { page: 1 },
  ],
}

export const R9: Scripts = {
  'bodies side by side': [
    { load: 3, page: album(3) },
    { page: 1 },
    { part: 0 },
    { part: 1 },
    { part: 0 },
    { answer: 1 },
    { page: 1 },
    { answer: 0 },
  ],
  'the page in single bytes, and an empty image': [
    { load: 2, page: [`<p>${tag(1)}`, 'end'] },
    { page: 1, bytewise: true },
    { answer: 0, empty: true },
  ],
  ...table(
    ENDS,
    (how) => `a failure, with a part of the body and without: ${how}`,
    (how) => [
      { load: 4, page: album(3) },
      { page: 1 },
      { part: 0 },
      { lose: 1, how, ...(how !== 'garbage' && { behind: 'half a head' as const }) },
      { lose: 0, how: how === 'garbage' ? 'fin' : how },
    ],
  ),
  'an answer in another protocol, which has all that a whole one has': [
    { load: 3, page: album(2) },
    { page: 1 },
    { lose: 0, how: 'a status line of another protocol' },
    { answer: 0 },
  ],
  'refused images': [{ load: 3, page: album(2) }, { refuse: true }, { page: 1 }],
  'on a kept connection the count begins again': [
    { load: 1, reuse: true, page: album(3) },
    { page: 2 },
    { part: 0 },
    { answer: 0 },
    { part: 0 },
    { part: 0 },
    { answer: 0 },
  ],
  ...table(
    ['fin', 'reset'] as const,
    (how) => `the page fails, and images are under way: ${how}`,
    (how) => [{ load: 3, page: album(3) }, { page: 1 }, { part: 0 }, { losePage: how }],
  ),
  'nobody listens': [
    { load: 2, silent: true, page: album(3) },
    { page: 1 },
    { part: 0 },
    { lose: 0, how: 'fin' },
    { page: 1 },
  ],
}

import type { Step } from './play.ts'
import { album, ENDS, page, table, tag, type Scripts } from './script-words.ts'

/** The page, its tags, places and orders: what a server may do, by the requirement that it tries. */

export const R2: Scripts = {
  'a page without images, in single bytes': [
    { load: 2, page: ['caf\u00e9 \u2603 <p>no image</p>'] },
    { page: 1, bytewise: true },
  ],
  'an hour passes, and another': [
    { load: 2, page: page(2) },
    { page: 2 },
    { wait: 3_600_000 },
    { page: 2 },
    { wait: 3_600_000 },
    { answer: 0 },
  ],
  'an empty page': [{ load: 3, page: [] }],
  'a page that was not found shows its images all the same': [
    { load: 2, status: 404, page: page(2) },
    { page: 3 },
    { answer: 0 },
  ],
  'a page in HTTP/1.0, with reuse': [
    { load: 2, reuse: true, version: '1.0', page: album(2) },
    { page: 1 },
    { page: 1 },
  ],
  'the page is refused': [{ load: 3, refused: true, page: page(1) }],
  ...table(
    ENDS,
    (how) => `the page fails before its first byte: ${how}`,
    (how) => [{ load: 3, page: page(1) }, { losePage: how }],
  ),
  ...table(
    ['fin', 'reset'] as const,
    (how) => `the page fails, and images are under way and waiting: ${how}`,
    (how) => [{ load: 3, page: page(4) }, { page: 5 }, { part: 1 }, { losePage: how }],
  ),
  'the page fails behind images that are whole, and one that has failed': [
    { load: 2, reuse: true, page: page(3) },
    { page: 2 },
    { answer: 0 },
    { page: 1 },
    { lose: 0, how: 'fin' },
    { losePage: 'reset' },
  ],
}

export const R3: Scripts = {
  'each tag in its turn': [
    { load: 6, page: page(4) },
    { page: 1 },
    { page: 1 },
    { page: 1 },
    { page: 1 },
    { page: 1 },
  ],
  'in single bytes': [
    { load: 6, page: ['\u00e9<img src="$1">', `<!--<img src=$3>--><IMG alt='>' src=$2#x>`, 'end'] },
    { page: 3, bytewise: true },
  ],
  'several in one piece, and half of the next': [
    {
      load: 6,
      page: [`${tag(1)}${tag(2)}<img alt="`, `> a" src="$3">${tag(4)}<`, 'img src="$5"', '>', 'end'],
    },
    { page: 1 },
    { page: 1 },
    { page: 1 },
    { page: 1 },
  ],
  'a < in a value and in a comment, and the next piece behind it': [
    {
      load: 6,
      page: [`<img alt="3 < 4"`, ` src="$1"><!-- 3 < 4`, ` --><img alt='<p`, `' src=$2>`, 'end'],
    },
    { page: 1 },
    { page: 1 },
    { page: 1 },
    { page: 1 },
  ],
  'shown again, whatever has become of it': [
    { load: 3, page: [tag(1), `${tag(1)}${tag(2)}`, tag(1), tag(2), `${tag(2)}${tag(1)}${tag(3)}`, 'end'] },
    { page: 1 },
    { page: 1 },
    { answer: 0 },
    { page: 1 },
    { lose: 0, how: 'fin' },
    { page: 1 },
    { page: 1 },
  ],
  'shown again while it waits': [
    { load: 1, page: [`${tag(1)}${tag(2)}`, `${tag(2)}${tag(1)}`] },
    { page: 1 },
    { page: 1 },
  ],
  'images are there before the page is': [
    { load: 4, page: page(2) },
    { page: 3 },
    { answer: 1 },
    { answer: 0 },
    { page: 1 },
  ],
  'the last tag ends the page': [
    { load: 4, page: [tag(1), 'x', tag(2)] },
    { page: 1 },
    { page: 1 },
    { page: 1 },
  ],
  'behind much text': [
    {
      load: 2,
      page: [`${'word '.repeat(900)}<img al`, `t="" src="$1">${'word '.repeat(900)}`, tag(2), 'end'],
    },
    { page: 1 },
    { page: 1 },
    { page: 1 },
    { answer: 0 },
  ],
  'more places than anybody needs': [{ load: 100, page: album(9) }, { page: 1 }],
  'all in one piece': [{ load: 4, page: album(3) }, { page: 2 }],
}

export const R4: Scripts = {
  ...table(
    [1, 2, 3, 4, 5, 6],
    (load) => `${load} at a time`,
    (load) => [
      { load, page: album(8) },
      { page: 1 },
      { answer: 1 },
      { page: 1 },
      { answer: 2 },
      { answer: 0 },
      { answer: 3 },
    ],
  ),
  'places are free again while the page comes': [
    { load: 3, page: page(5) },
    { page: 3 },
    { page: 1 },
    { answer: 1 },
    { page: 1 },
    { answer: 0 },
    { page: 1 },
  ],
  'one kept place': [{ load: 1, reuse: true, page: album(4) }, { page: 1 }, { page: 1 }],
  'three kept places': [
    { load: 3, reuse: true, page: album(7) },
    { page: 1 },
    { answer: 1 },
    { page: 1 },
    { answer: 2 },
  ],
}

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const

/** The k-th of those that are left. */
function answersIn(order: readonly number[]): Step[] {
  const left = [0, 1, 2]
  return order.map((image) => ({ answer: left.splice(left.indexOf(image), 1).length === 0 ? 0 : image }))
}

export const R5: Scripts = {
  ...table(
    ORDERS,
    (order) => `answers in the order ${order.map((image) => image + 1).join(', ')}`,
    (order) => [{ load: 4, page: album(3) }, { page: 2 }, ...answersIn(order)],
  ),
  'answers side by side, a piece of each in turn': [
    { load: 4, page: album(3) },
    { page: 1 },
    { part: 2 },
    { part: 0 },
    { part: 1 },
    { part: 2 },
    { part: 0 },
    { answer: 1, cut: true },
    { page: 1 },
    { answer: 1 },
  ],
  'of a page that was not found': [{ load: 4, status: 404, page: album(2) }, { page: 2 }, { answer: 1 }],
  'a gap in the middle': [
    { load: 4, page: album(3) },
    { page: 2 },
    { answer: 2 },
    { lose: 1, how: 'fin' },
    { answer: 0 },
  ],
  'whatever the status, and without a body': [
    { load: 5, page: album(4) },
    { page: 2 },
    { answer: 1, status: 404 },
    { answer: 0, empty: true },
    { answer: 1, status: 500, cut: true },
    { answer: 0, status: 301, empty: true },
  ],
}

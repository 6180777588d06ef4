import { type Scripts, get, send, answer, cut, wait, FRESH, TAG, VARY, EN, DE } from './cache-steps.ts'
import type { Step } from './cache-play.ts'

/** What has to go. */

const sized = (letter: string, size: number, ...lines: string[]): readonly Step[] => [
  get(letter),
  answer({ size, says: [FRESH, ...lines] }),
]
const gone = (letter: string): readonly Step[] => [get(letter), answer()]
const fill = (...rows: ReadonlyArray<readonly [string, number]>): readonly Step[] =>
  rows.flatMap(([letter, size]) => sized(letter, size))

/** With room for a hundred bytes. */
export const ROOM: Scripts = {
  'the oldest goes': [...fill(['a', 40], ['b', 40], ['c', 40]), get('b'), get('c'), ...gone('a')],
  'not the one that was used': [
    ...fill(['a', 40], ['b', 40]),
    get('a'),
    ...fill(['c', 40]),
    get('a'),
    get('c'),
    ...gone('b'),
  ],
  'to the last byte': [
    ...fill(['a', 60], ['b', 40]),
    get('a'),
    get('b'),
    ...fill(['c', 1]),
    get('b'),
    get('c'),
    ...gone('a'),
  ],
  'one byte too many': [...fill(['a', 60], ['b', 41]), get('b'), ...gone('a')],
  'all of it': [...fill(['a', 100]), get('a'), ...fill(['b', 1]), get('b'), ...gone('a')],
  'larger than everything': [...fill(['a', 40], ['b', 60], ['c', 101]), get('a'), get('b'), ...gone('c')],
  'several for one': [
    ...fill(['a', 30], ['b', 30], ['c', 30], ['d', 70]),
    get('d'),
    get('c'),
    ...gone('a'),
    ...gone('b'),
  ],
  'no more than it takes': [
    ...fill(['a', 30], ['b', 30], ['c', 30], ['d', 40]),
    get('b'),
    get('c'),
    get('d'),
    ...gone('a'),
  ],
  'a newer one in its place': [
    ...sized('a', 60),
    ...sized('b', 40),
    wait(60),
    ...sized('a', 60),
    ...sized('b', 40),
    get('a'),
    get('b'),
  ],
  'a newer one in the place of the one that was used last': [
    ...sized('a', 60),
    ...sized('b', 40),
    get('a'),
    get('a', { brings: ['Cache-Control: no-cache'] }),
    answer({ size: 60, says: [FRESH] }),
    get('b'),
    get('a'),
  ],
  'a smaller one in its place': [
    ...sized('a', 90),
    wait(60),
    ...sized('a', 20),
    ...sized('b', 80),
    get('a'),
    get('b'),
  ],
  'a larger one in its place': [
    ...sized('a', 20),
    ...sized('b', 20),
    wait(60),
    ...sized('a', 90),
    get('a'),
    ...gone('b'),
  ],
  'still good is a use': [
    ...sized('a', 40, TAG),
    ...sized('b', 40),
    get('a', { brings: ['Cache-Control: no-cache'] }),
    answer({ status: 304 }),
    ...sized('c', 40),
    get('a'),
    ...gone('b'),
  ],
  'what is changed leaves its room': [
    ...fill(['a', 60], ['b', 40]),
    send('POST', 'a'),
    answer(),
    ...fill(['c', 60]),
    get('b'),
    get('c'),
  ],
  'what is not kept needs no room': [
    ...fill(['a', 60], ['b', 40]),
    get('c'),
    answer({ size: 90, says: ['Cache-Control: no-store'] }),
    get('a'),
    get('b'),
  ],
  'nothing in it': [...fill(['a', 100], ['b', 0], ['c', 0]), get('a'), get('b'), get('c')],
  'each for its own fields': [
    get('a', { brings: [EN] }),
    answer({ size: 50, says: [FRESH, VARY] }),
    get('a', { brings: [DE] }),
    answer({ size: 50, says: [FRESH, VARY] }),
    get('a', { brings: [EN] }),
    ...fill(['b', 50]),
    get('a', { brings: [EN] }),
    get('a', { brings: [DE] }),
    answer(),
  ],
  'bodies in chunks count as what they hold': [
    get('a'),
    answer({ size: 50, framing: 'chunks', says: [FRESH] }),
    get('b'),
    answer({ size: 50, framing: 'chunks', says: [FRESH] }),
    get('a'),
    get('b'),
  ],
  'too large, for others who wait': [
    get(),
    get(),
    answer({ size: 101, says: [FRESH] }),
    answer({ size: 100, says: [FRESH] }),
    get(),
  ],
  'a rest makes it whole, and too large': [
    ...fill(['b', 30]),
    get('a'),
    cut('half', { size: 120, says: [FRESH, TAG] }),
    answer({ rest: 'fits' }),
    get('b'),
    ...gone('a'),
  ],
}

import { expect, test } from 'vitest'
import { LIMITS } from '../../workbook/learner/limits.ts'
import { judge, type Use } from '../../workbook/learner/watchdog.ts'

/** Both sides of each bound that stands. That they end a process is proven in hostile-ends.test.ts. */

const MEBIBYTE = 2 ** 20
const REST: Use = { resident: 0, busy: 0, restless: { cpu: 0, wall: 0 }, cpu: 0, wall: 0 }

const BOUNDS: ReadonlyArray<readonly [what: string, allowed: Partial<Use>, over: Partial<Use>, saw: string]> =
  [
    [
      'ten seconds of CPU time without rest',
      { restless: { cpu: 10_000, wall: 59_999 } },
      { restless: { cpu: 10_001, wall: 59_999 } },
      'no rest within 10 s',
    ],
    [
      'a minute without rest, however little CPU time it took',
      { restless: { cpu: 0, wall: 60_000 } },
      { restless: { cpu: 0, wall: 60_001 } },
      'no rest within 10 s',
    ],
    [
      'ten seconds without rest where the system tells no CPU time',
      { restless: { cpu: null, wall: 10_000 } },
      { restless: { cpu: null, wall: 10_001 } },
      'no rest within 10 s',
    ],
    ['a second of CPU time for one order', { busy: 0.99 }, { busy: 1 }, '1 s of CPU without letting go'],
    [
      'thirty seconds of CPU time for a check',
      { cpu: 30 },
      { cpu: 30.01 },
      'more than 30 s of CPU in one check',
    ],
    ['three minutes for a check', { wall: 180_000 }, { wall: 180_001 }, 'no end within 180 s'],
    [
      '300 MiB',
      { resident: 300 * MEBIBYTE },
      { resident: 301 * MEBIBYTE },
      'more than 300 MiB of memory in use',
    ],
  ]

test.each(BOUNDS)('a process may use %s, and no more', (_, allowed, over, saw) => {
  const watched = { limits: LIMITS }
  expect(judge(watched, { ...REST, ...allowed })).toBeNull()
  expect(judge(watched, { ...REST, ...over })?.saw).toContain(saw)
})

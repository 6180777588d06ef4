/** What everybody does who opens and closes connections: scripts for the conversations about ports. */

export type Pass = 'all but a millisecond' | 'a millisecond' | 'half of it'

/** The `nth` of the connections to a destination that are open, counted round; `unknown` is a port that none of them has. */
export interface Release {
  readonly release: number
  readonly nth: number | 'unknown' | 'again'
  readonly closedFirst: boolean
}

export type Step = { readonly take: number } | Release | { readonly pass: Pass }

const takes = (...remotes: readonly number[]): Step[] => remotes.map((remote) => ({ take: remote }))
export const over = (nth: Release['nth'], closedFirst: boolean, remote = 0): Step => ({
  release: remote,
  nth,
  closedFirst,
})
export const pass = (how: Pass): Step => ({ pass: how })
const ALMOST = pass('all but a millisecond')
const ONE = pass('a millisecond')
const HALF = pass('half of it')

/** The states that every run visits: three ports, and ten destinations. */
export const SCRIPTS = {
  R7: {
    'three to each destination': takes(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
    'all to one, then one to each other': takes(0, 0, 0, 1, 2, 3, 4, 0),
    'names that differ in their letters': takes(5, 5, 5, 6, 6, 6, 7, 7, 7),
    'one address, written in two ways': takes(8, 8, 8, 9, 9, 9),
    'one waits, and is free for others': [...takes(0, 0, 0), over(1, true), ...takes(1, 1, 2, 0)],
    'released for another destination': [...takes(0, 0, 0, 1), over(0, false, 1), ...takes(0, 1)],
  },
  R8: {
    'our end first: twice the MSL': [
      ...takes(0, 0, 0),
      over(1, true),
      ...takes(0),
      ALMOST,
      ...takes(0),
      ONE,
      ...takes(0),
    ],
    'our end second: at once': [...takes(0, 0, 0), over(1, false), ...takes(0, 0)],
    'a port that nobody has': [...takes(0, 0, 0), over('unknown', false), over('unknown', true), ...takes(0)],
    'released twice, first and second': [
      ...takes(0),
      over(0, false),
      over('again', true),
      ...takes(0, 0, 0, 0),
    ],
    'released twice, second and first': [...takes(0, 0, 0), over(0, true), over('again', false), ...takes(0)],
    'released twice, later': [
      ...takes(0, 0, 0),
      over(0, true),
      HALF,
      over('again', true),
      HALF,
      ...takes(0, 0),
    ],
    'each destination waits by itself': [
      ...takes(0, 0, 0, 1, 1, 1),
      over(0, true),
      HALF,
      over(0, true, 1),
      HALF,
      ...takes(0, 1, 0),
      HALF,
      ...takes(1),
    ],
    'waits a second time': [
      ...takes(0, 0, 0),
      over(2, true),
      ALMOST,
      ONE,
      ...takes(0),
      over(2, true),
      ONE,
      ...takes(0),
      ALMOST,
      ...takes(0),
    ],
  },
  R9: {
    'never used before used': [...takes(0), over(0, false), ...takes(0, 0, 0)],
    'in the order in which they became free': [
      ...takes(0, 0, 0),
      over(2, false),
      ONE,
      over(0, false),
      ONE,
      over(0, false),
      ...takes(0, 0, 0),
    ],
    'one that waited is younger than one that did not': [
      ...takes(0, 0, 0),
      over(0, true),
      ONE,
      over(0, false),
      ALMOST,
      ...takes(0, 0),
    ],
    'one that waited is older than one released since': [
      ...takes(0, 0, 0),
      over(2, true),
      ALMOST,
      ONE,
      ONE,
      over(0, false),
      ...takes(0, 0),
    ],
    'equally old: the lowest': [
      ...takes(0, 0, 0),
      over(2, false),
      over(1, false),
      over(0, false),
      ...takes(0, 0, 0),
    ],
    'equally old, one of them by waiting': [
      ...takes(0, 0, 0),
      over(2, true),
      ALMOST,
      ONE,
      over(0, false),
      ...takes(0, 0),
    ],
    'what others do makes no port younger': [
      ...takes(0, 1, 1),
      over(0, false, 1),
      over(0, false, 1),
      ...takes(0, 0),
    ],
  },
  R10: {
    'none waits': takes(0, 0, 0, 0, 0),
    'one waits': [...takes(0, 0, 0), over(1, true), HALF, ...takes(0, 0)],
    'all wait': [
      ...takes(0, 0, 0),
      over(0, true),
      ONE,
      over(0, true),
      HALF,
      over(0, true),
      ...takes(0, 0),
      HALF,
      ...takes(0),
    ],
    'the first released is not the first taken': [
      ...takes(0, 0, 0),
      over(2, true),
      HALF,
      over(0, true),
      ...takes(0),
    ],
    'those of others do not count': [
      ...takes(1, 1),
      over(0, true, 1),
      over(0, true, 1),
      ...takes(0, 0, 0, 0),
      over(0, true),
      ...takes(0),
    ],
    'a failure takes nothing': [...takes(0, 0, 0, 0, 0), over(0, false), ...takes(0, 0)],
  },
} satisfies Record<string, Record<string, readonly Step[]>>

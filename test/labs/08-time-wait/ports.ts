import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { blamed, release, take, unused, type Taken, type Uses } from './model.ts'

/** Conversations about the ports of one machine: the grader is everybody who opens and closes connections. */

type Pass = 'all but a millisecond' | 'a millisecond' | 'half of it'

/** The `nth` of the connections to a destination that are open, counted round; `unknown` is a port that none of them has. */
interface Release {
  readonly release: number
  readonly nth: number | 'unknown' | 'again'
  readonly closedFirst: boolean
}

type Step = { readonly take: number } | Release | { readonly pass: Pass }

interface Allocator {
  take(remote: object): Call<number>
  release(remote: object, port: number, closedFirst: boolean): Call<void>
}

/** Some differ in the host alone, some in the port alone; the last two are one text when nothing stands between. */
const REMOTES = [
  { host: '192.0.2.7', port: 80 },
  { host: '192.0.2.7', port: 443 },
  { host: '198.51.100.7', port: 80 },
  { host: '192.0.2.1', port: 180 },
  { host: '192.0.2.11', port: 80 },
] as const

const takes = (...remotes: readonly number[]): Step[] => remotes.map((remote) => ({ take: remote }))
const over = (nth: Release['nth'], closedFirst: boolean, remote = 0): Step => ({
  release: remote,
  nth,
  closedFirst,
})
const pass = (how: Pass): Step => ({ pass: how })
const ALMOST = pass('all but a millisecond')
const ONE = pass('a millisecond')
const HALF = pass('half of it')

const SCRIPTS = {
  R7: {
    'three to each destination': takes(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
    'all to one, then one to each other': takes(0, 0, 0, 1, 2, 3, 4, 0),
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

export const PORTS = {
  R7: conversations(SCRIPTS.R7),
  R8: conversations(SCRIPTS.R8),
  R9: conversations(SCRIPTS.R9),
  R10: conversations(SCRIPTS.R10),
}

/** An allocator in the hands of a check, with a clock that the check sets. */
export async function allocatorOf(c: Check, { first, last, mslMs, start }: Range) {
  const clock = await c.learner.make<object>('handClock', start)
  const allocator = await c.learner.construct<Allocator>('PortAllocator', { first, last, mslMs, now: clock })
  return { allocator, set: (now: number) => c.learner.make('setClock', clock, now) }
}

/** Compares what `take` did with what it had to do. */
export async function expectTaken(
  c: Check,
  call: Call<number>,
  uses: Uses,
  now: number,
  told: string,
): Promise<Uses> {
  await c.learner.idle()
  const [expected, next] = take(uses, now)
  const { outcome } = call
  const seen = outcome?.ok ? outcome.value : null
  const saw = outcome?.ok ? String(seen) : outcome ? `an error: ${outcome.error.message}` : 'nothing'
  const wanted = expected.port === null ? 'an error: no port is free' : `port ${expected.port}`
  if (seen !== expected.port || outcome === null)
    await c.blame(blamed(uses, expected, seen, now), () => c.fail(`${wanted} for take(), ${told}`, saw))
  if (outcome && !outcome.ok) await c.blame('R10', () => expectError(c, outcome.error, expected))
  return next
}

// --- internal ---

interface Range {
  readonly first: number
  readonly last: number
  readonly mslMs: number
  readonly start: number
}

function conversations(scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> {
  return {
    scripts,
    drawn: 2,
    draw: (random) =>
      Array.from({ length: 20 }, (): Step => {
        const kind = random.integer(0, 9)
        if (kind < 5) return { take: random.integer(0, 1) }
        if (kind < 8) return over(random.integer(0, 2), random.integer(0, 2) > 0, random.integer(0, 1))
        return pass(random.pick(['all but a millisecond', 'a millisecond', 'half of it'] as const))
      }),
    play,
  }
}

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const first = c.random.integer(1_024, 60_000)
  const range = {
    first,
    last: first + 2,
    mslMs: c.random.integer(3, 150),
    start: c.random.integer(-500, 500),
  }
  const { allocator, set } = await allocatorOf(c, range)
  let now = range.start
  const uses = REMOTES.map(() => unused(range.first, range.last))
  const last = REMOTES.map(() => 0)
  for (const [at, step] of steps.entries()) {
    if ('pass' in step) {
      const { mslMs } = range
      now += { 'all but a millisecond': 2 * mslMs - 1, 'a millisecond': 1, 'half of it': mslMs }[step.pass]
      await set(now)
    } else if ('take' in step) {
      const remote = REMOTES[step.take]
      if (!remote) continue
      const told = `step ${at + 1}: to ${remote.host}:${remote.port}, ${now - range.start} ms on your clock, MSL ${range.mslMs} ms`
      const call = allocator.take({ ...remote })
      uses[step.take] = await expectTaken(c, call, uses[step.take] ?? [], now, told)
    } else await letGo(c, { allocator, uses, last, now, range }, step)
  }
}

interface Talk {
  readonly allocator: Allocator
  readonly uses: Uses[]
  readonly last: number[]
  readonly now: number
  readonly range: Range
}

async function letGo(
  c: Check,
  { allocator, uses, last, now, range }: Talk,
  { release: to, nth, closedFirst }: Release,
): Promise<void> {
  const [own = [], remote] = [uses[to], REMOTES[to]]
  const open = own.filter((use) => use.open)
  if (!remote || (typeof nth === 'number' && open.length === 0)) return
  const known = typeof nth === 'number' ? open[nth % open.length]?.port : last[to]
  const port = nth === 'unknown' ? range.last + 1 : (known ?? 0)
  last[to] = port
  await c.blame('R8', async () => await allocator.release({ ...remote }, port, closedFirst))
  uses[to] = release(own, port, closedFirst ? now + 2 * range.mslMs : now)
}

function expectError(c: Check, error: Readonly<Record<string, unknown>>, expected: Taken): void {
  c.expectEqual(error['code'], 'EADDRNOTAVAIL', 'the `code` of the error')
  if (expected.port !== null) return
  c.expectEqual(error['waiting'], expected.waiting, '`waiting`: the ports in TIME-WAIT for this destination')
  c.expectEqual(error['freeInMs'], expected.freeInMs, '`freeInMs`: until the first of them is free')
}

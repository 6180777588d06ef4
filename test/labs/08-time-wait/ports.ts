import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { over, pass, SCRIPTS, type Release, type Step } from './port-scripts.ts'
import { blamed, release, take, unused, type Taken, type Uses } from './model.ts'

/** Conversations about the ports of one machine: the grader is everybody who opens and closes connections. */

interface Allocator {
  take(remote: object): Call<number>
  release(remote: object, port: number, closedFirst: boolean): Call<void>
}

/**
 * Some differ in the host alone, some in the port alone; the fourth and the fifth are one text when nothing stands
 * between. Behind them are hosts that are others as written, though they lead to the same place.
 */
const REMOTES = [
  { host: '192.0.2.7', port: 80 },
  { host: '192.0.2.7', port: 443 },
  { host: '198.51.100.7', port: 80 },
  { host: '192.0.2.1', port: 180 },
  { host: '192.0.2.11', port: 80 },
  { host: 'shop.example', port: 80 },
  { host: 'Shop.example', port: 80 },
  { host: 'shop.example.', port: 80 },
  { host: '::1', port: 80 },
  { host: '0:0:0:0:0:0:0:1', port: 80 },
] as const

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

/** What a check knows of a call of `take`. */
interface Asked {
  readonly call: Call<number>
  /** For this destination. */
  readonly uses: Uses
  readonly now: number
  readonly told: string
  /** Ports in use for another destination. */
  readonly elsewhere?: readonly number[]
  /** Somebody has released what nobody had: what it changed shows in the numbers of the error. */
  readonly odd?: boolean
}

/** Compares what `take` did with what it had to do. */
async function expectTaken(c: Check, asked: Asked): Promise<Uses> {
  const { call, uses, now, told, elsewhere, odd = false } = asked
  await c.learner.idle()
  const [expected, next] = take(uses, now)
  const { outcome } = call
  const seen = outcome?.ok ? outcome.value : null
  const saw = outcome?.ok ? String(seen) : outcome ? `an error: ${outcome.error.message}` : 'nothing'
  const wanted = expected.port === null ? 'an error: no port is free' : `port ${expected.port}`
  if (seen !== expected.port || outcome === null)
    await c.blame(blamed(uses, expected, seen, now, elsewhere), () =>
      c.fail(`${wanted} for take(), ${told}`, saw),
    )
  if (outcome && !outcome.ok) await c.blame(odd ? 'R8' : 'R10', () => expectError(c, outcome.error, expected))
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
  let odd = false
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
      const others = uses.filter((_, index) => index !== step.take).flat()
      const elsewhere = others.filter(({ open }) => open).map(({ port }) => port)
      const asked = { call, uses: uses[step.take] ?? [], now, told, elsewhere, odd }
      uses[step.take] = await expectTaken(c, asked)
    } else {
      odd ||= typeof step.nth !== 'number'
      await letGo(c, { allocator, uses, last, now, range }, step)
    }
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

import type { Random } from '../../../workbook/grading/random.ts'
import {
  accepts,
  after,
  CLOSE,
  COUNT,
  hint,
  IDEMPOTENT,
  NOT_IDEMPOTENT,
  pool,
  refuses,
  says,
  type Answer,
  type Script,
  type Step,
  type Wish,
} from './steps.ts'

/** Callers, origins, signals and the clock in any order. */

const ANSWERS: readonly Answer[] = [
  {},
  {},
  { end: 'chunks' },
  { end: 'nothing' },
  { size: 0 },
  { interim: [103] },
  { version: '1.0' },
  { version: '1.0', ...says('keep-alive') },
  says('close'),
  says('x, Close'),
  hint('timeout=3'),
  hint('timeout=1'),
  { behind: 'bytes' },
  { behind: 'fin' },
  { noise: 'HELLO\r\n\r\n' },
  { status: 204 },
]

export function draw(random: Random): Script {
  const options = { maxPerOrigin: random.integer(1, 3), maxWaiting: random.integer(0, 4), idleMs: 5_000 }
  const names: string[] = []
  const steps = Array.from({ length: random.integer(12, 24) }, () => drawStep(random, names))
  return [pool(options), ...steps]
}

// --- internal ---

function drawStep(random: Random, names: string[]): Step {
  const somebody = (): string => (names.length > 0 ? random.pick(names.slice(-7)) : 'nobody')
  const reply = (): Step => ({ reply: somebody(), with: random.pick(ANSWERS) })
  return random.pick<() => Step>([
    () => drawAsks(random, names),
    () => drawAsks(random, names),
    () => drawAsks(random, names),
    reply,
    reply,
    reply,
    reply,
    () => ({ reply: somebody(), with: random.pick(ANSWERS), upTo: random.pick([1, 'half', -1] as const) }),
    () => ({ server: random.pick(['fin', 'reset', 'stray'] as const), on: somebody() }),
    () => ({ server: 'fin', on: somebody() }),
    () => ({ abort: somebody() }),
    () => after(random.pick([1, 1_000, 2_000, 4_999, 5_000])),
    () => random.pick([refuses, accepts, accepts])(random.integer(0, 1)),
    () => (random.integer(1, 12) === 1 ? CLOSE : COUNT),
  ])()
}

function drawAsks(random: Random, names: string[]): Step {
  const aborted = random.pick([null, null, null, null, null, 'before', 'at once'] as const)
  const count = aborted ? 1 : random.integer(1, 3)
  const asks = Array.from({ length: count }, (): Wish => {
    const as = `n${names.length + 1}`
    names.push(as)
    return {
      as,
      of: random.pick([0, 0, 1, 2]),
      method: random.pick(['GET', 'GET', ...IDEMPOTENT, ...NOT_IDEMPOTENT]),
      ...(random.integer(1, 8) === 1 ? { headers: [['Connection', 'close']] as const } : {}),
      ...(random.integer(1, 3) === 1 ? { body: 'some' as const } : {}),
      ...(aborted ? { aborted } : random.integer(1, 2) === 1 ? { signal: as } : {}),
    }
  })
  return { asks }
}

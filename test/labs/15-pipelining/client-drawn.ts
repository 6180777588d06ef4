import type { Random } from '../../../workbook/grading/random.ts'
import type { ClientStep } from './client-play.ts'
import type { Says } from './scenes.ts'

/** What an origin may say, whole tables of it; and what it does when chance decides. */

/** Other options than `close`, though they contain the word. */
const NO_CLOSE = 'Close-Notify, not-close, closed, enclosed'
/** Methods that are not idempotent; a method's name has its case (RFC 9110 §9.1). */
export const NOT_IDEMPOTENT = ['POST', 'PATCH', 'PURGE', 'get', 'Put', 'delete']
export const STATUSES = [200, 201, 301, 400, 404, 413, 429, 500, 503]
export const INTERIM = [100, 101, 102, 103, 110, 199]
export const NO_HTTP = [
  'HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
] as const

/** All rows of RFC 9112 §9.3. */
export const PERSISTS: readonly Says[] = [
  {},
  { says: [NO_CLOSE] },
  { says: ['keep-alive'] },
  { version: '1.0', says: ['keep-alive'] },
  { version: '1.0', says: ['X-Shop, Keep-Alive'] },
  { version: '1.0', says: ['X-Shop', 'KEEP-ALIVE'] },
  { version: '1.0', says: ['X-Shop\t,\tkeep-alive'] },
  { version: '1.0', says: [', ,Keep-Alive \t,'] },
]
export const ENDS: readonly Says[] = [
  { says: ['close'] },
  { says: ['X-Shop, Close'] },
  { says: ['CLOSE,X-Shop'] },
  { says: ['X-Shop,\tclose'] },
  { says: [',close \t, X-Shop'] },
  { says: ['X-Shop', 'close'] },
  { says: ['close', 'X-Shop'] },
  { says: ['keep-alive, close'] },
  { says: ['close', 'keep-alive'] },
  { version: '1.0' },
  { version: '1.0', says: ['X-Shop'] },
  { version: '1.0', says: ['keep-alive-not, not-keep-alive'] },
  { version: '1.0', says: ['close, keep-alive'] },
]

const METHODS = ['GET', 'GET', 'GET', 'GET', 'PUT', 'DELETE', 'POST', 'PATCH', 'get']

export function draw(random: Random): ClientStep[] {
  const depth = random.pick([Infinity, Infinity, 1, 2, 3])
  const ask = Array.from({ length: random.integer(3, 7) }, () => random.pick(METHODS))
  const steps = Array.from({ length: random.integer(3, 8) }, () => drawStep(random))
  return [{ ask, ...(depth < Infinity && { depth }) }, ...steps]
}

function drawStep(random: Random): ClientStep {
  const answers = (): ClientStep => {
    const says = random.pick([{}, {}, ...PERSISTS, ...ENDS])
    const added = random.pick([
      {},
      {},
      { before: random.pick(INTERIM) },
      { behind: random.pick(INTERIM) },
      { cut: true as const },
    ])
    // Of several, the last one ends the persistence: cut, it may say so behind a request that it has let go.
    const isEnd = ENDS.includes(says) && 'cut' in added
    return { answer: isEnd ? 1 : random.integer(1, 3), ...says, ...added }
  }
  return random.pick<() => ClientStep>([
    answers,
    answers,
    answers,
    () => ({ interim: random.pick(INTERIM) }),
    () => ({ lose: random.pick(['fin', 'reset'] as const) }),
    () => ({ lose: 'fin', behind: random.pick(['half a head', 'half a body'] as const) }),
  ])()
}

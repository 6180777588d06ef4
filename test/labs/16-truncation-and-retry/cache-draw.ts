import type { Random } from '../../../workbook/grading/random.ts'
import type { Step } from './cache-play.ts'

/** Conversations that nobody has thought of. Each answer varies by the same fields, so it is never open which one is meant. */

const LIFETIMES = [
  ['Cache-Control: max-age=10'],
  ['Cache-Control: max-age=10'],
  ['Cache-Control: max-age=30, s-maxage=20'],
  ['Expires: {15}'],
  ['Cache-Control: max-age=40', 'Age: 20'],
  ['Cache-Control: no-store'],
  ['Cache-Control: private, max-age=10'],
  ['Cache-Control: no-cache'],
  [],
]
const VERSIONS = [['ETag: "v1"'], ['ETag: W/"v2"'], ['Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'], []]
const LANGUAGES = [[], ['Accept-Language: en'], ['Accept-Language: de']]

export function drawSteps(random: Random): readonly Step[] {
  return Array.from({ length: 22 }, () => drawStep(random))
}

function drawStep(random: Random): Step {
  const kind = random.integer(1, 20)
  const letter = random.pick(['a', 'a', 'a', 'b'])
  const brings = random.pick(LANGUAGES)
  const host = random.pick(['a.example', 'a.example', 'a.example', 'b.example'])
  if (kind <= 9) return { get: letter, host, brings }
  if (kind === 10) return { get: letter, host, method: random.pick(['POST', 'PUT', 'HEAD', 'DELETE']) }
  if (kind === 11) return { seconds: random.integer(1, 25) }
  if (kind === 12) return { seconds: random.pick([5, 10]) }
  const at = random.integer(0, 2) === 0 ? { at: 'last' as const } : {}
  if (kind === 13)
    return {
      cuts: { says: ['ETag: "v1"', 'Cache-Control: max-age=10'] },
      upTo: random.pick(['nothing', 'the head', 'half'] as const),
      end: random.pick(['FIN', 'RST'] as const),
      ...at,
    }
  const says = ['Vary: X-Run, Accept-Language', ...random.pick(LIFETIMES), ...random.pick(VERSIONS)]
  const status = random.pick([200, 200, 200, 200, 404, 500])
  const framing = random.pick(['length', 'chunks', 'FIN'] as const)
  return { answers: { status, says, framing, size: random.integer(0, 60) }, ...at }
}

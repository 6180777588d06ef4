import type { Random } from '../../../workbook/grading/random.ts'
import { call, TAG } from './fetch-steps.ts'
import { RESTS, type Reply } from './replies.ts'
import type { Cut } from './cuts.ts'
import type { Step } from './fetch-play.ts'

/** Calls that nobody has thought of. */

const CUT_OR_NOT: readonly Cut[] = [
  'nothing',
  'within the head',
  'the head',
  'a byte',
  'half',
  'all but a byte',
  'whole',
  'whole',
]

const YES: Step = { decides: 'yes' }

export function drawSteps(random: Random): readonly Step[] {
  const method = random.pick(['GET', 'GET', 'GET', 'GET', 'PUT', 'POST', 'HEAD'])
  const asks = random.integer(0, 1) === 1 ? { mayRepeat: true as const } : {}
  const first = call(method, {
    retries: random.integer(0, 4),
    ...asks,
    ...(method === 'PUT' && { body: true as const }),
  })
  const steps = Array.from({ length: 5 }, (): Step => {
    const reply: Reply =
      random.integer(0, 2) > 0
        ? { rest: random.pick(RESTS) }
        : {
            status: random.pick([200, 200, 200, 404]),
            framing: random.pick(['length', 'chunks', 'FIN'] as const),
            says: random.pick([['ETag: "v1"'], ['ETag: "v1"'], ['ETag: "v2"'], ['ETag: W/"v1"'], []]),
          }
    return { reply, upTo: random.pick(CUT_OR_NOT), end: random.pick(['FIN', 'RST'] as const) }
  })
  const opening: Step = { reply: TAG, upTo: 'half', end: 'FIN' }
  return [
    first,
    ...(random.integer(0, 1) === 1 ? [opening] : []),
    YES,
    ...steps.flatMap((step) => [step, YES]),
  ]
}

import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'

/** What is done in the conversations with `serveThenClose`, by the requirement that speaks of what ends the requests. */

export const MAX = 3

export type Does = 'asks' | 'asks twice' | 'asks four times' | 'asks half' | 'asks the rest' | 'FIN' | 'RST'
export type Step =
  | { readonly client: number; readonly does: Does }
  /** The handler of this request of the client's answers. */
  | { readonly client: number; readonly answers: number }
  | { readonly does: 'close()' | 'all but a millisecond' | 'a millisecond' | 'an hour' }

const c = (does: Does, client = 0): Step => ({ client, does })
const a = (answers: number, client = 0): Step => ({ client, answers })
const CLOSE: Step = { does: 'close()' }
const ALMOST: Step = { does: 'all but a millisecond' }
const ONE: Step = { does: 'a millisecond' }
const HOUR: Step = { does: 'an hour' }

/** By the requirement that speaks of what ends the requests. */
export const TALK_SCRIPTS: Readonly<Record<'R6' | 'R7' | 'R8', Conversations<Step>['scripts']>> = {
  R6: {
    'four requests in one piece, answered in another order': [c('asks four times'), a(2), a(1), a(0), HOUR],
    'a request while the last one is answered, and one behind the FIN': [
      c('asks twice'),
      a(0),
      c('asks'),
      c('asks'),
      HOUR,
      a(2),
      a(1),
      c('asks'),
      c('FIN'),
    ],
    'the last request and late ones in one piece, behind one that had one and one that had two': [
      c('asks twice'),
      c('asks', 1),
      c('asks four times'),
      c('asks four times', 1),
      a(0),
      a(1),
      a(2),
      a(0, 1),
      a(1, 1),
      a(2, 1),
    ],
    'requests cut in pieces, on two connections': [
      c('asks half'),
      c('asks half', 1),
      HOUR,
      c('asks the rest', 1),
      c('asks the rest'),
      a(0),
      a(0, 1),
      c('asks twice', 1),
      c('asks'),
      a(1, 1),
      a(2, 1),
      a(1),
    ],
  },
  R7: {
    'FIN without a request': [c('FIN'), HOUR],
    'FIN before the answers, an hour, and the second is ready first': [
      c('asks twice'),
      c('FIN'),
      HOUR,
      a(1),
      a(0),
    ],
    'FIN with half a request': [c('asks'), c('asks half'), c('FIN'), a(0)],
    'FIN behind an answer, while another client goes on': [
      c('asks', 1),
      c('asks'),
      a(0),
      c('FIN'),
      a(0, 1),
      c('asks', 1),
      a(1, 1),
    ],
  },
  R8: {
    'close() on a silent connection': [c('asks half', 1), c('FIN', 1), CLOSE, ALMOST, ONE],
    'close() with half a request there, and the rest behind it': [
      c('asks half'),
      CLOSE,
      c('asks the rest'),
      ALMOST,
      ONE,
    ],
    'close() behind an answer': [c('asks'), a(0), HOUR, CLOSE, c('asks'), ALMOST, ONE],
    'close() during two requests, and a third behind it': [
      c('asks twice'),
      CLOSE,
      c('asks'),
      HOUR,
      a(0),
      a(1),
      ALMOST,
      ONE,
    ],
    'close() twice, with a client that has ended before': [
      c('asks'),
      c('FIN'),
      CLOSE,
      c('asks', 1),
      a(0),
      CLOSE,
    ],
    'close() while the time runs': [c('asks twice'), c('asks'), a(0), a(1), a(2), ALMOST, CLOSE, ONE],
    'close() with one client that resets and one that answers FIN': [
      c('asks'),
      c('asks', 1),
      CLOSE,
      c('RST'),
      a(0),
      a(0, 1),
      c('FIN', 1),
    ],
  },
}

export function draw(random: Random): Step[] {
  const one = (): Step => {
    if (random.integer(1, 10) === 1) return random.pick([CLOSE, HOUR, ALMOST, ONE])
    const client = random.integer(0, 1)
    if (random.integer(1, 5) <= 2) return a(random.integer(0, 2), client)
    return c(
      random.pick(['asks', 'asks', 'asks twice', 'asks half', 'asks the rest', 'FIN'] as const),
      client,
    )
  }
  return Array.from({ length: 9 }, one)
}

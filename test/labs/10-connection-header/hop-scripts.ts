import type { Random } from '../../../workbook/grading/random.ts'
import type { How } from './hop-model.ts'

/** The steps of a conversation through the hop, the states that every run visits, and what draws more. */

/** How an answer shows its end, and what it says of its connection. */
export const FRAMINGS = [
  'length',
  'chunks',
  'FIN',
  'length, FIN',
  'close',
  'chunks, close',
  'close in a list',
  'keep-alive',
  'old',
  'old, keep-alive',
  'old, FIN',
] as const
/** With `more`, a part of another answer comes behind it, in the same piece: nobody has asked for that one. */
export type Framing = (typeof FRAMINGS)[number] | 'length, more' | 'chunks, more'

export type Method = 'GET' | 'POST' | 'TRACE' | 'OPTIONS'

export type Step =
  | { readonly client: number; readonly asks: How; readonly method?: Method; readonly times?: number }
  | { readonly client: number; readonly does: 'half' | 'FIN' | 'RST' }
  | { readonly answers: Framing; readonly at?: 'last' }
  | { readonly next: 'half' | 'cuts' | 'resets' | 'ends idle' | 'resets idle' | 'speaks idle' }
  | { readonly does: 'close' | 'an hour' }

const ask = (client = 0, asks: How = 'new', times = 1): Step => ({ client, asks, times })
const post = (client = 0, asks: How = 'new'): Step => ({ client, asks, method: 'POST' })
const ours = (method: 'TRACE' | 'OPTIONS', client = 0, asks: How = 'new'): Step => ({ client, asks, method })
const half = (client = 0): Step => ({ client, does: 'half' })
const fin = (client = 0): Step => ({ client, does: 'FIN' })
const rst = (client = 0): Step => ({ client, does: 'RST' })
const answer = (answers: Framing = 'length'): Step => ({ answers })
const last: Step = { answers: 'length', at: 'last' }
const next = (does: Extract<Step, { next: string }>['next']): Step => ({ next: does })
const close: Step = { does: 'close' }
const hour: Step = { does: 'an hour' }

const HOWS = ['new', 'new, keep-alive', 'new, close', 'old', 'old, keep-alive'] as const

type Scripts = Readonly<Record<string, readonly Step[]>>

/** One request at a time, of one client and of several. */
export const ASKING: Scripts = {
  'one request after the other, in every framing': FRAMINGS.flatMap((how) => [post(), answer(how), hour]),
  'three in one piece': [ask(0, 'new', 3), answer('chunks'), answer(), answer('FIN')],
  'the second comes while the first waits': [ask(), ask(), answer(), answer(), ask(), answer()],
  'the next one comes within an answer': [ask(), next('half'), ask(), answer(), answer()],
  'two clients at once, the last answered first': [
    ask(),
    ask(1),
    last,
    last,
    answer(),
    ask(),
    ask(1),
    last,
    answer(),
  ],
  'half a request, and another client': [half(), ask(1), answer(), ask(0), answer(), ask(1), answer()],
}

/** The client's connection, whatever is said on the other one. */
export const CLIENTS: Scripts = {
  ...Object.fromEntries(
    HOWS.map((how) => [
      `a client of ${how.replace('new', 'HTTP/1.1').replace('old', 'HTTP/1.0')}, in every framing`,
      FRAMINGS.flatMap((framing, at) => [post(at, how), answer(framing), post(at), answer()]),
    ]),
  ),
  'close and what stands behind it': [ask(0, 'new, close'), ask(), answer(), ask(1), answer()],
  'HTTP/1.0 and what stands behind it': [
    ask(0, 'old, keep-alive'),
    ask(),
    answer('chunks'),
    ask(1),
    answer(),
  ],
  'the last of three in one piece says close': [
    ask(0, 'new', 2),
    ask(0, 'new, close'),
    ask(),
    answer(),
    answer(),
    answer(),
  ],
  'the FIN of a client, its answer due': [post(), fin(), hour, answer()],
  'the FIN behind two requests, of which one is answered': [ask(0, 'new', 2), answer(), fin(), answer()],
  'the FIN with half a request behind a whole one': [ask(), half(), fin(), answer()],
  'a client leaves idle, and another comes': [ask(), answer(), fin(), ask(1), answer()],
}

/** The connection to the next hop, whatever the client's is like. */
export const NEXTS: Scripts = {
  'it stays for one client, and not for the other': [
    ask(),
    ask(1),
    answer('close'),
    answer(),
    ask(),
    ask(1),
    answer(),
    answer('old'),
    ask(1),
    ask(),
    answer(),
    answer(),
  ],
  'it ends while idle': [ask(), answer(), next('ends idle'), hour, ask(), answer(), ask(), answer()],
  'it resets while idle': [ask(), answer(), next('resets idle'), ask(), answer(), ask(), answer()],
  'it speaks unasked while idle': [
    ask(),
    answer(),
    next('speaks idle'),
    ask(),
    answer(),
    ask(),
    answer(),
    next('speaks idle'),
    hour,
    ask(),
    answer('chunks'),
  ],
  'it says more than its answer in one piece': [
    ask(),
    answer('length, more'),
    ask(),
    answer(),
    ask(),
    answer('chunks, more'),
    hour,
    ask(),
    answer(),
  ],
  'more than the answer, with the next request waiting': [ask(0, 'new', 2), answer('length, more'), answer()],
  'close, with the next request waiting': [ask(0, 'new', 2), answer('close'), answer()],
  'keep-alive, that the client has said and the hop has not': [
    ask(0, 'new, keep-alive'),
    answer('old, keep-alive'),
    ask(0, 'new, keep-alive'),
    answer(),
  ],
  'one of two ends while idle': [
    ask(),
    ask(1),
    answer(),
    answer(),
    next('ends idle'),
    ask(),
    ask(1),
    answer(),
    answer(),
  ],
}

/** No hop left. */
export const OURS: Scripts = {
  'between others': [ask(), answer(), ours('OPTIONS'), ours('TRACE'), ask(), answer(), ours('TRACE')],
  'first of all, and the last': [ours('TRACE'), ours('OPTIONS', 1), ours('OPTIONS', 0, 'new, close'), ask()],
  'of HTTP/1.0': [ours('TRACE', 0, 'old, keep-alive'), ours('OPTIONS', 1, 'old'), ask(), ask(2), answer()],
  'while another one is answered': [ask(), ours('TRACE'), ask(), answer(), answer()],
  'behind close': [ask(0, 'new, close'), ours('TRACE'), answer()],
}

/** What is cut off, and by whom. */
export const CUTS: Scripts = {
  'a client leaves with half a request': [half(), hour, fin(), ask(1), answer()],
  'a client resets with half a request': [half(), rst(), ask(1), answer()],
  'a client resets before its answer': [ask(), rst(), answer(), ask(1), answer()],
  'a client resets within its answer': [ask(), next('half'), rst(), answer(), ask(1), answer()],
  'a client resets behind its answer': [ask(), answer(), rst(), ask(1), answer()],
  'a client resets while another one waits': [ask(), ask(1), rst(), answer(), answer(), ask(1), answer()],
  'the next hop cuts an answer': [post(), next('half'), next('cuts'), ask(1), answer()],
  'the next hop resets within an answer': [post(), next('half'), next('resets'), ask(1), answer()],
  'the next hop ends before an answer, another client waits': [post(), ask(1), next('cuts'), answer()],
  'the next hop resets before an answer': [ask(1), answer(), post(), next('resets'), ask(1), answer()],
}

export const CLOSING: Scripts = {
  'on idle connections': [ask(), answer(), ask(1), answer(), half(2), close, ask(2), answer()],
  'before the answer': [ask(), close, hour, answer('chunks')],
  'within the answer': [ask(), next('half'), close, answer()],
  'with one idle, and one in use': [ask(), ask(1), last, close, answer(), answer()],
  'and the next hop says close': [ask(), close, answer('close')],
  'and the answer ends with FIN': [ask(), close, answer('FIN')],
  'and the next hop resets': [post(), next('half'), close, next('resets')],
  'and the client resets': [ask(), answer(), ask(1), close, rst(1), answer()],
  'and the client ends': [ask(), close, fin(), answer()],
  'with half a request, whose rest comes, and a next hop that stays': [half(), close, ask(), answer(), fin()],
  'with half a request that never ends': [half(), close, hour, fin()],
  'and the idle next hop resets': [ask(), answer(), close, fin(), next('resets idle')],
  'with two requests waiting': [ask(0, 'new', 3), answer(), close, answer(), answer()],
  'with HTTP/1.0 in progress': [ask(0, 'old'), close, answer()],
  'before anybody has come': [close],
}

export function drawnStep(random: Random): Step {
  const client = random.integer(0, 2)
  const kind = random.integer(1, 20)
  const asks = random.pick([
    'new',
    'new',
    'new',
    'new, keep-alive',
    'new, close',
    'old',
    'old, keep-alive',
  ] as const)
  if (kind <= 7)
    return { client, asks, method: random.pick(['GET', 'POST', 'POST', 'TRACE', 'OPTIONS'] as const) }
  if (kind === 8) return { client, asks: 'new', times: 2 }
  if (kind <= 10) return { client, does: random.pick(['half', 'FIN', 'RST'] as const) }
  if (kind === 11)
    return {
      next: random.pick(['half', 'cuts', 'resets', 'ends idle', 'resets idle', 'speaks idle'] as const),
    }
  if (kind === 12) return { does: 'an hour' }
  const answers = random.pick(FRAMINGS)
  return { answers, ...(random.integer(0, 1) === 1 && { at: 'last' as const }) }
}

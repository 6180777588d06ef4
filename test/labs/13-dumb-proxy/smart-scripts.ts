import type { Random } from '../../../workbook/grading/random.ts'
import type { Framing } from './messages.ts'
import type { Asked } from './model.ts'

/** The steps of a conversation through the smart proxy, the states that every run visits, and what draws more. */

export type How = Asked['how']
export type Step =
  | { readonly client: number; readonly asks: How; readonly method?: 'GET' | 'POST'; readonly times?: number }
  | { readonly client: number; readonly does: 'half' | 'FIN' | 'RST' }
  | { readonly answers: Framing; readonly at?: 'last' }
  | { readonly origin: 'half' | 'cuts' | 'resets' | 'ends idle' | 'resets idle' }
  | { readonly does: 'close' | 'an hour' }

/** Told by the beginning of a script's name; `asking` are all others. */
const KINDS = {
  leaving: /^(the FIN|a client leaves|a client resets|the one that waits)/,
  origins: /^the origin/,
  closing: /^close\(\)/,
}
export type ScriptKind = keyof typeof KINDS | 'asking'

export function scriptsOf(kind: ScriptKind): Record<string, readonly Step[]> {
  const kindOf = (name: string) =>
    Object.entries(KINDS).find(([, names]) => names.test(name))?.[0] ?? 'asking'
  return Object.fromEntries(Object.entries(scripts()).filter(([name]) => kindOf(name) === kind))
}

function scripts(): Record<string, readonly Step[]> {
  const ask = (client = 0, asks: How = 'new', times = 1): Step => ({ client, asks, times })
  const post = (client = 0, asks: How = 'new'): Step => ({ client, asks, method: 'POST' })
  const half = (client = 0): Step => ({ client, does: 'half' })
  const fin = (client = 0): Step => ({ client, does: 'FIN' })
  const rst = (client = 0): Step => ({ client, does: 'RST' })
  const answer = (answers: Framing = 'length'): Step => ({ answers })
  const last: Step = { answers: 'length', at: 'last' }
  const origin = (does: Extract<Step, { origin: string }>['origin']): Step => ({ origin: does })
  const close: Step = { does: 'close' }
  const hour: Step = { does: 'an hour' }
  const framings = ['length', 'chunks', 'FIN', 'close', 'old', 'length, FIN'] as const
  return {
    'one request after the other, in every framing': framings.flatMap((how) => [post(), answer(how), hour]),
    'three in one piece, in every framing': [ask(0, 'new', 3), ...framings.slice(0, 3).map(answer)],
    'the second comes while the first waits': [ask(), ask(), last, answer(), ask(), answer()],
    'the next one comes within an answer': [ask(), origin('half'), ask(), answer(), answer()],
    'three clients at once, the last answered first': [ask(), ask(1), ask(2), last, last, answer()],
    'a client asks while half a request of another is there': [
      half(),
      ask(1),
      answer(),
      ask(0),
      answer(),
      ask(1),
      answer(),
    ],
    'the FIN of a client, its answer due': [post(), fin(), hour, answer()],
    'the FIN behind two requests, of which one is answered': [ask(0, 'new', 2), answer(), fin(), answer()],
    'the FIN with half a request behind a whole one': [ask(), half(), fin(), answer()],
    'a client leaves with half a request': [half(), hour, fin(), ask(1), answer()],
    'a client resets with half a request': [half(), rst(), ask(1), answer()],
    'a client resets before its answer': [ask(), rst(), answer(), ask(1), answer()],
    'a client resets within its answer': [ask(), origin('half'), rst(), answer(), ask(1), answer()],
    'a client resets behind its answer': [ask(), answer(), rst(), ask(1), answer()],
    'a client resets while another one waits': [ask(), ask(1), rst(), answer(), answer(), ask(1), answer()],
    'a client resets, two of its requests unanswered': [
      ask(0, 'new', 2),
      rst(),
      ask(1),
      answer(),
      answer(),
      answer(),
    ],
    'the one that waits resets': [ask(), ask(1), rst(1), answer(), answer(), ask(), answer()],
    'close and what stands behind it': [ask(0, 'close'), ask(), answer(), ask(1), answer()],
    'an HTTP/1.0 client and what stands behind it': [
      ask(0, 'old'),
      ask(0, 'old'),
      answer('chunks'),
      ask(1),
      answer(),
    ],
    'an HTTP/1.0 request behind one of HTTP/1.1': [
      ask(),
      answer(),
      ask(0, 'old'),
      answer(),
      ask(1),
      answer(),
    ],
    'HTTP/1.0 clients, in every framing': framings.flatMap((how, at) => [post(at, 'old'), answer(how)]),
    'the last of three in one piece says close': [
      ask(0, 'new', 2),
      ask(0, 'close'),
      answer(),
      answer(),
      answer(),
    ],
    'the origin ends, or resets, while idle': [
      ask(),
      answer(),
      origin('ends idle'),
      ask(),
      answer(),
      origin('resets idle'),
      ask(1),
      answer(),
    ],
    'the origin cuts an answer': [post(), origin('half'), origin('cuts'), ask(1), answer()],
    'the origin resets within an answer': [post(), origin('half'), origin('resets'), ask(1), answer()],
    'the origin ends before an answer, with another client waiting': [
      post(),
      ask(1),
      origin('cuts'),
      answer(),
    ],
    'the origin resets before an answer': [ask(1), answer(), post(), origin('resets'), ask(1), answer()],
    'the origin says close while another client waits': [ask(), ask(1), answer('close'), answer()],
    'close() on idle connections': [ask(), answer(), ask(1), answer(), half(2), close, ask(2), answer()],
    'close() before the answer': [ask(), close, hour, answer('chunks')],
    'close() within the answer': [ask(), origin('half'), close, answer()],
    'close() with an idle connection to the origin, and one in use': [
      ask(),
      ask(1),
      last,
      close,
      answer(),
      answer(),
    ],
    'close(), and the origin says close': [ask(), close, answer('close')],
    'close(), and the answer ends with FIN': [ask(), close, answer('FIN')],
    'close(), and the origin resets': [post(), origin('half'), close, origin('resets')],
    'close(), and the client resets': [ask(), answer(), ask(1), close, rst(1), answer()],
    'close(), and the client ends': [ask(), close, fin(), answer()],
    'close() with half a request that never ends': [half(), close, hour, fin()],
    'close(), and the idle origin resets': [ask(), answer(), close, fin(), origin('resets idle')],
    'close() before anybody has come': [close],
  }
}

export function drawnStep(random: Random): Step {
  const client = random.integer(0, 2)
  const kind = random.integer(1, 20)
  const asks = random.pick(['new', 'new', 'new', 'new', 'close', 'old'] as const)
  if (kind <= 7) return { client, asks, ...(random.integer(0, 1) === 1 && { method: 'POST' as const }) }
  if (kind === 8) return { client, asks: 'new', times: 2 }
  if (kind <= 10) return { client, does: random.pick(['half', 'FIN', 'RST'] as const) }
  if (kind === 11)
    return { origin: random.pick(['half', 'cuts', 'resets', 'ends idle', 'resets idle'] as const) }
  if (kind === 12) return { does: 'an hour' }
  const answers = random.pick(['length', 'chunks', 'FIN', 'close', 'old', 'length, FIN'] as const)
  return { answers, ...(random.integer(0, 1) === 1 && { at: 'last' as const }) }
}

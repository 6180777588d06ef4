import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { awkwardBody, KEEP_ALIVE, message, post } from './messages.ts'
import { shownByDumb, type After, type Relay } from './model.ts'
import { addressOf, expectEnd, expectPending, leaveAll } from './scenes.ts'

/** Conversations through the dumb proxy, held against the model after each step. */

type Doer = 'client' | 'origin'
type Step =
  | { readonly who: Doer; readonly at: number; readonly does: 'a part' | 'the rest' | 'more' | 'FIN' | 'RST' }
  | { readonly does: 'close' | 'an hour' }

/** A client and its origin: what they have done, what they say, and the grader's ends. */
interface Relayed {
  readonly did: Relay
  readonly request: Buffer
  readonly answer: Buffer
  readonly client: Connection
  origin: Connection | null
}

export const throughDumb = (
  after: After,
  isOf: (name: string) => boolean,
  drawn: number,
): Conversations<Step> => ({
  scripts: Object.fromEntries(Object.entries(SCRIPTS).filter(([name]) => isOf(name))),
  drawn,
  draw: (random) => Array.from({ length: 10 }, () => drawnStep(random)),
  play: (check, steps) => play(check, after, steps),
})

const c = (does: Extract<Step, { who: Doer }>['does'], at = 0): Step => ({ who: 'client', at, does })
const o = (does: Extract<Step, { who: Doer }>['does'], at = 0): Step => ({ who: 'origin', at, does })
const CLOSE: Step = { does: 'close' }
const HOUR: Step = { does: 'an hour' }
const ASKED = [c('a part'), c('the rest')]
const ANSWERED = [...ASKED, o('a part'), o('the rest')]

const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  'an answer, then FIN': [...ANSWERED, o('FIN')],
  'an answer, an hour, a second request': [...ANSWERED, HOUR, c('more'), HOUR, c('more')],
  'a second request before the answer': [...ASKED, c('more'), o('a part'), o('the rest'), c('more')],
  "the client's FIN before the answer, and an hour": [
    ...ASKED,
    c('FIN'),
    HOUR,
    o('a part'),
    o('the rest'),
    o('FIN'),
  ],
  "the client's FIN within the answer": [...ASKED, o('a part'), c('FIN'), o('the rest'), HOUR],
  "the client's FIN behind the answer": [...ANSWERED, c('FIN'), HOUR, o('FIN')],
  'the client leaves with half a request': [c('a part'), HOUR, c('FIN')],
  'the client leaves without a word': [c('FIN')],
  'the client resets with half a request': [c('a part'), c('RST')],
  'the client resets before the answer': [...ASKED, c('RST')],
  'the client resets within the answer': [...ASKED, o('a part'), c('RST')],
  'the client resets behind the answer': [...ANSWERED, c('RST')],
  'the origin ends before the answer': [...ASKED, o('FIN')],
  'the origin ends within the answer': [...ASKED, o('a part'), o('FIN')],
  'the origin resets before the answer': [...ASKED, o('RST')],
  'the origin resets within the answer': [...ASKED, o('a part'), o('RST')],
  'the origin resets behind the answer': [...ANSWERED, o('RST')],
  'two clients, the second answered first': [
    ...ASKED,
    c('a part', 1),
    c('the rest', 1),
    o('a part', 1),
    o('a part'),
    o('the rest', 1),
    o('FIN', 1),
    o('the rest'),
  ],
  'one of two clients resets': [
    ...ASKED,
    c('a part', 1),
    c('RST'),
    c('the rest', 1),
    o('a part', 1),
    o('the rest', 1),
  ],
  'one of two origins resets': [...ASKED, c('the rest', 1), o('RST'), o('the rest', 1)],
  'close() before anything has come': [c('FIN', 1), c('a part', 0), CLOSE, c('the rest'), o('the rest')],
  'close() with one idle and one half a request': [
    c('a part', 1),
    CLOSE,
    HOUR,
    c('the rest', 1),
    o('the rest', 1),
    o('FIN', 1),
  ],
  'close() before the answer': [...ASKED, CLOSE, o('a part'), o('the rest'), o('FIN')],
  'close() within the answer, and the client resets': [...ASKED, o('a part'), CLOSE, c('RST')],
  'close() while it hangs': [...ANSWERED, CLOSE, HOUR, c('more'), o('FIN')],
  'close() while half a request is there that never ends': [c('a part'), CLOSE, c('FIN')],
}

/** The scripts in groups: each is a check of its own, so that none takes long. */
export const isClosing = (name: string): boolean => name.startsWith('close()')
export const isEnding = (name: string): boolean => !isClosing(name) && /leaves|resets|origin ends/.test(name)
export const isRelaying = (name: string): boolean => !isClosing(name) && !isEnding(name)

function drawnStep(random: Random): Step {
  if (random.integer(1, 12) === 1) return random.pick([HOUR, CLOSE])
  const does = random.pick([
    'a part',
    'a part',
    'the rest',
    'the rest',
    'the rest',
    'more',
    'FIN',
    'RST',
  ] as const)
  return { who: random.pick(['client', 'origin'] as const), at: random.integer(0, 1), does }
}

async function play(check: Check, after: After, steps: readonly Step[]): Promise<void> {
  const listener = await check.listen({ name: 'origin' })
  const server = await check.learner.serve('startDumbProxy', addressOf(listener), { after })
  const relays = [
    await relayOf(check, server.port, 'client'),
    await relayOf(check, server.port, 'other client'),
  ]
  // Accepted, and not only connected: what close() finds in the backlog is reset.
  await check.learner.idle()
  let closed: Call<void> | null = null
  for (const step of steps) {
    if ('who' in step) await act(check, relays[step.at] as Relayed, step)
    else if (step.does === 'an hour') await check.learner.tick(3_600_000)
    else if (!closed) {
      for (const { did } of relays) did.wasIdle = did.asked === 'nothing' && did.client === 'open'
      closed = server.close()
    }
    await check.learner.idle()
    await pairUp(relays, listener)
    for (const relay of relays) await compare(check, after, relay)
    const isOpen = relays.some(({ did }) => shownByDumb(after, did).client.value === 'open')
    if (closed && isOpen) await check.blame('R1', () => expectPending(check, closed as Call<void>))
  }
  const last = closed ?? server.close()
  await check.blame('R1', () =>
    leaveAll(
      check,
      relays.map(({ origin }) => origin),
      relays.map(({ client }) => client),
      last,
    ),
  )
}

async function relayOf(check: Check, port: number, name: string): Promise<Relayed> {
  const client = await check.connect(port, { name })
  const says = message('HTTP/1.1 200 OK', [KEEP_ALIVE], awkwardBody(check))
  const did = {
    asked: 'nothing',
    answered: 'nothing',
    client: 'open',
    origin: 'open',
    wasIdle: false,
  } as const
  return { did: { ...did }, request: post(check, [KEEP_ALIVE], '1.1'), answer: says, client, origin: null }
}

type Act = Extract<Step, { who: Doer }>

async function act(check: Check, relay: Relayed, { who, does }: Act): Promise<void> {
  const { did } = relay
  const end = relay[who]
  if (!end || did[who] !== 'open' || (who === 'client' && did.wasIdle)) return
  if (does === 'FIN' || does === 'RST') {
    did[who] = does
    return await (does === 'FIN' ? end.fin() : end.reset())
  }
  if (who === 'origin') return await answer(relay, does)
  if (does === 'more' && did.asked === 'a request') await end.send(post(check, [], '1.1'))
  if (does === 'more' || did.asked === 'a request' || did.asked === does) return
  await end.send(next(relay.request, did.asked === 'a part', does))
  did.asked = does === 'a part' ? 'a part' : 'a request'
}

async function answer({ did, answer: bytes, origin }: Relayed, does: Act['does']): Promise<void> {
  if (does === 'more' || did.answered === 'an answer' || did.answered === does) return
  await origin?.send(next(bytes, did.answered === 'a part', does))
  did.answered = does === 'a part' ? 'a part' : 'an answer'
}

/** All but the last bytes are a part. */
function next(bytes: Buffer, isBegun: boolean, does: Act['does']): Buffer {
  const part = bytes.length - 20
  return bytes.subarray(isBegun ? part : 0, does === 'a part' ? part : undefined)
}

/** Which connection belongs to which client is told by the request. */
async function pairUp(relays: readonly Relayed[], listener: Listener): Promise<void> {
  while (listener.accepted > relays.filter(({ origin }) => origin).length) {
    const origin = await listener.connection()
    const isOf = ({ request, origin: own }: Relayed): boolean =>
      !own && request.subarray(0, 12).equals(origin.received.subarray(0, 12))
    const relay = relays.find(isOf) ?? relays.find(({ origin: own }) => !own)
    if (!relay) return
    relay.origin = origin
  }
}

async function compare(check: Check, after: After, relay: Relayed): Promise<void> {
  const { did, client, origin, request } = relay
  const shown = shownByDumb(after, did)
  const relayed = origin?.received ?? Buffer.alloc(0)
  const due = did.asked === 'a request' ? request : Buffer.alloc(0)
  await check.blame(relayed.length > request.length ? 'R2' : 'R1', () =>
    check.expectBytes(relayed, due, 'the bytes at the origin'),
  )
  if (did.client !== 'RST' && did.origin !== 'RST')
    await check.blame('R1', () =>
      check.expectBytes(client.received, answered(relay), 'the bytes at the client'),
    )
  await check.blame(shown.client.requirement, () => expectEnd(check, 'client', client, shown.client))
  if (origin)
    await check.blame(shown.origin.requirement, () => expectEnd(check, 'origin', origin, shown.origin))
}

function answered({ did, answer: bytes }: Relayed): Buffer {
  if (did.answered === 'an answer') return bytes
  return did.answered === 'a part' ? bytes.subarray(0, bytes.length - 20) : Buffer.alloc(0)
}

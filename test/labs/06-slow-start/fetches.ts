import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { expectRequest, fetchPage, responseOf, type Fetched } from './fetch-messages.ts'
import { answer, begin, ENDINGS, fails, leaves, SCRIPTS, type Step } from './fetch-scripts.ts'

/** Conversations about `fetchPage`: the grader is the server of each of its connections. */

export const FETCHES = {
  R13: conversations('R13', ['answer']),
  R14: conversations('R14', ['answer']),
  R15: conversations('R15', ['answer', 'fails', 'leaves']),
}

// --- internal ---

/** One connection of the program's, as the targets were dealt. */
interface Hand {
  readonly targets: readonly string[]
  wire: Connection | null
  answered: number
  /** The server has ended it. */
  gone: boolean
}

interface Talk {
  readonly home: Home
  readonly listener: Listener
  readonly call: Call<Fetched[]>
  readonly targets: readonly string[]
  readonly hands: readonly Hand[]
  readonly sent: Map<string, Fetched>
  /** Bytes of requests taken from each connection. */
  readonly taken: Map<Connection, number>
}

function conversations(
  home: keyof typeof SCRIPTS,
  kinds: ReadonlyArray<'answer' | 'fails' | 'leaves'>,
): Conversations<Step> {
  return {
    scripts: SCRIPTS[home],
    drawn: 2,
    draw: (random) => draw(random, kinds),
    play: (c, steps) => play(c, home, steps),
  }
}

function draw(random: Random, kinds: ReadonlyArray<'answer' | 'fails' | 'leaves'>): Step[] {
  const connections = random.integer(1, 4)
  const steps = Array.from({ length: random.integer(6, 16) }, (): Step => {
    const hand = random.integer(0, connections - 1)
    const kind = random.integer(0, 5) > 0 ? 'answer' : random.pick([...kinds])
    if (kind === 'fails') return fails(hand, random.pick([...ENDINGS]))
    if (kind === 'leaves') return leaves(hand, random.pick(['FIN', 'RST'] as const))
    return answer(hand, { pieces: random.integer(1, 4), body: random.integer(0, 3_000) })
  })
  return [begin(random.integer(0, 8), connections), answer(0), ...steps]
}

async function play(c: Check, home: Home, [first, ...steps]: readonly Step[]): Promise<void> {
  const { others, connections } = first && 'page' in first ? first.page : { others: 2, connections: 2 }
  c.learner.holdClock()
  const talk = { home, ...(await begun(c, others, connections)) }
  await look(c, talk)
  for (const step of steps) {
    if ('hour' in step) await c.learner.tick(3_600_000)
    else if ('fails' in step && (await failed(c, talk, step))) return
    else if ('answer' in step) await answered(c, talk, step)
    else if ('leaves' in step) await left(c, talk, step)
    await look(c, talk)
  }
  for (let hand = 0; hand < talk.hands.length; hand++)
    while (waiting(talk, hand)) {
      await answered(c, talk, { answer: hand })
      await look(c, talk)
    }
  await c.blame('R15', () => c.learner.leavesNothing())
}

async function begun(c: Check, others: number, connections: number): Promise<Omit<Talk, 'home'>> {
  const listener = await c.listen()
  const targets = Array.from(
    { length: others + 1 },
    (_, index) => `/${c.random.word()}-${index}?a=${c.random.word()}`,
  )
  const call = fetchPage(c, listener.port, targets, connections)
  const hands = Array.from({ length: Math.max(1, Math.min(others, connections)) }, (_, hand): Hand => {
    const dealt = targets.slice(1).filter((__, index) => index % connections === hand)
    return {
      targets: hand === 0 ? [targets[0] ?? '', ...dealt] : dealt,
      wire: null,
      answered: 0,
      gone: false,
    }
  })
  return { listener, call, targets, hands, sent: new Map(), taken: new Map() }
}

/** The target that a connection has asked for and has no answer to. */
function waiting({ hands }: Talk, number: number): string | undefined {
  const hand = hands[number]
  return hand && hand.wire && !hand.gone ? hand.targets[hand.answered] : undefined
}

/** Whose promise it is that a response is taken, and leads to the next request. */
type Home = keyof typeof SCRIPTS

/** Every connection that has to be there, with the request that it has to have sent, and nothing else. */
async function look(c: Check, talk: Talk): Promise<void> {
  const { listener, hands } = talk
  await c.learner.idle()
  await pending(c, talk)
  const isBegun = (hands[0]?.answered ?? 0) > 0
  const wanted = isBegun ? hands.length : 1
  const when = isBegun ? 'after the first response' : 'before the first response is whole'
  const idler = talk.home === 'R13' && asksNothing(talk) ? 'R13' : 'R14'
  await c.blame(listener.accepted < wanted ? idler : 'R14', () =>
    c.expectEqual(listener.accepted, wanted, `connections ${when}`),
  )
  await meet(c, talk)
  for (const [index, hand] of hands.slice(0, wanted).entries()) {
    const { wire, gone } = hand
    if (!wire || gone) continue
    const target = hand.targets[hand.answered]
    const name = index === 0 ? 'the first connection' : `connection ${index + 1}`
    const isMissing = target !== undefined && wire.received.length === talk.taken.get(wire)
    if (isMissing)
      await c.blame(idler, () =>
        c.fail(`a request for ${target} on ${name}`, 'nothing: your program is idle'),
      )
    const isLast = hand.answered === hand.targets.length - 1
    await c.blame('R14', () => nextRequest(c, talk, { wire, target, name, isLast }))
  }
  await settled(c, talk)
}

/** Nothing was asked for since the last response: it was not taken for one. */
const asksNothing = ({ hands, taken }: Talk): boolean =>
  hands.every(({ wire }) => !wire || wire.received.length === taken.get(wire))

/** New connections are known by what they ask for. */
async function meet(c: Check, { listener, hands, taken }: Talk): Promise<void> {
  const known = hands.filter(({ wire }) => wire).length
  for (let each = known; each < listener.accepted; each++) {
    const wire = await listener.connection()
    const line = wire.received.toString('latin1').split('\r\n')[0] ?? ''
    const target = line.split(' ')[1]
    const hand = hands.find((one) => !one.wire && one.targets[0] === target)
    const firsts = hands.filter((one) => !one.wire).map((one) => one.targets[0])
    if (!hand)
      await c.blame(known === 0 ? 'R13' : 'R14', () =>
        c.fail(
          `a request for ${firsts.join(' or ')} on a new connection`,
          line || 'nothing: your program is idle',
        ),
      )
    if (!hand) continue
    hand.wire = wire
    taken.set(wire, 0)
  }
}

async function nextRequest(
  c: Check,
  { listener, taken }: Talk,
  {
    wire,
    target,
    name,
    isLast,
  }: { wire: Connection; target: string | undefined; name: string; isLast: boolean },
): Promise<void> {
  const request = wire.received.subarray(taken.get(wire) ?? 0)
  const line = request.toString('latin1').split('\r\n')[0] ?? ''
  if (target === undefined)
    return c.expect(
      request.length === 0,
      `no further request on ${name}: all that was dealt to it is there`,
      line,
    )
  c.expect(wire.ended === 'open', `${name} open: ${target} has no response yet`, wire.ended)
  const end = request.indexOf('\r\n\r\n') + 4
  const one = end < 4 || end === request.length
  c.expect(one, 'one request at a time', `${request.length - end} bytes after the first`)
  if (line !== `GET ${target} HTTP/1.1`)
    c.expectEqual(line.split(' ')[1], target, `what is asked for on ${name}`)
  await expectRequest(c, request, { target, port: listener.port, isLast })
}

const isDone = ({ hands }: Talk): boolean => hands.every((hand) => hand.answered === hand.targets.length)

/** Nothing settles before every response is whole. */
async function pending(c: Check, talk: Talk): Promise<void> {
  const { outcome } = talk.call
  if (isDone(talk) || outcome === null) return
  const saw = outcome.ok ? 'it has resolved' : `an error: ${outcome.error.message}`
  await c.blame(talk.hands.some(({ gone }) => gone) ? 'R15' : 'R13', () =>
    c.fail('fetchPage() still pending: not every response is whole', saw),
  )
}

async function settled(c: Check, talk: Talk): Promise<void> {
  const { call, targets, sent } = talk
  const { outcome } = call
  if (!isDone(talk)) return
  await c.blame('R13', async () => {
    c.expect(outcome !== null, 'every response: all of them are whole', 'a promise still pending')
    const responses = await call
    c.expectEqual(responses?.length, targets.length, 'how many responses there are')
    for (const [index, target] of targets.entries())
      expectResponse(c, responses[index], sent.get(target), target)
  })
}

function expectResponse(
  c: Check,
  seen: Fetched | undefined,
  sent: Fetched | undefined,
  target: string,
): void {
  const mark = seen?.headers?.find(([name]) => name.toLowerCase() === 'x-mark')?.[1]
  c.expectEqual(mark, sent?.headers[0]?.[1], `the X-Mark field of the response to ${target}`)
  c.expectEqual(seen?.status, sent?.status, `the status of the response to ${target}`)
  c.expectBytes(
    Buffer.from(seen?.body ?? []),
    Buffer.from(sent?.body ?? []),
    `the body of the response to ${target}`,
  )
}

async function answered(c: Check, talk: Talk, step: Extract<Step, { answer: number }>): Promise<void> {
  const target = waiting(talk, step.answer)
  const hand = talk.hands[step.answer]
  if (target === undefined || !hand?.wire) return
  const body = c.random.bytes(step.body ?? c.random.integer(1, 60))
  const mark = c.random.word()
  const status = step.status ?? 200
  const bytes = responseOf(body, status, mark)
  const parts = (step.pieces ?? 1) > 1 ? c.random.split(bytes, step.pieces) : [bytes]
  for (const part of parts.slice(0, -1)) {
    await hand.wire.send(part)
    await look(c, talk)
  }
  talk.taken.set(hand.wire, hand.wire.received.length)
  await hand.wire.send(parts.at(-1) ?? bytes)
  talk.sent.set(target, { status, headers: [['X-Mark', mark]], body })
  hand.answered++
}

async function left(c: Check, talk: Talk, step: Extract<Step, { leaves: number }>): Promise<void> {
  const { hands, taken } = talk
  const hand = hands[step.leaves]
  const isOver = hand && hand.answered === hand.targets.length
  if (!hand?.wire || !isOver || hand.gone || isDone(talk)) return
  hand.gone = true
  taken.set(hand.wire, hand.wire.received.length)
  if (hand.wire.ended !== 'open') return
  await (step.by === 'FIN' ? hand.wire.fin() : hand.wire.reset())
  c.step(`the server has ended a connection that has nothing left to ask (${step.by})`)
}

/** @returns Whether it failed: a step that means nothing here is passed over. */
async function failed(
  c: Check,
  talk: Talk,
  { fails: number, by }: Extract<Step, { fails: number }>,
): Promise<boolean> {
  const { listener, call, hands } = talk
  const wire = hands[number]?.wire
  if (waiting(talk, number) === undefined || !wire) return false
  const response = responseOf(c.random.bytes(90))
  const before = hands.flatMap((hand) => (hand.wire ? [hand.wire.received.length] : []))
  if (by.endsWith('the last byte')) await wire.send(response.subarray(0, -1))
  if (by === 'FIN in the head') await wire.send(response.subarray(0, 20))
  if (by === 'no HTTP') await wire.send(`${c.random.word()} ${c.random.word()}\r\n\r\n`)
  else if (by === 'a length that is no number')
    await wire.send('HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n')
  else await (by.startsWith('RST') ? wire.reset() : wire.fin())
  c.step(`a connection has failed: ${by}`)
  await c.learner.idle()
  await c.blame('R15', async () => {
    const { outcome } = call
    c.expect(outcome !== null, `an error: ${by}`, 'a promise still pending: your program is idle')
    c.expect(outcome?.ok === false, `an error: ${by}`, 'it has resolved')
    await call.rejects()
    const now = hands.flatMap((hand) => (hand.wire ? [hand.wire.received.length] : []))
    c.expectEqual(listener.accepted, now.length, 'connections after the failure')
    c.expectEqual(now, before, 'bytes of requests on each connection, after the failure')
    await c.learner.leavesNothing()
  })
  return true
}

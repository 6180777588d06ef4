import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { socketShows, type SocketEvent, type SocketShown } from './model.ts'
import { pattern } from './scenes.ts'

/** Conversations about a socket that the program is given: `closeGracefully` and `howDidItEnd`. */

type Does =
  | 'closes'
  | 'closes again with another limit'
  | 'asks'
  | 'ends'
  | 'destroys'
  | 'writes'
  | 'fills'
  | 'reads to the end'
type PeerDoes = 'sends' | 'sends 3 MiB' | 'FIN' | 'RST' | 'reads'
type Wait = 'all but a millisecond' | 'a millisecond' | 'half the time' | 'an hour'
type Step =
  | { readonly socket: number; readonly program: Does }
  | { readonly socket: number; readonly peer: PeerDoes }
  | { readonly wait: Wait }

const we = (program: Does, socket = 0): Step => ({ socket, program })
const peer = (does: PeerDoes, socket = 0): Step => ({ socket, peer: does })
const ALMOST: Step = { wait: 'all but a millisecond' }
const ONE: Step = { wait: 'a millisecond' }
const HALF: Step = { wait: 'half the time' }
const HOUR: Step = { wait: 'an hour' }

type Group = 'R2' | 'R3' | 'R4' | 'R5' | 'R11'

export const SOCKETS: Readonly<Record<Group, Conversations<Step>>> = {
  R2: scripts({
    'a little is queued, and the peer reads after an hour': [we('fills'), we('closes'), HOUR, peer('reads')],
    'a little is queued, and nobody reads it before the reset': [
      we('fills'),
      we('closes'),
      HOUR,
      peer('RST'),
    ],
    'written just before the call': [we('writes'), we('closes'), peer('sends'), peer('FIN')],
  }),
  R3: scripts({
    'much that has come before the call, and much behind it': [
      peer('sends 3 MiB'),
      we('closes'),
      peer('sends 3 MiB'),
      peer('sends'),
      peer('FIN'),
    ],
    'two sockets, the second one first': [
      we('closes'),
      we('closes', 1),
      peer('sends'),
      peer('FIN', 1),
      peer('sends'),
      peer('FIN'),
    ],
  }),
  R4: scripts({
    'a peer that sends at every moment': [we('closes'), peer('sends'), ALMOST, peer('sends'), ONE],
    'FIN in the last millisecond': [we('closes'), ALMOST, peer('FIN'), ONE],
    'a little is queued for an hour, and then the time begins': [
      we('fills'),
      we('closes'),
      HOUR,
      peer('sends'),
      HOUR,
      peer('reads'),
      ALMOST,
      peer('sends'),
      ONE,
    ],
  }),
  R5: scripts({
    'we had ended our output, and the time runs from the call': [we('ends'), HOUR, we('closes'), ALMOST, ONE],
    'both had ended': [we('ends'), peer('FIN'), we('reads to the end'), we('closes'), we('closes')],
    'we had ended, and the peer ends now': [we('ends'), we('closes'), peer('sends'), peer('FIN')],
    'we had given up the socket': [we('destroys'), we('closes'), we('closes')],
    'we give up the socket during the call': [we('closes'), HALF, we('destroys'), we('closes')],
    'the peer had ended, unread, with bytes before it': [
      peer('sends'),
      peer('FIN'),
      HOUR,
      we('closes'),
      we('closes'),
    ],
    'the peer had reset, with bytes unread': [peer('sends'), peer('RST'), we('closes'), we('closes')],
    'a reset when the queue is stuck, before the call': [we('fills'), peer('RST'), HOUR, we('closes')],
    'a further call has no limit of its own': [
      we('closes'),
      HALF,
      we('closes again with another limit'),
      peer('sends'),
      HALF,
      we('closes again with another limit'),
    ],
    'a further call while output is queued': [
      we('fills'),
      we('closes'),
      we('closes again with another limit'),
      HOUR,
      peer('FIN'),
      HOUR,
      peer('reads'),
    ],
    'a reset in the last millisecond, and another socket that goes on': [
      we('closes', 1),
      we('closes'),
      peer('RST'),
      peer('FIN', 1),
      we('closes', 1),
    ],
    'asked for the end before, and closed then': [we('asks'), peer('sends'), peer('FIN'), HOUR, we('closes')],
  }),
  R11: scripts({
    'FIN after an hour': [
      we('asks'),
      HOUR,
      peer('sends'),
      HOUR,
      peer('FIN'),
      we('writes'),
      HOUR,
      we('writes'),
    ],
    'reset after an hour': [we('asks'), HOUR, peer('sends'), peer('RST'), HOUR],
    'FIN, and asked after an hour': [
      peer('sends'),
      peer('FIN'),
      HOUR,
      we('asks'),
      we('writes'),
      HOUR,
      we('writes'),
    ],
    'FIN, read to the end before': [
      peer('sends'),
      peer('FIN'),
      we('reads to the end'),
      we('asks'),
      HOUR,
      we('writes'),
    ],
    'much to read': [peer('sends 3 MiB'), we('asks'), peer('sends 3 MiB'), HOUR, peer('FIN'), we('writes')],
    'two sockets, with two ends': [
      we('asks'),
      we('asks', 1),
      peer('FIN', 1),
      peer('sends'),
      peer('RST'),
      we('writes', 1),
    ],
  }),
}

function scripts(each: Conversations<Step>['scripts']): Conversations<Step> {
  return { scripts: each, drawn: 0, play }
}

// --- internal ---

interface Held {
  readonly name: string
  readonly socket: unknown
  readonly peer: Connection
  readonly timeoutMs: number
  readonly events: SocketEvent[]
  readonly closings: Call<unknown>[]
  written: Buffer
  asked: Call<unknown> | null
}

interface Talk {
  readonly held: readonly Held[]
  now: number
}

async function play(check: Check, steps: readonly Step[]): Promise<void> {
  check.learner.holdClock()
  const talk: Talk = { held: [await hold(check, 0), await hold(check, 1)], now: 0 }
  for (const step of steps) {
    if ('wait' in step) await wait(check, talk, step.wait)
    else {
      const held = talk.held[step.socket]
      if (held && 'program' in step) await byProgram(check, held, step.program, talk.now)
      else if (held && 'peer' in step) await byPeer(check, held, step.peer, talk.now)
    }
    await check.learner.idle()
    for (const held of talk.held) await compare(check, held, talk.now)
  }
  // What the next conversation meets is as good as new.
  for (const { peer: end, socket } of talk.held) {
    await check.learner.make('handle', socket, 'destroy', Buffer.alloc(0))
    end.read()
  }
  await check.learner.leavesNothing()
}

async function hold(check: Check, id: number): Promise<Held> {
  const listener = await check.listen({ name: `peer ${id + 1}` })
  const socket = await check.learner.make('openSocket', listener.port)
  const end = await listener.connection()
  // Short ones too: whoever knows a least time of his own is found there.
  const timeoutMs = 2 * check.random.integer(1, 150)
  const empty = { events: [], closings: [], written: Buffer.alloc(0), asked: null }
  return { name: `socket ${id + 1}`, socket, peer: end, timeoutMs, ...empty }
}

async function wait(check: Check, talk: Talk, how: Wait): Promise<void> {
  const timeoutMs = talk.held[0]?.timeoutMs ?? 0
  const times = { 'all but a millisecond': timeoutMs - 1, 'a millisecond': 1, 'half the time': timeoutMs / 2 }
  const by = how === 'an hour' ? 3_600_000 : times[how]
  await check.learner.tick(by)
  talk.now += by
}

async function byProgram(check: Check, held: Held, does: Does, now: number): Promise<void> {
  const { socket, timeoutMs, events } = held
  const isOver = events.some(({ is }) => is === 'destroy()' || is === 'RST of the peer')
  const hasEnded = isOver || events.some(({ is }) => is === 'closeGracefully()' || is === 'end()')
  if (does === 'asks') held.asked = isOver ? held.asked : check.learner.call('howDidItEnd', socket)
  if (does === 'reads to the end' && events.some(({ is }) => is === 'FIN of the peer'))
    await check.learner.make('readToEnd', socket)
  if (does === 'closes' || does === 'closes again with another limit') {
    events.push({ at: now, is: 'closeGracefully()' })
    const options = { timeoutMs: does === 'closes' ? timeoutMs : 10 * timeoutMs }
    held.closings.push(check.learner.call('closeGracefully', socket, options))
  }
  if (does === 'destroys' || (does === 'ends' && !hasEnded)) {
    events.push({ at: now, is: does === 'ends' ? 'end()' : 'destroy()' })
    await check.learner.make('handle', socket, does === 'ends' ? 'end' : 'destroy', Buffer.alloc(0))
  }
  if (hasEnded) return
  const block = pattern(check, does === 'fills' ? 32_768 : check.random.integer(1, 900))
  if (does === 'writes') {
    await check.learner.make('handle', socket, 'write', block)
    held.written = Buffer.concat([held.written, block])
  }
  if (does !== 'fills') return
  held.peer.pause()
  const blocks = await check.learner.make<number>('fillBarely', socket, block)
  held.written = Buffer.concat([held.written, ...Array<Buffer>(blocks).fill(block)])
  events.push({ at: now, is: 'queue stuck' })
}

async function byPeer(
  check: Check,
  { peer: end, events, timeoutMs }: Held,
  does: PeerDoes,
  now: number,
): Promise<void> {
  const { ending } = socketShows(events, timeoutMs, now)
  const hasEnded = events.some(
    ({ is }) => is === 'FIN of the peer' || is === 'RST of the peer' || is === 'destroy()',
  )
  if (does === 'reads') {
    end.read()
    events.push({ at: now, is: 'queue free' })
  }
  if (ending !== 'pending' || hasEnded) return
  if (does === 'sends') await end.send(check.random.bytes(check.random.integer(1, 300)))
  if (does === 'sends 3 MiB') await end.send(pattern(check, 3_145_728))
  if (does === 'FIN') await end.fin()
  if (does === 'RST') await end.reset(events.some(({ is }) => is === 'queue stuck') ? { now: true } : {})
  if (does === 'FIN' || does === 'RST') events.push({ at: now, is: `${does} of the peer` })
}

async function compare(check: Check, held: Held, now: number): Promise<void> {
  const { finAt, ending } = socketShows(held.events, held.timeoutMs, now)
  const is = (kind: SocketEvent['is']): boolean => held.events.some((event) => event.is === kind)
  for (const [index, closing] of held.closings.entries())
    await check.blame(blamed(held, { finAt, ending }), () => {
      const which = `closeGracefully()${index > 0 ? ', called again,' : ''} on ${held.name}`
      const { outcome } = closing
      const seen = outcome === null ? 'pending' : outcome.ok ? outcome.value : 'a rejection'
      check.expectEqual(
        seen,
        ending,
        `${which}, ${now} ms after the beginning, with ${held.timeoutMs} ms to wait`,
      )
    })
  await compareAsked(check, held, is)
  if (is('RST of the peer') || is('destroy()') || (is('queue stuck') && !is('queue free'))) return
  await check.blame(held.asked ? 'R11' : 'R2', () => {
    check.expectBytes(held.peer.received, held.written, `what ${held.name} has written`)
    const [expected, saw] = [finAt === null ? 'open' : 'FIN', held.peer.ended]
    check.expectEqual(saw, expected, `your direction of ${held.name}`)
  })
}

async function compareAsked(
  check: Check,
  { asked, name }: Held,
  is: (kind: SocketEvent['is']) => boolean,
): Promise<void> {
  if (!asked) return
  const expected = is('RST of the peer') ? 'reset' : is('FIN of the peer') ? 'fin' : 'pending'
  const { outcome } = asked
  const seen = outcome === null ? 'pending' : outcome.ok ? outcome.value : 'a rejection'
  await check.blame('R11', () => check.expectEqual(seen, expected, `howDidItEnd() on ${name}`))
}

/** The requirement that speaks of the state that the call has met. */
function blamed({ events, closings }: Held, { finAt, ending }: SocketShown): Group {
  const before = events.slice(
    0,
    events.findIndex(({ is }) => is === 'closeGracefully()'),
  )
  const isBroken = events.some(({ is }) => is === 'RST of the peer' || is === 'destroy()')
  if (isBroken || closings.length > 1 || before.some(({ is }) => is !== 'queue stuck')) return 'R5'
  return ending === 'forced' || finAt === null || events.some(({ is }) => is === 'queue stuck') ? 'R4' : 'R3'
}

import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { socketShows, type SocketEvent, type SocketShown } from './model.ts'
import { pattern } from './scenes.ts'
import {
  SOCKET_SCRIPTS,
  type Does,
  type Group,
  type PeerDoes,
  type Step,
  type Wait,
} from './socket-scripts.ts'

/** Conversations about a socket that the program is given: `closeGracefully` and `howDidItEnd`. */

const conversations = (group: Group): Conversations<Step> => ({
  scripts: SOCKET_SCRIPTS[group],
  drawn: 0,
  play,
})

export const SOCKETS: Readonly<Record<Group, Conversations<Step>>> = {
  R2: conversations('R2'),
  R3: conversations('R3'),
  R4: conversations('R4'),
  R5: conversations('R5'),
  R11: conversations('R11'),
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
  for (const held of talk.held) if (held.asked) await withoutLimit(check, held)
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
  const limit = limitOf(does, timeoutMs)
  if (limit !== null) {
    events.push({ at: now, is: 'closeGracefully()' })
    const options = { timeoutMs: limit }
    held.closings.push(check.learner.call('closeGracefully', socket, options))
  }
  if (does === 'destroys' || (does === 'ends' && !hasEnded)) {
    events.push({ at: now, is: does === 'ends' ? 'end()' : 'destroy()' })
    await check.learner.make('handle', socket, does === 'ends' ? 'end' : 'destroy', Buffer.alloc(0))
  }
  if (does === 'pauses') await check.learner.make('handle', socket, 'pause', Buffer.alloc(0))
  // Behind a reset a write fails: whoever has taken our listeners away ends the program with it.
  if (does === 'writes' && isOver && held.asked)
    await check.learner.make('handle', socket, 'write', Buffer.from('late'))
  if (hasEnded) return
  const size = does === 'fills' ? 2_048 : does === 'fills to the brim' ? 65_536 : check.random.integer(1, 900)
  const block = pattern(check, size)
  if (does === 'writes') {
    await check.learner.make('handle', socket, 'write', block)
    held.written = Buffer.concat([held.written, block])
  }
  if (does !== 'fills' && does !== 'fills to the brim') return
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
    ({ is }) =>
      (is === 'FIN of the peer' && does !== 'RST') || is === 'RST of the peer' || is === 'destroy()',
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
  const expected = is('FIN of the peer') ? 'fin' : is('RST of the peer') ? 'reset' : 'pending'
  const { outcome } = asked
  const seen = outcome === null ? 'pending' : outcome.ok ? outcome.value : 'a rejection'
  await check.blame('R11', () => check.expectEqual(seen, expected, `howDidItEnd() on ${name}`))
}

function limitOf(does: Does, timeoutMs: number): number | null {
  const limits: Partial<Record<Does, number>> = {
    closes: timeoutMs,
    'closes again with another limit': 10 * timeoutMs,
    'closes again with less': Math.floor(timeoutMs / 4),
  }
  return limits[does] ?? null
}

async function withoutLimit(check: Check, { socket, name, closings }: Held): Promise<void> {
  if (closings.length > 0) return
  const timeout = await check.learner.make<number>('timeoutOf', socket)
  await check.blame('R11', () =>
    check.expectEqual(timeout, 0, `socket.timeout of ${name}, behind the answer`),
  )
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

import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { packetOf, readEcho, type Echo } from './echoes.ts'

/** Conversations with `ping`: answers that come, come late, come twice, or are none. */

const FAULTS = [
  'another id',
  'another sequence',
  'the next sequence',
  'other data',
  'less data',
  'a request',
  'damaged',
  'another type',
  'no bytes',
] as const

export type PingStep =
  | { readonly count: number; readonly timeoutMs?: number }
  /** To the requests with these numbers, in one turn; by what fault they are none. */
  | { readonly answers: readonly number[]; readonly fault?: (typeof FAULTS)[number] }
  | { readonly wait: number | 'almost' | 'a millisecond' | 'all' }

const count = (value: number, timeoutMs = 1_000): PingStep => ({ count: value, timeoutMs })
const answers = (...numbers: readonly number[]): PingStep => ({ answers: numbers })
const none = (number: number, fault: (typeof FAULTS)[number]): PingStep => ({ answers: [number], fault })
const wait = (value: Extract<PingStep, { wait: unknown }>['wait']): PingStep => ({ wait: value })

export const R18: Readonly<Record<string, readonly PingStep[]>> = {
  'all are answered': [count(3), wait(4), answers(0), wait(2), answers(1), wait(9), answers(2)],
  'the second is lost': [
    count(3),
    wait(5),
    answers(0),
    wait('almost'),
    wait('a millisecond'),
    wait(7),
    answers(2),
  ],
  'nobody is there': [count(2, 250), wait('almost'), wait('a millisecond'), wait('all')],
  'an answer at once': [count(2), answers(0), answers(1)],
  'the last is lost': [count(2), wait(3), answers(0), wait('all')],
}

export const R19: Readonly<Record<string, readonly PingStep[]>> = {
  'an answer that is late': [count(3), wait('all'), answers(0), wait(20), answers(1), wait(30), answers(2)],
  'an answer that comes twice': [
    count(3),
    wait(5),
    answers(0, 0),
    answers(0),
    wait(5),
    answers(1),
    wait('all'),
  ],
  'late, and twice': [count(2), wait('all'), answers(0, 0), answers(0), wait(8), answers(1)],
  'what is no answer': [
    count(2),
    wait(3),
    ...FAULTS.map((fault) => none(0, fault)),
    wait(3),
    answers(0),
    none(0, 'other data'),
    none(0, 'another id'),
    wait(1),
    answers(1),
  ],
  'an answer before it was asked for': [
    count(3),
    wait(3),
    none(0, 'the next sequence'),
    wait('all'),
    none(1, 'the next sequence'),
    wait(2),
    answers(1),
    none(2, 'the next sequence'),
    wait(4),
    answers(2),
  ],
  'what is no answer does not make the wait longer': [
    count(1),
    wait(900),
    none(0, 'another id'),
    wait('almost'),
    wait('a millisecond'),
  ],
}

interface Played {
  readonly c: Check
  readonly id: number
  readonly timeoutMs: number
  readonly total: number
  readonly send: object
  readonly call: Call<unknown>
  readonly packets: Echo[]
  /** When each was sent, and what has become of it. */
  readonly sentAt: number[]
  readonly answered: Set<number>
  /** Numbers that an answer has had before their request was sent. */
  readonly early: Set<number>
  readonly times: number[]
  now: number
  late: number
  doubled: number
  /** The one that is waited for; beyond the last when all is over. */
  current: number
}

export async function playPing(c: Check, steps: readonly PingStep[]): Promise<void> {
  c.learner.holdClock()
  let played: Played | null = null
  for (const step of steps) {
    if ('count' in step) played ??= await begin(c, step.count, step.timeoutMs ?? 1_000)
    if (!played || played.current >= played.total) continue
    const about =
      'answers' in step ? await answer(played, step) : 'wait' in step ? await pass(played, step) : 'R18'
    if (about !== null) await compare(played, about)
  }
  if (!played) return
  if (played.current < played.total) await pass(played, { wait: played.timeoutMs * played.total })
  await compare(played, 'R18')
  await c.blame('R18', () => c.learner.leavesNothing())
}

export function drawPing(random: Random): PingStep[] {
  const steps = Array.from({ length: 12 }, (): PingStep => {
    const kind = random.integer(0, 9)
    if (kind < 5) return answers(random.integer(0, 3))
    if (kind === 5) return answers(random.integer(0, 1), random.integer(0, 1))
    if (kind === 6) return none(random.integer(0, 2), random.pick(FAULTS))
    return wait(random.pick([random.integer(1, 300), 'all', 'almost', 'a millisecond']))
  })
  return [count(5, 400), ...steps]
}

export const pings = (scripts: Readonly<Record<string, readonly PingStep[]>>): Conversations<PingStep> => ({
  scripts,
  drawn: 0,
  play: playPing,
})

// --- internal ---

async function begin(c: Check, total: number, timeoutMs: number): Promise<Played> {
  const id = c.random.integer(0, 0xffff)
  const send = await c.learner.make<object>('line')
  const listen = await c.learner.make<object>('listenOn', send)
  const now = await c.learner.make<object>(
    'startingAt',
    c.learner.clock,
    c.random.integer(-1_000_000, 1_000_000),
  )
  const call = c.learner.call('ping', send, { id, count: total, timeoutMs, now, listen })
  const rest = {
    packets: [],
    sentAt: [0],
    answered: new Set<number>(),
    early: new Set<number>(),
    times: [],
    now: 0,
    late: 0,
    doubled: 0,
    current: 0,
  }
  return { c, id, timeoutMs, total, send, call, ...rest }
}

async function answer(
  played: Played,
  { answers: numbers, fault }: Extract<PingStep, { answers: unknown }>,
): Promise<string | null> {
  const { c, packets, current, total, answered } = played
  const known = numbers.filter((number) => number < packets.length)
  // What comes in the turn of the last answer is not looked for.
  const isLast = current === total - 1 && known.includes(current) && known.length > 1
  if (known.length === 0 || isLast) return null
  // Before its request has been sent.
  const isEarly = fault === 'the next sequence'
  if (isEarly) played.early.add(packets.length)
  await c.learner.make(
    'deliver',
    played.send,
    known.map((number) => answerTo(c, (isEarly ? packets.at(-1) : packets[number]) as Echo, fault)),
  )
  if (fault) return 'R19'
  let about = known.some((number) => played.early.has(number)) ? 'R19' : 'R18'
  for (const number of known) {
    if (answered.has(number)) played.doubled++
    else if (number < played.current) played.late++
    else played.times.push(played.now - (played.sentAt[number] ?? 0))
    if (answered.has(number) || number < played.current) about = 'R19'
    else next(played)
    answered.add(number)
  }
  return about
}

async function pass(
  played: Played,
  { wait: how }: Extract<PingStep, { wait: unknown }>,
): Promise<string | null> {
  const left = (played.sentAt[played.current] ?? 0) + played.timeoutMs - played.now
  const milliseconds =
    typeof how === 'number' ? how : how === 'a millisecond' ? 1 : how === 'all' ? left : left - 1
  if (milliseconds <= 0) return null
  const end = played.now + milliseconds
  await played.c.learner.tick(milliseconds)
  while (played.current < played.total && (played.sentAt[played.current] ?? 0) + played.timeoutMs <= end) {
    played.now = (played.sentAt[played.current] ?? 0) + played.timeoutMs
    next(played)
  }
  played.now = end
  return 'R18'
}

function next(played: Played): void {
  played.current++
  if (played.current < played.total) played.sentAt[played.current] = played.now
}

async function compare(played: Played, about: string): Promise<void> {
  const { c, id, total, current, packets, send, call } = played
  await c.learner.idle()
  const raw = await c.learner.make<Buffer[]>('sentOn', send)
  await c.blame(about, async () => {
    c.expectEqual(raw.length, Math.min(current + 1, total), 'how many packets you have sent')
    for (const packet of raw.slice(packets.length)) {
      const echo = readEcho(packet)
      c.expect(
        echo?.type === 'request',
        'an echo request with a right checksum',
        `${packet.length} bytes: ${packet.subarray(0, 40).toString('hex')}`,
      )
      if (!echo) return
      c.expectEqual(echo.id, id, 'the id of your request')
      const before = packets.at(-1)
      if (before)
        c.expectEqual(
          echo.sequence,
          (before.sequence + 1) & 0xffff,
          'the sequence number of your next request',
        )
      packets.push(echo)
    }
    if (current < total) return c.expectEqual(call.settled, false, 'whether the report is there already')
    c.expect(
      call.settled,
      'the report: behind the last request nothing is waited for',
      'none: your ping() waits still',
    )
    const report = await call
    c.expectEqual(report, reportOf(played), 'the report')
    c.expectEqual(await c.learner.make('hearersOf', send), 0, 'how many still listen')
  })
}

function reportOf({ total, times, late, doubled }: Played): object {
  const received = times.length
  const some = received > 0
  return {
    sent: total,
    received,
    loss: (total - received) / total,
    late,
    doubled,
    leastMs: some ? Math.min(...times) : null,
    meanMs: some ? times.reduce((sum, time) => sum + time, 0) / received : null,
    mostMs: some ? Math.max(...times) : null,
  }
}

function answerTo({ random }: Check, { id, sequence, data }: Echo, fault?: (typeof FAULTS)[number]): Buffer {
  const reply = { type: 'reply', id, sequence, data } as const
  if (fault === 'another id') return packetOf({ ...reply, id: id ^ (1 << random.integer(0, 15)) })
  if (fault === 'another sequence') return packetOf({ ...reply, sequence: (sequence + 1_000) & 0xffff })
  if (fault === 'the next sequence') return packetOf({ ...reply, sequence: (sequence + 1) & 0xffff })
  if (fault === 'other data') return packetOf({ ...reply, data: Buffer.concat([data, Buffer.of(1)]) })
  if (fault === 'less data')
    return packetOf({ ...reply, data: data.length > 0 ? data.subarray(1) : Buffer.of(1) })
  if (fault === 'a request') return packetOf({ ...reply, type: 'request' })
  if (fault === 'another type') return packetOf(reply, { type: 14 })
  if (fault === 'no bytes') return Buffer.alloc(0)
  const packet = packetOf(reply)
  if (fault === 'damaged') packet[6] = (packet[6] ?? 0) ^ 0x40
  return packet
}

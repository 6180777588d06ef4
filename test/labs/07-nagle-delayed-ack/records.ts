import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { inWords, other, recordOf, type End, type Step, type Waits } from './record-model.ts'

/** The records of connections: what happened at both ends, and who waits then. */

const writes = (end: End, size: 'small' | 'almost' | 'full' | 'long' = 'small'): Step => ({
  end,
  does: 'writes',
  size,
})
const sends = (end: End, part: 'small' | 'full' = 'small'): Step => ({ end, does: 'sends', part })
const acks = (end: End, part: 'all' | 'some' = 'all', how: 'data' | 'nothing' = 'nothing'): Step => ({
  end,
  does: 'acknowledges',
  part,
  with: how,
})
const receives = (end: End): Step => ({ end, does: 'receives' })
const sets = (end: End, on: boolean): Step => ({ end, does: 'sets', on })
const openedSo = (end: End): Step => ({ end, does: 'opened so' })

/** The same with the ends exchanged. */
function mirrored(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, end: other(step.end) }))
}

function bothWays(scripts: Readonly<Record<string, readonly Step[]>>): Record<string, readonly Step[]> {
  const turned = Object.entries(scripts).map(
    ([name, steps]) => [`${name}, from the server`, mirrored(steps)] as const,
  )
  return { ...scripts, ...Object.fromEntries(turned) }
}

const [ME, YOU] = ['client', 'server'] as const
/** Write, write: the first one has left. */
const START = [writes(ME), sends(ME), writes(ME)]
/** One exchange that is over, with nothing left. */
const BEFORE = [writes(ME), sends(ME), receives(YOU), acks(YOU, 'all'), receives(ME)]

/** What one end has sent has come, and the other end is about to answer. */
const ASKED = [writes(ME), sends(ME), receives(YOU), writes(YOU)]

const WAITING = bothWays({
  'the first segment is under way': START,
  'it has come': [...START, receives(YOU)],
  'its ACK is under way': [...START, receives(YOU), acks(YOU)],
  'an earlier exchange, and the same': [...BEFORE, ...START, receives(YOU)],
  'half of it is acknowledged': [...START, receives(YOU), acks(YOU, 'some')],
  'half of it is acknowledged, and that ACK has come': [
    ...START,
    receives(YOU),
    acks(YOU, 'some'),
    receives(ME),
  ],
  'two are out, and one of them has come': [
    writes(ME, 'long'),
    sends(ME, 'full'),
    sends(ME, 'full'),
    receives(YOU),
    writes(ME),
  ],
  'two are out, one is acknowledged, and one is under way': [
    writes(ME, 'long'),
    sends(ME, 'full'),
    receives(YOU),
    acks(YOU),
    receives(ME),
    sends(ME, 'full'),
  ],
  'full segments wait': [writes(ME, 'long'), sends(ME, 'full'), receives(YOU)],
  'exactly a segment waits': [writes(ME), sends(ME), receives(YOU), writes(ME, 'full')],
  'all but a byte of a segment waits': [writes(ME), sends(ME), receives(YOU), writes(ME, 'almost')],
  'it was opened with TCP_NODELAY': [openedSo(ME), ...START, receives(YOU)],
  'it was opened with it, and that is taken back': [openedSo(ME), sets(ME, false), ...START, receives(YOU)],
  'the other end was opened with it': [openedSo(YOU), ...START, receives(YOU)],
  'TCP_NODELAY is set': [sets(ME, true), ...START, receives(YOU)],
  'it is set at the other end': [sets(YOU, true), ...START, receives(YOU)],
  'it was set, and is taken back': [sets(ME, true), sets(ME, false), ...START, receives(YOU)],
  'it is set after the write': [...START, receives(YOU), sets(ME, true)],
  'data carries the ACK, and is under way': [...ASKED, acks(YOU, 'all', 'data'), writes(ME)],
  'data carries the ACK, and has come': [
    ...ASKED,
    acks(YOU, 'all', 'data'),
    writes(ME),
    sends(ME),
    receives(ME),
    writes(ME),
  ],
  'data carries an ACK for a part': [...ASKED, acks(YOU, 'some', 'data'), writes(ME)],
})

const BLAMELESS = bothWays({
  'nothing has happened': [],
  'everything has left': [writes(ME), sends(ME)],
  'everything has left, and its ACK is delayed': [writes(ME), sends(ME), receives(YOU)],
  'everything is over': BEFORE,
  'bytes wait, and nothing was ever sent': [writes(ME)],
  'bytes wait, and everything is acknowledged': [...BEFORE, writes(ME)],
  'a segment waits, and nothing is unacknowledged': [...BEFORE, writes(ME, 'full')],
  'bytes wait though TCP_NODELAY is set, and what is out is under way': [sets(ME, true), ...START],
  'a full segment waits, and the ACK is under way': [
    writes(ME),
    sends(ME),
    receives(YOU),
    writes(ME, 'full'),
    acks(YOU),
  ],
  'bytes wait, and this end owes an ACK itself': [writes(YOU), sends(YOU), receives(ME), writes(ME)],
  'the peer owes nothing, this end does, and nothing is unacknowledged': [
    ...BEFORE,
    writes(YOU),
    sends(YOU),
    receives(ME),
    writes(ME),
  ],
})

export const RECORDS = {
  R14: conversations(WAITING),
  R15: conversations(BLAMELESS),
}

/** Asks about all records at once. */
async function expectVerdicts(c: Check, all: ReadonlyArray<readonly Step[]>): Promise<void> {
  const records = all.map((steps) => recordOf(steps, c.random))
  const calls = records.map(({ events }) => c.learner.call<Waits>('whoWaits', events))
  for (const [at, record] of records.entries()) await expectVerdict(c, record, calls[at] as Call<Waits>)
}

/** Every beginning of so many drawn connections. */
export async function everyBeginning(c: Check): Promise<void> {
  const drawn = Array.from({ length: 6 }, () => drawSteps(c.random, 18))
  await expectVerdicts(
    c,
    drawn.flatMap((steps) => steps.map((_, at) => steps.slice(0, at + 1))),
  )
}

// --- internal ---

function conversations(scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> {
  return {
    scripts,
    drawn: 3,
    draw: (random) => drawSteps(random, 16),
    play: (c, steps) => expectVerdicts(c, [steps]),
  }
}

function drawSteps(random: Random, count: number): Step[] {
  return Array.from({ length: count }, (): Step => {
    const end = random.pick(['client', 'client', 'client', 'server'] as const)
    return random.pick<Step>([
      writes(end, random.pick(['small', 'almost', 'full', 'long'])),
      sends(end, 'full'),
      sends(end, 'small'),
      receives(other(end)),
      receives(end),
      acks(other(end), random.pick(['all', 'some']), random.pick(['data', 'nothing'])),
      sets(end, random.integer(0, 1) === 0),
    ])
  })
}

async function expectVerdict(
  c: Check,
  { events, waits, why }: ReturnType<typeof recordOf>,
  call: Call<Waits>,
): Promise<void> {
  const seen: unknown = await call
  const saw = typeof seen === 'string' ? JSON.stringify(seen) : String(seen)
  await c.blame(waits === 'nobody' ? 'R15' : 'R14', () =>
    c.expect(seen === waits, `who waits after: ${events.map(inWords).join('; ')}: "${waits}" (${why})`, saw),
  )
}

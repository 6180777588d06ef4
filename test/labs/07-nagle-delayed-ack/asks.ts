import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'

/** Conversations about `ask`: the grader is the server, and looks at what the sockets hand to the system. */

export const WAYS = ['two-writes', 'no-delay', 'one-write', 'cork'] as const
export type Way = (typeof WAYS)[number]

/** One call: its sizes, and what the server does when it has everything. */
interface Turn {
  readonly way: Way
  readonly head: number
  readonly body: number
  readonly answer: number
  readonly pieces: number
  readonly ends: 'FIN' | 'RST' | 'RST at once'
  /** An hour passes before the server answers. */
  readonly isSlow: boolean
  /** The server reads nothing before it has answered and sent its FIN. */
  readonly readsLast: boolean
  /** It begins when this one and the next have both begun. */
  readonly beside: boolean
}

const turn = (way: Way, more: Partial<Turn> = {}): Turn => ({
  way,
  head: 12,
  body: 30,
  answer: 9,
  pieces: 1,
  ends: 'FIN',
  isSlow: false,
  readsLast: false,
  beside: false,
  ...more,
})

/** Of one byte, of a segment and more, and more than a socket takes before it says that it is enough. */
const SIZES = [
  [1, 1],
  [1, 20_000],
  [1_460, 1],
  [2_000, 70_000],
  [70_000, 3],
] as const

/** More than the buffers of the system take for a server that does not read. */
const HUGE = 8_000_000

const sized = (way: Way): Turn[] => SIZES.map(([head, body]) => turn(way, { head, body }))

export const ASKS = {
  R10: conversations({
    'answers in pieces': WAYS.map((way) => turn(way, { answer: 3_000, pieces: 4 })),
    'a server that takes an hour': [turn('two-writes', { isSlow: true }), turn('cork')],
    'a long answer': [turn('two-writes', { answer: 100_000, pieces: 3 }), turn('cork', { answer: 70_000 })],
    'an answer of no bytes': WAYS.map((way) => turn(way, { answer: 0 })),
  }),
  'two-writes': conversations({ 'small and large': sized('two-writes') }),
  'no-delay': conversations({ 'small and large': sized('no-delay') }),
  'one-write': conversations({ 'small and large': sized('one-write') }),
  cork: conversations({ 'small and large': sized('cork') }),
  R13: conversations({
    'one way after the other': [...WAYS, ...[...WAYS].reverse()].map((way) => turn(way)),
    'a reset, and another call': WAYS.flatMap((way) => [
      turn(way, { ends: 'RST', pieces: 2 }),
      turn(way, { ends: 'RST at once' }),
      turn(way),
    ]),
    'four calls side by side': WAYS.map((way) => turn(way, { beside: true, answer: 40, pieces: 2 })),
    'side by side, and one is reset': [
      turn('two-writes', { beside: true }),
      turn('no-delay', { beside: true, ends: 'RST' }),
      turn('cork', { beside: true }),
      turn('one-write'),
    ],
    'a server that answers and sends its FIN before it reads': [
      turn('two-writes', { body: HUGE, readsLast: true }),
      turn('cork'),
    ],
  }),
}

export function ask(c: Check, port: number, head: Uint8Array, body: Uint8Array, way: Way): Call<Uint8Array> {
  return c.learner.call('ask', port, head, body, way)
}

/** What the program's socket was told, where head and body have arrived. */
export async function expectWrites(
  c: Check,
  connection: Connection,
  { way, head, body }: Pick<Turn, 'way' | 'head' | 'body'>,
): Promise<void> {
  const told = await c.learner.writesTo(connection)
  const writes = told.filter((call) => call.startsWith('write'))
  const wanted = {
    'two-writes': [`write(${head})`, `write(${body})`],
    'no-delay': [`write(${head})`, `write(${body})`],
    'one-write': [`write(${head + body})`],
    cork: [`writev(${head + body} in 2)`],
  }[way]
  c.expectEqual(writes, wanted, `what the system was handed, by '${way}', for ${head} and ${body} bytes`)
  const first = told.findIndex((call) => call.startsWith('write'))
  const before = told.slice(0, first).findLast((call) => call.startsWith('setNoDelay'))
  if (way === 'no-delay')
    c.expect(
      before === 'setNoDelay(true)' && !told.includes('setNoDelay(false)', first),
      "TCP_NODELAY on this connection before the first write, by 'no-delay'",
      told.includes('setNoDelay(true)') ? `in this order: ${told.join(', ')}` : 'it was never set',
    )
  else
    c.expect(!told.includes('setNoDelay(true)'), `Nagle's algorithm on, by '${way}'`, 'TCP_NODELAY was set')
}

const requirementOf = (way: Way): string => (way === 'two-writes' || way === 'no-delay' ? 'R11' : 'R12')

// --- internal ---

function conversations(scripts: Readonly<Record<string, readonly Turn[]>>): Conversations<Turn> {
  return {
    scripts,
    drawn: 1,
    draw: (random) =>
      Array.from({ length: random.integer(2, 5) }, () =>
        turn(random.pick(WAYS), {
          head: random.integer(1, 3_000),
          body: random.integer(1, 30_000),
          answer: random.integer(0, 5_000),
          pieces: random.integer(1, 3),
          ends: random.pick(['FIN', 'FIN', 'FIN', 'RST'] as const),
          beside: random.integer(0, 2) === 0,
        }),
      ),
    play,
  }
}

interface Asked {
  readonly turn: Turn
  readonly call: Call<Uint8Array>
  readonly connection: Connection
}

async function play(c: Check, turns: readonly Turn[]): Promise<void> {
  const listener = await c.listen({ paused: true })
  let together: Asked[] = []
  for (const each of turns) {
    together.push(await begin(c, listener, each))
    if (each.beside) continue
    await serveAll(c, together)
    together = []
  }
  await serveAll(c, together)
  await c.blame('R13', async () => {
    await listener.noFurtherConnection()
    await c.learner.leavesNothing()
  })
}

/** The request has come, and this is how it was sent. */
async function begin(c: Check, listener: Listener, each: Turn): Promise<Asked> {
  const [head, body] = [c.random.bytes(each.head), drawBody(c, each.body)]
  const call = ask(c, listener.port, head, body, each.way)
  const connection = await c.blame('R13', () =>
    listener.connection({ as: `a connection of its own for ask(…, '${each.way}')` }),
  )
  if (each.readsLast) return { turn: each, call, connection }
  connection.read()
  // A cork that is never drawn, or a second write that never comes, is the promise of the way.
  const seen = await c.blame(requirementOf(each.way), () => connection.take(each.head + each.body))
  await c.blame('R10', () => c.expectBytes(seen, Buffer.concat([head, body]), 'the head and the body'))
  await c.blame(requirementOf(each.way), () => expectWrites(c, connection, each))
  await c.blame('R10', async () => {
    await connection.silent()
    await call.staysPending('no answer has come')
  })
  return { turn: each, call, connection }
}

/** What is huge is a drawn block, again and again: to draw every byte of it would take half a second. */
function drawBody(c: Check, length: number): Uint8Array {
  return length < HUGE ? c.random.bytes(length) : Buffer.alloc(length, c.random.bytes(4_093))
}

async function serveAll(c: Check, together: readonly Asked[]): Promise<void> {
  for (const each of together) await serve(c, each, together.at(-1) === each)
}

async function serve(c: Check, { turn: each, call, connection }: Asked, isLast: boolean): Promise<void> {
  const answer = c.random.bytes(each.answer)
  if (each.isSlow) await c.learner.tick(3_600_000)
  if (each.ends !== 'RST at once')
    for (const part of each.pieces > 1 ? c.random.split(answer, each.pieces) : [answer]) {
      await connection.send(part)
      await c.blame('R10', async () => {
        await connection.staysOpen()
        await call.staysPending('the server has sent no FIN')
      })
    }
  if (each.ends !== 'FIN') {
    await connection.reset()
    const error = await c.blame('R13', () => call.rejects())
    await c.blame('R13', () => c.expectEqual(error.code, 'ECONNRESET', 'the `code` of the error'))
  } else {
    await connection.fin()
    if (each.readsLast) await readAtLast(c, call, connection)
    await c.blame('R10', () => connection.sees('FIN'))
    const seen: unknown = await c.blame('R10', () => call)
    await c.blame('R10', () => {
      c.expect(seen instanceof Uint8Array, 'the bytes of the answer, in a Uint8Array', typeof seen)
      c.expectBytes(seen as Uint8Array, answer, 'the answer that ask() resolves with')
    })
  }
  if (isLast) await c.blame('R13', () => c.learner.leavesNothing())
}

/** Nothing may be left open of a call that has settled, though the rest of its request waits for the server to read. */
async function readAtLast(c: Check, call: Call<Uint8Array>, connection: Connection): Promise<void> {
  await c.learner.idle()
  if (call.settled) {
    c.step('ask() has settled at the FIN of the server, which has read nothing yet')
    await c.blame('R13', () => c.learner.leavesNothing())
  }
  c.step('the server has answered and sent its FIN, and reads from now on')
  connection.read()
}

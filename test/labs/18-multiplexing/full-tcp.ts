import { HpackEncoder } from '../../../labs/kit/hpack.ts'
import { FLAG, FRAME, PREFACE, SETTING } from '../../../labs/kit/http2.ts'
import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { Client, pseudo } from './scenes.ts'
import { frame, headers, pieceAt, settings, SETTINGS_ACK, windowUpdate, type Piece } from './wire.ts'

/** Where TCP is the bottleneck: a client with wide windows asks for a large body, and does not read. */

const LARGE = 16_000_000
const MEBIBYTE = 2 ** 20
/** More than a program can have written when `write` has said `false`, or a frame later. */
const WRITTEN = 262_144

interface Placed extends Piece {
  /** Bytes in front of it. */
  readonly at: number
}

/** R7, and R2: a small answer and the answer to PING come soon, however much TCP has still to take. */
export async function aSmallOneBehindALargeOne(c: Check): Promise<void> {
  const { wire, encoder, left } = await fullOfALargeBody(c, await c.learner.make('sized'))
  await wire.send(Buffer.concat([ask(encoder, 3, '/20'), frame(FRAME.PING, 0, 0, c.random.bytes(8))]))
  await c.learner.idle()
  c.step('the client asks for a small answer and sends PING, and then it reads')
  wire.read()
  await c.learner.idle()
  const pieces = piecesOf(wire.received)
  const ends = pieces
    .filter(({ type, flags }) => type <= FRAME.HEADERS && (flags & FLAG.END_STREAM) !== 0)
    .map(({ stream }) => stream)
  c.expectEqual(
    [...ends].sort((x, y) => x - y),
    [1, 3],
    'streams that have ended',
  )
  c.expect(
    ends[0] === 3,
    'the small answer, of stream 3, before the end of the large one',
    'it after sixteen million bytes that were written before',
  )
  const answer = pieces.find(({ stream }) => stream === 3)
  expectSoon(c, answer, left, 'the small answer, of stream 3,')
  const pong = pieces.find(({ type, flags }) => type === FRAME.PING && (flags & FLAG.ACK) !== 0)
  await c.blame('R2', () => {
    c.expect(pong !== undefined, 'PING answered, while a large body is under way', 'no answer')
    expectSoon(c, pong, left, 'the answer to PING')
  })
}

/** R13: answers without a body need no window, so nothing but the server bounds those that nobody reads. */
export async function answersThatNobodyReads(c: Check): Promise<void> {
  // A field that is longer than the table is written whole each time.
  const [rounds, each, size] = [20, 20, 6_000]
  const handler = await c.learner.make('headed', size)
  const { port, wire, encoder } = await fullOfALargeBody(c, handler)
  for (let round = 0; round < rounds; round++) {
    const first = 3 + 2 * round * each
    const asked = Array.from({ length: each }, (_, index) => ask(encoder, first + 2 * index, '/headed'))
    await wire.send(Buffer.concat(asked))
    await c.learner.idle()
  }
  c.step(`the client has sent ${rounds * each} requests more, and reads no answer`)
  const other = await Client.open(c, port)
  await other.send(other.get('/count'))
  const count = Number(other.peer.on(1).body.toString())
  c.expect(
    count * size <= MEBIBYTE,
    'at most 1 MiB of answers that TCP does not take: who does not read is not read either',
    `${count} answers of ${size} bytes: your server goes on reading, and keeps them all in memory`,
  )
}

// --- internal ---

interface Full {
  readonly port: number
  readonly wire: Connection
  readonly encoder: HpackEncoder
  /** What TCP has taken. */
  readonly left: number
}

/** A client that has asked for a large body, and reads nothing. */
async function fullOfALargeBody(c: Check, handler: unknown): Promise<Full> {
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  const wire = await c.connect(port, { paused: true })
  const encoder = new HpackEncoder()
  const hello = [
    PREFACE,
    settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
    windowUpdate(0, 0x7f_00_00_00),
    SETTINGS_ACK,
  ]
  await wire.send(Buffer.concat([...hello, ask(encoder, 1, `/${LARGE}`)]))
  const { left } = await c.learner.passed()
  c.step('the client reads nothing, and TCP is full')
  return { port, wire, encoder, left }
}

function ask(encoder: HpackEncoder, id: number, target: string): Buffer {
  return headers(id, encoder.encode(pseudo(target)), { isEnd: true })
}

function piecesOf(bytes: Buffer): Placed[] {
  const pieces: Placed[] = []
  for (let at = 0, piece = pieceAt(bytes, at); piece; piece = pieceAt(bytes, at)) {
    pieces.push({ ...piece, at })
    at += 9 + piece.payload.length
  }
  return pieces
}

function expectSoon(c: Check, piece: Placed | undefined, left: number, what: string): void {
  const further = Math.max(0, (piece?.at ?? 0) - left)
  c.expect(
    further <= WRITTEN,
    `${what} soon after what TCP had taken when it was asked for`,
    `it after ${further} bytes more: your server had written what the socket does not take`,
  )
}

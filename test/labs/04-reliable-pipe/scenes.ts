import type { Check } from '../../../workbook/grading/check.ts'
import { HOST, listening, look, opener, optionsOf } from './ends.ts'
import { WHY } from './predictions.ts'
import { describe, kin, read, readdress } from './segment.ts'
import { Side } from './sides.ts'

/** Scenes with several pipes, with the predictions, and with two ends of the learner's. */

const OPTIONS = { mss: 100, windowBytes: 4_000, rtoMs: 100, maxAttempts: 3 }

function making(c: Check, options = OPTIONS, greedy = true) {
  return { options, isn: [c.random.integer(0, 2 ** 31)], greedy }
}

/** A listener of the learner's, and so many peers with an open pipe to it. */
async function crowd(c: Check, names: readonly string[], options = OPTIONS) {
  c.learner.holdClock()
  const { server, ids } = await listening(c, making(c, options))
  const sides: Side[] = []
  for (const name of names) {
    const side = await Side.at(c, server.port, name)
    await side.open(sides.length === 0 ? 'R4' : 'R12')
    sides.push(side)
  }
  const pipes = await ids()
  await c.blame(names.length > 1 ? 'R12' : 'R4', () =>
    c.expectEqual(pipes.length, names.length, 'the number of calls of onPipe'),
  )
  return { server, ids, sides, pipes }
}

const write = (c: Check, id: number | undefined, bytes: Uint8Array) => c.learner.make('write', id, bytes)
const end = (c: Check, id: number | undefined) => c.learner.make('end', id)

/** P1: a gap, and what is acknowledged behind it. */
export async function gap(c: Check): Promise<void> {
  const { sides, pipes } = await crowd(c, ['peer'])
  const [side] = sides
  if (!side) return
  const parts = Array.from({ length: 4 }, () => c.random.bytes(50))
  const [first] = parts
  const start = side.next
  for (const [index, part] of parts.entries()) {
    side.next = start + 50 * index
    if (index !== 1) await side.send(['ACK'], part)
  }
  c.step('four segments have left, and the second is lost')
  const acks = (await side.take()).map(({ acknowledgement }) => acknowledgement - start)
  const last = acks.at(-1) ?? 0
  c.observe('P1', last === 50 ? 'b' : last === 150 ? 'c' : 'a', WHY.P1)
  c.expectEqual(acks, [50, 50, 50], 'the three acknowledgements, counted from the first byte')
  c.expectBytes((await look(c, pipes[0] ?? 0)).bytes, first ?? '', 'what can be read')
  side.next = start + 50
  await side.send(['ACK'], parts[1])
  c.expectEqual((await side.take()).at(-1)?.acknowledgement, start + 200, 'ACK when the second has come')
  c.expectBytes((await look(c, pipes[0] ?? 0)).bytes, Buffer.concat(parts), 'what has been read')
}

/** P2: the timer runs out. */
export async function oldestOnly(c: Check): Promise<void> {
  const { sides, pipes } = await crowd(c, ['peer'])
  await write(c, pipes[0], c.random.bytes(400))
  const first = await sides[0]?.take()
  const carrying = first?.filter(({ payload }) => payload.length > 0)
  await c.blame('R5', () => c.expectEqual(carrying?.length, 4, 'the number of segments'))
  await c.learner.tick(OPTIONS.rtoMs)
  c.step(`${OPTIONS.rtoMs} ms have passed, and nothing is acknowledged`)
  const again = (await sides[0]?.take()) ?? []
  c.observe('P2', again.length === 0 ? 'c' : again.length === 1 ? 'a' : 'b', WHY.P2)
  c.expectEqual(
    again.map(({ sequence }) => sequence),
    [first?.[0]?.sequence],
    'the numbers of what is sent again',
  )
}

/** Three pipes on one socket, and one of them falls silent. */
export async function threePipes(c: Check): Promise<void> {
  const { server, sides, pipes } = await crowd(c, ['first', 'second', 'third'])
  const texts = sides.map(() => c.random.bytes(150))
  for (const [index, side] of sides.entries()) await side.send(['ACK'], texts[index]?.subarray(0, 70))
  for (const [index, side] of [...sides.entries()].reverse())
    await side.send(['ACK'], texts[index]?.subarray(70))
  for (const [index, side] of sides.entries()) {
    await expectSent(c, server.port, side, pipes[index], texts[index])
    await side.take()
  }
  for (const [index, id] of pipes.entries())
    await write(c, id, (texts[index] ?? Buffer.alloc(0)).subarray(0, 90))
  const [first, second, third] = sides
  await first?.takeBytes(texts[0]?.subarray(0, 90) ?? Buffer.alloc(0))
  await second?.send(['RST'])
  await c.learner.tick(OPTIONS.rtoMs * 7)
  c.step('the second has sent RST, and the third has not answered for a while')
  const endings = await Promise.all(pipes.map(async (id) => (await look(c, id)).closed))
  c.expectEqual(endings, [null, 'reset', 'timed-out'], 'what `closed` of each has resolved with')
  await first?.send(['ACK'], Buffer.from('still here'))
  await write(c, pipes[0], texts[1] ?? Buffer.alloc(0))
  await first?.takeBytes(texts[1] ?? Buffer.alloc(0))
  await third?.take()
  await third?.send(['ACK'], Buffer.from('anybody?'))
  await third?.sees('RST')
}

/** What one of them has sent has come through its own pipe, which names both ends. */
async function expectSent(
  c: Check,
  port: number,
  { name, host, peer }: Side,
  id: number | undefined,
  text: Uint8Array = Buffer.alloc(0),
): Promise<void> {
  const { bytes, tuple } = await look(c, id ?? 0)
  c.expectBytes(bytes, text, `what ${name} has sent`)
  const expected = { localAddress: HOST, localPort: port, remoteAddress: host, remotePort: peer.port }
  c.expectEqual(tuple, expected, `the tuple of ${name}`)
}

/** Two pipes from one port of two addresses, and one of them is reset. */
export async function samePortElsewhere(c: Check): Promise<void> {
  const { server, ids, sides } = await crowd(c, ['first'])
  const [first] = sides
  if (!first) return
  const second = await first.namesake('second')
  c.step(`the second peer has the port of the first, at ${second.host}`)
  await second.open('R12')
  const pipes = await ids()
  c.expectEqual(pipes.length, 2, 'the number of calls of onPipe')
  const texts = [c.random.bytes(70), c.random.bytes(80)]
  for (const [index, side] of [first, second].entries()) {
    await side.send(['ACK'], texts[index])
    await side.take()
    await expectSent(c, server.port, side, pipes[index], texts[index])
    await write(c, pipes[index], texts[index] ?? Buffer.alloc(0))
    await side.takeBytes(texts[index] ?? Buffer.alloc(0))
  }
  await second.send(['RST'])
  const endings = await Promise.all(pipes.map(async (id) => (await look(c, id)).closed))
  c.expectEqual(endings, [null, 'reset'], 'what `closed` of each has resolved with')
}

/** A pipe that is over, and a new one from the same port. */
export async function samePortAgain(c: Check): Promise<void> {
  const { ids, sides } = await crowd(c, ['peer'])
  const [side] = sides
  await side?.send(['ACK'], c.random.bytes(20))
  await side?.take()
  await side?.send(['RST'])
  if (side) side.next = c.random.integer(2 ** 31, 2 ** 32 - 1)
  await side?.open()
  const text = c.random.bytes(30)
  await side?.send(['ACK'], text)
  const both = await ids()
  c.expectEqual(both.length, 2, 'the number of calls of onPipe')
  c.expectBytes((await look(c, both[1] ?? 0)).bytes, text, 'what came through the second pipe')
}

/** One program opens two pipes, to two peers. */
export async function twoOpeners(c: Check): Promise<void> {
  c.learner.holdClock()
  const peers = await Promise.all(['first', 'second'].map((name) => c.datagrams({ name, describe })))
  const ends = []
  for (const peer of peers) ends.push(await opener(c, peer, making(c)))
  await c.learner.idle()
  const ports = peers.map((peer) => peer.takeAll()[0]?.port)
  await c.blame('R3', () =>
    c.expect(
      ports.every((port) => port !== undefined),
      'a SYN for each',
      'less',
    ),
  )
  c.expect(ports[0] !== ports[1], 'a UDP socket for each pipe that is opened', 'one for both')
}

/** Somebody else knows the port of an opener and both numbers, and comes from elsewhere than its remote. */
export async function stranger(c: Check, at: Parameters<Side['stranger']>[0]): Promise<void> {
  c.learner.holdClock()
  const peer = await c.datagrams({ name: 'peer', describe })
  const learner = await opener(c, peer, making(c))
  const side = await Side.answering(c, peer, 'peer')
  const other = await side.stranger(at)
  for (const [flags, length] of [
    [['ACK'], 30],
    [['FIN', 'ACK'], 0],
    [['RST'], 0],
  ] as const) {
    other.next = side.next
    await other.send(flags, c.random.bytes(length))
  }
  const text = c.random.bytes(40)
  await side.send(['ACK'], text)
  const { seen } = await learner.glance()
  c.expectBytes(seen?.bytes ?? '', text, 'what has been read: all that its peer has sent, and nothing else')
  c.expectEqual([seen?.ended, seen?.closed], [null, null], 'how reading has ended, and `closed`')
}

/** close() while one pipe is open: it goes on, and stays as long as it has to. */
export async function closing(c: Check): Promise<void> {
  const { server, ids, sides, pipes } = await crowd(c, ['peer'])
  const [side] = sides
  if (!side) return
  const call = server.close()
  const late = await Side.at(c, server.port, 'latecomer')
  await late.send(['SYN'])
  await late.sees('RST')
  const text = c.random.bytes(60)
  await side.send(['ACK'], text)
  await write(c, pipes[0], text)
  await side.takeBytes(text)
  await end(c, pipes[0])
  await side.sees('FIN')
  await side.send(['FIN', 'ACK'])
  await side.sees('ACK')
  const stays = OPTIONS.rtoMs * 2 ** OPTIONS.maxAttempts
  await c.learner.tick(stays - 1)
  await call.staysPending('it may have to answer the FIN again')
  c.step(`both directions have ended, and ${stays - 1} ms have passed, all but one of its time to stay`)
  await c.learner.tick(1)
  await call
  c.expectEqual((await ids()).length, 1, 'the number of calls of onPipe')
  await c.learner.leavesNothing()
}

/** close() of two pipes, with one that resets and one that nobody answers; and of none. */
export async function closingMany(c: Check): Promise<void> {
  const { server, sides, pipes } = await crowd(c, ['first', 'second'])
  const call = server.close()
  const again = server.close()
  await sides[0]?.send(['RST'])
  await call.staysPending('the second pipe is open')
  await write(c, pipes[1], Buffer.alloc(10))
  await c.learner.tick(OPTIONS.rtoMs * 7 - 1)
  await call.staysPending('the second pipe is open')
  await c.learner.tick(1)
  await call
  await again
  await c.learner.leavesNothing()
  const empty = await listening(c, making(c))
  await empty.server.close()
  await c.learner.leavesNothing()
  const used = await crowd(c, ['third'])
  await used.sides[0]?.send(['RST'])
  await used.server.close()
  await c.learner.leavesNothing()
}

const LENGTH = 256 * 1024
const BADNESS = { of: 20, lost: 4, doubled: 2, swapped: 2, damaged: 2 }

/** Two ends of the learner's, and a bad path between them. */
export async function whole(c: Check): Promise<void> {
  const options = {
    mss: c.random.integer(7_000, 7_080),
    windowBytes: c.random.integer(30_000, 33_000),
    rtoMs: c.random.integer(20, 60),
    maxAttempts: 12,
  }
  const [own, theirs] = [c.random.bytes(LENGTH), c.random.bytes(LENGTH)]
  const { server, onPipe } = await listening(c, {
    options,
    isn: [2 ** 32 - c.random.integer(1, LENGTH)],
    greedy: true,
  })
  let payloads = 0
  const path = await c.datagramPath(server.port, {
    badness: BADNESS,
    describe,
    readdress,
    kin(bytes) {
      const segment = read(bytes)
      if (typeof segment !== 'string' && segment.payload.length > 0) payloads++
      return kin(bytes)
    },
  })
  const remote = { host: HOST, port: path.port }
  const isn = [2 ** 32 - c.random.integer(1, LENGTH)]
  const pipe = await c.learner.call<object>('openPipe', remote, await optionsOf(c, { options, isn }))
  const opened = await c.learner.make<number>('watch', pipe, true)
  await write(c, opened, own)
  await end(c, opened)
  const id = await c.learner.make<number>('firstOf', onPipe)
  await write(c, id, theirs)
  await end(c, id)
  const received = [await c.learner.make<Buffer>('whole', id), await c.learner.make<Buffer>('whole', opened)]
  c.expectBytes(received[0] ?? '', own, 'what the listener has read')
  c.expectBytes(received[1] ?? '', theirs, 'what the opener has read')
  const endings = [(await look(c, opened)).closed, (await look(c, id)).closed]
  c.expectEqual(endings, ['clean', 'clean'], 'what `closed` of both has resolved with')
  const needed = 2 * Math.ceil(LENGTH / options.mss)
  c.observe('P3', payloads === needed ? 'a' : payloads < 2 * needed ? 'b' : 'c', WHY.P3)
  const { lost, damaged, doubled, swapped, carried } = path.counts
  const all = lost + damaged + doubled + swapped + carried
  c.measure(`${all} datagrams: ${lost} lost, ${damaged} damaged, ${doubled} doubled, ${swapped} swapped`)
}

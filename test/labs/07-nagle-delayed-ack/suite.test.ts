import { lab } from '../../../workbook/grading/lab.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { ask, ASKS, expectWrites, WAYS, type Way } from './asks.ts'
import { EXCHANGES, expectTimelines, row } from './exchanges.ts'
import type { Leaves } from './exchange-model.ts'
import { WHY } from './predictions.ts'
import {
  drawOptions,
  everySequence as everyReceipt,
  everySequenceInTime,
  passes as hears,
  RECEIVERS,
} from './receivers.ts'
import { everyBeginning, RECORDS } from './records.ts'
import { everySequence as everySending, passes as sends, SENDERS } from './senders.ts'
import { expectWindows, WINDOWS } from './windows.ts'

lab('07-nagle-delayed-ack', ({ check, converse }) => {
  check('R1', 'a small write on an idle connection leaves, and so does what is full', async (c) => {
    const mss = c.random.integer(4, 1_460)
    await sends(c, mss, [
      [{ write: mss - 1 }, `${mss - 1}`],
      [{ write: mss }, `${mss - 1} ${mss}`],
    ])
    await sends(c, mss, [[{ write: 2 * mss + 1 }, `${mss} ${mss}`]])
    await sends(c, 1, [
      [{ write: 3 }, '1 1 1'],
      [{ write: 1 }, '1 1 1 1'],
    ])
    c.observe('P1', await firstTen(c), WHY.P1)
  })

  converse('R1', 'writes of every size', SENDERS.R1)

  check('R1', 'every sequence of four writes and ACKs', everySending)

  check('R2', 'small writes wait for the ACK, and leave together', (c) =>
    sends(c, 1_000, [
      [{ write: 10 }, '10'],
      [{ write: 20 }, '10'],
      [{ write: 30 }, '10'],
      [{ acked: 9 }, '10'],
      [{ acked: 1 }, '10 50'],
    ]),
  )

  converse('R2', 'whatever is unacknowledged', SENDERS.R2)

  converse('R2', 'a peer that is quick', SENDERS.eager)

  check('R3', 'setNoDelay(true) sends what waits', (c) =>
    sends(c, 1_000, [
      [{ write: 10 }, '10'],
      [{ write: 20 }, '10'],
      [{ noDelay: true }, '10 20'],
      [{ write: 30 }, '10 20 30'],
    ]),
  )

  converse('R3', 'the option is set and taken back', SENDERS.R3)

  check('R4', 'the second full segment is acknowledged at once', (c) => {
    const { mss, delayMs } = drawOptions(c)
    return hears(c, { mss, delayMs }, [
      [{ received: mss }, ''],
      [{ received: mss }, `ack ${2 * mss}`],
      [{ received: mss }, `ack ${2 * mss}`],
      ['replying', `ack ${2 * mss}, reply ${mss}`],
    ])
  })

  converse('R4', 'segments of every size', RECEIVERS.R4)

  check('R4', 'every sequence of four segments and replies', everyReceipt)

  check('R4', 'a program that replies while acknowledge() runs', (c) => {
    const { mss, delayMs } = drawOptions(c)
    return hears(
      c,
      { mss, delayMs },
      [
        [{ received: mss }, ''],
        [{ received: mss }, `ack ${2 * mss}, reply 0`],
      ],
      'replies',
    )
  })

  check('R5', 'the delay, and not a millisecond less', (c) => {
    const { mss, delayMs } = drawOptions(c, 499)
    return hears(c, { mss, delayMs }, [
      [{ received: 1 }, ''],
      [{ ms: delayMs - 1 }, ''],
      [{ received: 1 }, ''],
      [{ ms: 1 }, 'ack 2'],
    ])
  })

  converse('R5', 'what comes while an ACK is delayed', RECEIVERS.R5)

  check('R5', 'every sequence of two events, on both sides of the delay', everySequenceInTime)

  check('R5', 'a delay of 500 ms is refused', async (c) => {
    const mss = 1_460
    await hears(c, { mss, delayMs: 499 }, [
      [{ received: mss }, ''],
      [{ ms: 499 }, `ack ${mss}`],
    ])
    for (const delayMs of [500, c.random.integer(501, 90_000)]) {
      const acknowledge = await c.learner.make('ignore')
      const error = await c.learner.construct('DelayedAck', { mss, delayMs, acknowledge }).rejects()
      c.expectEqual(error.name, 'RangeError', `what a delay of ${delayMs} ms throws`)
    }
  })

  check('R6', 'a reply acknowledges, and then nobody does', (c) => {
    const { mss, delayMs } = drawOptions(c)
    return hears(c, { mss, delayMs }, [
      [{ received: 2 }, ''],
      ['replying', 'reply 2'],
      ['replying', 'reply 2, reply 0'],
      [{ ms: delayMs }, 'reply 2, reply 0'],
    ])
  })

  check('R6', 'a byte that comes while acknowledge() runs has a whole delay', (c) => {
    const { mss, delayMs } = drawOptions(c)
    const [first, second] = [`ack ${2 * mss}`, `ack ${2 * mss}, ack 1`]
    return hears(
      c,
      { mss, delayMs },
      [
        [{ received: mss }, ''],
        [{ ms: 1 }, ''],
        [{ received: mss }, first],
        [{ ms: delayMs - 1 }, first],
        [{ ms: 1 }, second],
        [{ ms: delayMs - 1 }, second],
        ['replying', `${second}, reply 1`],
      ],
      'sends',
    )
  })

  converse('R6', 'replies in time and late', RECEIVERS.R6)

  check('R7', 'less than a segment is not told, and a segment is', (c) => {
    const o = { buffer: 65_536, mss: 1_460, lastAdvertised: c.random.integer(0, 9_000) }
    return expectWindows(
      c,
      [0, 1, 1_459, 1_460, 1_461, 32_768].map((step) => ({ ...o, free: o.lastAdvertised + step })),
    )
  })

  check('R7', 'half of a small buffer is told, too', (c) =>
    expectWindows(
      c,
      [499, 500].map((free) => ({ buffer: 1_000, mss: 1_460, lastAdvertised: 0, free })),
    ),
  )

  converse('R7', 'every filling of a buffer', WINDOWS)

  check('R8', 'write, write, read: the stall', async (c) => {
    await expectTimelines(c, [row()])
    const timeline = await c.learner.call<Leaves[]>('exchange', row())
    const last = timeline.at(-1)?.at
    c.observe('P2', last === 5 ? 'a' : last === 15 ? 'b' : 'c', WHY.P2)
  })

  converse('R8', 'requests whose rest waits', EXCHANGES.R8)

  check('R9', 'the same with TCP_NODELAY, and in one write', (c) =>
    expectTimelines(c, [row({ noDelay: true }), row({ writes: [20] })]),
  )

  check('R9', 'a server that thinks for longer than it delays', (c) =>
    expectTimelines(c, [row({ writes: [20], thinkMs: 39 }), row({ writes: [20], thinkMs: 41 })]),
  )

  converse('R9', 'requests that leave at once', EXCHANGES.R9)

  check('R10', 'an answer in two pieces', async (c) => {
    const listener = await c.listen()
    const [head, body, answer] = [c.random.bytes(30), c.random.bytes(50), c.random.bytes(40)]
    const call = ask(c, listener.port, head, body, 'one-write')
    const connection = await listener.connection()
    c.expectBytes(await connection.take(80), Buffer.concat([head, body]), 'the head and the body')
    await connection.sendInParts([answer.subarray(0, 17), answer.subarray(17)])
    await call.staysPending('the server has sent no FIN')
    await connection.staysOpen()
    await connection.fin()
    c.expectBytes(await call, answer, 'the answer that ask() resolves with')
    await connection.sees('FIN')
  })

  converse('R10', 'answers of every size', ASKS.R10)

  for (const way of ['two-writes', 'no-delay'] as const) {
    check('R11', `'${way}', seen below node:net`, (c) => handsOver(c, way))
    converse('R11', `'${way}' with small parts and large ones`, ASKS[way])
  }

  for (const way of ['one-write', 'cork'] as const) {
    check('R12', `'${way}', seen below node:net`, (c) => handsOver(c, way))
    converse('R12', `'${way}' with small parts and large ones`, ASKS[way])
  }

  check('R13', 'a refused connection rejects with its code', async (c) => {
    const { port } = await c.listen()
    c.learner.permit('127.0.0.1', port, 'refused')
    for (const way of WAYS) {
      const error = await ask(c, port, c.random.bytes(3), c.random.bytes(3), way).rejects()
      c.expectEqual(error.code, 'ECONNREFUSED', `the \`code\` of the error, by '${way}'`)
      await c.learner.leavesNothing()
    }
  })

  converse('R13', 'calls one after the other, side by side, and reset', ASKS.R13)

  converse('R14', 'who holds the bytes back', RECORDS.R14)

  check('R14', 'every beginning of six connections', everyBeginning)

  converse('R15', 'nobody holds anything', RECORDS.R15)
})

/** Which of two small writes leave before anything is acknowledged. */
async function firstTen(c: Check): Promise<string> {
  const like = await c.learner.construct<object>('NagleSender', {
    mss: 100,
    send: await c.learner.make('ignore'),
  })
  const events = 'w10 w10'
  const [sent = ''] = await c.learner.make<string[]>('sendAll', like, [{ mss: 100, events }])
  return { '': 'a', '10': 'b' }[sent] ?? 'c'
}

async function handsOver(c: Check, way: Way): Promise<void> {
  const listener = await c.listen()
  const [head, body] = [c.random.bytes(c.random.integer(2, 99)), c.random.bytes(c.random.integer(100, 900))]
  const call = ask(c, listener.port, head, body, way)
  const connection = await listener.connection()
  await connection.take(head.length + body.length)
  await expectWrites(c, connection, { way, head: head.length, body: body.length })
  if (way === 'two-writes') {
    const writes = (await c.learner.writesTo(connection)).filter((each) => each.startsWith('write'))
    c.observe('P3', writes.length === 1 ? 'a' : 'b', WHY.P3)
  }
  await connection.fin()
  await call
}

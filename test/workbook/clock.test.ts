import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeFile, gradeText, told, useEngine } from './engine.ts'

/** Virtual time: the same table holds on every Node. */

useEngine()

const PROGRAM = 'test/workbook/programs/timed.ts'
const verdictOf = async (body: CheckBody): Promise<string> => told(await gradeFile(PROGRAM, body))

/** A way to wait, then ticks, each with all that the program has written down by then. */
type Tick = readonly [milliseconds: number, log: readonly string[]]

const ROWS: ReadonlyArray<readonly [way: string, ...ticks: readonly Tick[]]> = [
  ['setTimeout', [99, []], [1, ['fired 100']], [500, ['fired 100']]],
  ['withArguments', [99, []], [1, ['ab 100']]],
  ['delayAsText', [99, []], [1, ['fired 100']]],
  ['delayWithFraction', [99, []], [1, ['fired 100']]],
  ['delayTooLong', [1, ['fired 0']]],
  ['delayNegative', [1, ['fired 0']]],
  ['ofModule', [99, []], [1, ['fired 100']]],
  ['clearTimeout', [500, []]],
  ['clearByNumber', [500, []]],
  ['clearByText', [500, []]],
  ['clearNothing', [500, []]],
  ['clearByClose', [500, []]],
  ['refresh', [149, []], [1, ['fired 150']]],
  ['refreshAfterwards', [249, ['fired 100']], [1, ['fired 100', 'fired 250']]],
  ['unref', [100, ['false 0', 'fired 100']]],
  ['thisIsTheTimer', [100, ['true 100']]],
  ['setInterval', [99, []], [1, ['beat 100']], [200, ['beat 100', 'beat 200', 'beat 300']]],
  ['intervalThatEnds', [1000, ['beat 100', 'beat 200']]],
  ['intervalOfNothing', [10, ['beat 1', 'beat 2', 'beat 3']]],
  ['promisify', [99, []], [1, ['value 100']]],
  ['timersPromises', [99, []], [1, ['value 100']]],
  ['timersPromisesInterval', [99, []], [1000, ['beat 100', 'beat 200', 'beat 300']]],
  ['slowReaderOfBeats', [1000, ['beat 100', 'beat 350', 'beat 600']]],
  ['schedulerWait', [99, []], [1, ['waited 100']]],
  ['abortSignal', [99, []], [1, ['TimeoutError 100']]],
  ['abortedSleep', [99, []], [1, ['AbortError ABORT_ERR 100']], [500, ['AbortError ABORT_ERR 100']]],
  ['abortedBeforehand', [1, ['AbortError ABORT_ERR 0']]],
  [
    'abortedInterval',
    [249, ['beat 100', 'beat 200']],
    [1, ['beat 100', 'beat 200', 'AbortError ABORT_ERR 250']],
  ],
  ['chain', [4999, []], [1, ['50 times 100 5000']]],
  ['sameTime', [98, []], [1, ['first 99']], [1, ['first 99', 'second 100', 'third 100']]],
  ['betweenTwo', [100, ['timer 100', 'microtask 100', 'immediate 100', 'next timer 100']]],
  ['nested', [99, []], [1, ['inner 100']]],
  ['noTimeInside', [99, []], [1, ['inner 100']]],
  ['notAFunction', [1, ['TypeError ERR_INVALID_ARG_TYPE 0']]],
]

test.each(ROWS.map(([way, ...ticks]) => ({ way, ticks })))(
  '$way goes on exactly when its time has come',
  async ({ way, ticks }) => {
    const verdict = await verdictOf(async ({ learner, expectEqual }) => {
      learner.holdClock()
      await learner.call('begin', way)
      await learner.idle()
      let now = 0
      for (const [milliseconds, log] of ticks) {
        await learner.tick(milliseconds)
        now += milliseconds
        expectEqual(await learner.call('whole'), log, `the log after ${now} ms`)
      }
    })
    expect(verdict).toBe('passed')
  },
)

test('all clocks of the program tell the same time, and it stands still between ticks', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const all = (milliseconds: number) => ({
      Date: milliseconds,
      'new Date': milliseconds,
      'Date()': milliseconds,
      performance: milliseconds,
      'node:perf_hooks': milliseconds,
      timeOrigin: milliseconds,
      hrtime: milliseconds,
      'hrtime since': milliseconds,
      bigint: milliseconds,
      uptime: milliseconds,
    })
    expectEqual(await learner.call('clocks'), all(0), 'at the beginning')
    await learner.tick(61_000)
    expectEqual(await learner.call('clocks'), all(61_000), 'after 61 seconds')
    await learner.idle()
    expectEqual(await learner.call('clocks'), all(61_000), 'without a tick')
  })
  expect(verdict).toBe('passed')
})

test('Date is Date in everything but the time', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    await learner.tick(1500)
    const expected = {
      iso: '2026-01-01T00:00:01.500Z',
      given: 2020,
      copied: 5,
      text: 'string',
      static: 3000,
      isDate: true,
      constructor: true,
      name: 'Date',
      length: 7,
    }
    expectEqual(await learner.call('dates'), expected, 'the dates')
  })
  expect(verdict).toBe('passed')
})

test('Temporal tells virtual time where Node has it', async () => {
  const verdict = await verdictOf(async ({ learner, expect: must }) => {
    await learner.tick(1500)
    const now = await learner.call<string>('temporal')
    must(['none', '2026-01-01T00:00:01.5Z 2026-01-01'].includes(now), 'virtual time', now)
  })
  expect(verdict).toBe('passed')
})

test('a clock that is passed as an argument is the same clock', async () => {
  const program = 'export const read = (now: () => number) => now()'
  const verdict = await gradeText(program, async ({ learner, expectEqual }) => {
    await learner.tick(1234)
    expectEqual(await learner.call('read', learner.clock), 1234, 'the time')
  })
  expect(told(verdict)).toBe('passed')
})

const IDLE = 5_000

test.each(['method', 'listener', 'renewed'] as const)(
  'a server closes an idle connection at idleMs, not before: %s',
  async (how) => {
    const verdict = await verdictOf(async ({ learner, connect }) => {
      const server = await learner.serve('serve', IDLE, how)
      const client = await connect(server.port)
      await client.send('a')
      await client.take(1)
      await learner.tick(IDLE - 1)
      await client.staysOpen()
      await learner.tick(1)
      await client.sees('FIN')
    })
    expect(verdict).toBe('passed')
  },
)

test('bytes renew the time of a socket, and setTimeout(0) ends it', async () => {
  const verdict = await verdictOf(async ({ learner, connect }) => {
    const [renewed, never] = [
      await learner.serve('serve', IDLE, 'method'),
      await learner.serve('serve', 0, 'method'),
    ]
    const [client, other] = [await connect(renewed.port), await connect(never.port)]
    for (let count = 0; count < 3; count++) {
      await learner.tick(IDLE - 1)
      await client.send('a')
      await client.take(1)
    }
    await learner.tick(IDLE - 1)
    await client.staysOpen()
    await learner.tick(1)
    await client.sees('FIN')
    await learner.tick(100 * IDLE)
    await other.staysOpen()
  })
  expect(verdict).toBe('passed')
})

test('the option timeout of net.connect is on virtual time', async () => {
  const verdict = await verdictOf(async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    const call = learner.call('connectTimed', server.port, 700)
    await server.connection()
    await learner.tick(699)
    await call.staysPending()
    await learner.tick(1)
    expectEqual(await call, 700, 'milliseconds')
    await learner.leavesNothing()
  })
  expect(verdict).toBe('passed')
})

test('socket.setTimeout refuses what Node refuses', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const refused = [
      'RangeError ERR_OUT_OF_RANGE',
      'RangeError ERR_OUT_OF_RANGE',
      'TypeError ERR_INVALID_ARG_TYPE',
    ]
    expectEqual(await learner.call('badTimeouts'), refused, 'the errors')
  })
  expect(verdict).toBe('passed')
})

test('within one tick the wire keeps pace with the timers: each write arrives before the next timer', async () => {
  const verdict = await verdictOf(async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    learner.holdClock()
    await learner.call('drip', server.port, [10, 20, 20, 30])
    const connection = await server.connection()
    await learner.tick(15)
    expectEqual(connection.unread.length, 1, 'bytes after 15 ms')
    await learner.tick(5)
    expectEqual(connection.unread.length, 3, 'bytes after 20 ms')
    await learner.tick(10)
    expectEqual(connection.unread.length, 4, 'bytes after 30 ms')
  })
  expect(verdict).toBe('passed')
})

test('while a check waits, time runs by itself, timer by timer, and no further than needed', async () => {
  const verdict = await verdictOf(async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('drip', server.port, [1_000, 50_000, 90_000])
    const connection = await server.connection()
    await connection.take(2)
    expectEqual((await learner.call<{ Date: number }>('clocks')).Date, 50_000, 'the time')
  })
  expect(verdict).toBe('passed')
})

test('while a check waits in vain, time runs for two minutes', async () => {
  const body: CheckBody = async ({ learner, listen }) => {
    const server = await listen()
    await learner.call('drip', server.port, [110_000, 240_000])
    const connection = await server.connection()
    await connection.take(1)
    await connection.take(1)
  }
  expect(told(await gradeFile(PROGRAM, body))).toContain(
    'failed: expected 1 bytes from you; saw nothing more',
  )
})

test('a clock that is held does not run by itself, nor after the first tick', async () => {
  for (const hold of ['holdClock', 'tick'] as const) {
    const verdict = await gradeFile(PROGRAM, async ({ learner, listen }) => {
      const server = await listen()
      await learner.call('drip', server.port, [1_000])
      const connection = await server.connection()
      await learner[hold](1)
      await connection.take(1)
    })
    expect(told(verdict)).toContain('failed: expected 1 bytes from you; saw nothing more')
  }
})

test('a program that polls without a pause gets its time: free, by ticks, and it rests when held', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('poll', 20), 20, 'polled by itself')
    const call = learner.call('poll', 60)
    learner.holdClock()
    await call.staysPending()
    await learner.tick(40)
    expectEqual(await call, 60, 'polled in ticks')
  })
  expect(verdict).toBe('passed')
})

test('what a timer does stands in the record behind the time at which it ran out', async () => {
  const program =
    "import net from 'node:net'\nexport async function serve() {\n" +
    "  const server = net.createServer((socket) => setTimeout(() => socket.end('late'), 400))\n" +
    "  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))\n" +
    '  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() }\n}\n'
  const verdict = await gradeText(program, async ({ learner, connect, fail }) => {
    const server = await learner.serve('serve')
    await connect(server.port)
    await learner.tick(1_000)
    fail('', '')
  })
  const kinds = verdict.wire.map((event) => (event.kind === 'tick' ? `${event.by} ms` : event.kind))
  expect(kinds.filter((kind) => /ms|data|fin/.test(kind))).toEqual(['400 ms', 'data', 'fin', '600 ms'])
})

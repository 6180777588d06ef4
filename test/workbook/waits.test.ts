import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Check } from '../../workbook/grading/check.ts'
import { HOST_VARIABLE } from '../../workbook/learner/bundles.ts'
import { dismissAll } from '../../workbook/learner/kept.ts'
import { gradeFile, gradeHostile, gradeText, problemOf, told, useEngine } from './engine.ts'

/** Every wait of a suite ends: with its event, with the proof, or with the end of the program. */

useEngine()

const NEVER = new Promise<never>(() => undefined)

test('a suite that waits for a promise of its own is not held up by a program that has ended', async () => {
  const verdict = await gradeHostile('exit', async ({ learner }) => {
    void learner.call('run')
    await NEVER
  })
  expect(told(verdict)).toContain(
    'crashed: expected a program that goes on running; saw the program ended itself',
  )
})

test('an expectation that fails inside a call-back ends the check, whatever is awaited', async () => {
  const verdict = await gradeFile('test/workbook/programs/values.ts', async ({ learner, expectEqual }) => {
    void learner.call('callBack', (value: unknown) => expectEqual(value, 2, 'the value'), 1)
    await NEVER
  })
  expect(told(verdict)).toBe('failed: expected the value: 2; saw 1')
})

test('a suite that waits in vain for itself ends with the bound, and the program is not blamed for a crash', async () => {
  const verdict = await gradeText('export {}', () => NEVER, { limits: { restlessMilliseconds: 300 } })
  expect(told(verdict)).toBe('hung: expected a program that lets go; saw no rest within 0.3 s')
})

test('a check that goes on and on ends with the bound of a check', async () => {
  const endless = async ({ learner }: Check): Promise<void> => {
    for (;;) await learner.tick(1)
  }
  const verdict = await gradeText('export {}', endless, { limits: { wallMilliseconds: 400 } })
  expect(told(verdict)).toBe('hung: expected a program that lets go; saw no end within 0.4 s')
})

test('time in which timer follows timer ends with a bound, and names what makes such timers', async () => {
  const program = 'const again = () => setTimeout(again, 2 ** 31); again()'
  const hour = ({ learner }: Check): Promise<void> => learner.tick(3_600_000)
  const verdict = await gradeText(program, hour, { limits: { timers: 100 } })
  expect(told(verdict)).toMatch(
    /^hung: expected a program that lets go; saw 100 timers in one check: .* 2147483647 ms/,
  )
})

test('two waits at once see both events, and time is moved once for both', async () => {
  const verdict = await gradeFile(
    'test/workbook/programs/timed.ts',
    async ({ learner, listen, expectEqual }) => {
      const [left, right] = [await listen({ name: 'left' }), await listen({ name: 'right' })]
      await learner.call('drip', left.port, [100, 300])
      await learner.call('drip', right.port, [200, 400])
      const connections = await Promise.all([left.connection(), right.connection()])
      await Promise.all(connections.map((connection) => connection.take(1)))
      expectEqual((await learner.call<{ Date: number }>('clocks')).Date, 200, 'the time')
      await Promise.all(connections.map((connection) => connection.take(1)))
      expectEqual((await learner.call<{ Date: number }>('clocks')).Date, 400, 'the time')
    },
  )
  expect(told(verdict)).toBe('passed')
})

test('a call-back may wait for the program while the check waits as well', async () => {
  const verdict = await gradeFile('test/workbook/programs/values.ts', async ({ learner, expectEqual }) => {
    const waiting = async (value: unknown): Promise<unknown> => {
      for (let count = 0; count < 20; count++) await learner.idle()
      return value
    }
    const calls = [1, 2, 3].map((value) => learner.call('callBack', waiting, value))
    expectEqual(await Promise.all(calls), [1, 2, 3], 'the results')
  })
  expect(told(verdict)).toBe('passed')
})

test('a rejection that nobody awaits explains a wait in vain', async () => {
  const program = "export const run = async () => { throw new Error('the reason') }"
  const verdict = await gradeText(program, async ({ learner, listen }) => {
    const server = await listen()
    void learner.call('run')
    await server.connection()
  })
  expect(told(verdict)).toContain(
    'saw none: your program is idle; your program had rejected: Error: the reason',
  )
  expect(problemOf(verdict).frames).toHaveLength(1)
})

test('an error of the suite itself is the fault of the grader', async () => {
  const failing = (): Promise<void> => Promise.reject(new TypeError('a slip'))
  expect(told(await gradeText('export {}', failing))).toBe(
    'grader-error: expected a check that works; saw a slip',
  )
})

test('a crash right after the last step still counts', async () => {
  const program = "export const run = () => void setImmediate(() => { throw new Error('behind the end') })"
  const verdict = await gradeText(program, async ({ learner }) => void (await learner.call('run')))
  expect(told(verdict)).toContain(
    'crashed: expected a program that goes on running; saw uncaught Error: behind the end',
  )
})

test('many steps of time are no flood of messages', async () => {
  const program = 'let beats = 0; setInterval(() => beats++, 10); export const count = () => beats'
  const verdict = await gradeText(
    program,
    async ({ learner, expectEqual }) => {
      await learner.tick(5_000)
      expectEqual(await learner.call('count'), 500, 'beats')
    },
    { limits: { messages: 10 } },
  )
  expect(told(verdict)).toBe('passed')
})

test('what the program printed stands in the transcript, in order with the wire', async () => {
  const program = `
    import net from 'node:net'
    export async function run(port: number) {
      console.log('before')
      const socket = net.connect(port, '127.0.0.1')
      await new Promise<void>((resolve) => socket.once('data', () => resolve()))
      console.error('after')
    }`
  const verdict = await gradeText(program, async ({ learner, listen }) => {
    const server = await listen()
    const call = learner.call('run', server.port)
    await (await server.connection()).send('x')
    await call
    await learner.idle()
  })
  const kinds = verdict.wire.map((event) => (event.kind === 'printed' ? event.text : event.kind))
  expect(kinds.filter((kind) => ['before', 'connect', 'data', 'after'].includes(kind))).toEqual([
    'before',
    'connect',
    'data',
    'after',
  ])
})

test('a process that cannot start is the fault of the grader, and says what it said', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'socket-workbook-'))
  const broken = path.join(folder, 'host.cjs')
  writeFileSync(broken, 'throw new Error("a broken host")\n')
  const host = process.env[HOST_VARIABLE]
  await dismissAll()
  process.env[HOST_VARIABLE] = broken
  try {
    const { kind, expected, saw } = problemOf(await gradeText('export {}', async () => undefined))
    expect({ kind, expected }).toEqual({ kind: 'grader-error', expected: 'a learner process that starts' })
    expect(saw).toContain('a broken host')
  } finally {
    process.env[HOST_VARIABLE] = host
    await dismissAll()
    rmSync(folder, { recursive: true })
  }
})

test('the wire of a check ends with its verdict: how the program was ended is not drawn', async () => {
  const verdict = await gradeFile('test/workbook/programs/readers.ts', async ({ learner, connect }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    await client.sees('FIN')
  })
  expect(told(verdict)).toContain('saw none: your program is idle, the connection open')
  expect(verdict.wire.map(({ kind }) => kind)).toContain('connect')
  expect(verdict.wire.filter(({ kind }) => kind === 'fin' || kind === 'rst')).toEqual([])
})

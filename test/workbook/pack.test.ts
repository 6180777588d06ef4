import { expect, test } from 'vitest'
import type { Call } from '../../workbook/grading/check.ts'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeFile, told, useEngine } from './engine.ts'

/** What crosses between a suite and the learner's program, both ways. */

useEngine()

const verdictOf = async (body: CheckBody): Promise<string> =>
  told(await gradeFile('test/workbook/programs/values.ts', body))

type Remote = Readonly<Record<string, (...args: unknown[]) => PromiseLike<unknown>>>
type RemoteCounter = Remote & { readonly label: string; readonly count: number }

test('plain values come back as they went', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const values = [
      null, undefined, true, 0, -0, Number.NaN, Infinity, 10n ** 20n, '', 'text \u0000 ÿ 😀', [], [[1], [undefined, 2]], {},
      { a: { b: [null, undefined] }, '': 1, 'a b': 2 }, new Map<unknown, unknown>([['k', new Map([[1, 2]])]]), new Set([1, 'a']),
      new Date(5), { $workbook: 'clock' }, { $workbook: { deep: true } },
    ] // prettier-ignore
    for (const value of values) expectEqual(await learner.call('echo', value), value, 'what came back')
  })
  expect(verdict).toBe('passed')
})

test('an object without a prototype arrives as a plain one', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('bare'), { a: 1 }, 'what came back')
  })
  expect(verdict).toBe('passed')
})

test('bytes of every kind come back as a Buffer with the same bytes', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual, random }) => {
    const bytes = random.bytes(100_000)
    for (const view of [
      bytes,
      new Uint8Array(bytes),
      bytes.subarray(5, 500),
      new DataView(bytes.buffer, bytes.byteOffset, 9),
    ]) {
      const back = await learner.call<Buffer>('echo', view)
      expectEqual(Buffer.isBuffer(back), true, 'a Buffer')
      expectEqual(
        back.equals(Buffer.from(view.buffer, view.byteOffset, view.byteLength)),
        true,
        'the same bytes',
      )
    }
    expectEqual(await learner.call('describe', Buffer.from('raw')), 'Buffer raw', 'in the program')
  })
  expect(verdict).toBe('passed')
})

test('in the program the values are what they were', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const described = async (value: unknown): Promise<unknown> => await learner.call('describe', value)
    expectEqual(await described(new Map([[1, 'a']])), 'Map [[1,"a"]]', 'a map')
    expectEqual(await described(new Set([1])), 'Set [1]', 'a set')
    expectEqual(await described(new Date(7)), 'Date 7', 'a date')
    expectEqual(await described(new RangeError('far')), 'Error RangeError far', 'an error')
    expectEqual(await described(Symbol('s')), 'string Symbol(s)', 'a symbol, which is told as text')
  })
  expect(verdict).toBe('passed')
})

test('an error keeps name, message, code, the chain of causes and its own properties', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const error = await learner.call('fail').rejects()
    expectEqual(
      error,
      {
        name: 'LabError',
        message: 'the message',
        code: 'E_LAB',
        phases: { dns: 1, connect: [2, 3] },
        bytes: Buffer.from('raw'),
        cause: {
          name: 'Error',
          message: 'between',
          cause: { name: 'TypeError', message: 'the root', code: 'E_ROOT' },
        },
      },
      'the error',
    )
  })
  expect(verdict).toBe('passed')
})

test('an error inside a result is told like one that is thrown', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const { problem } = await learner.call<{ problem: { code: string; message: string } }>('returnsError')
    expectEqual([problem.code, problem.message], ['E_LAB', 'kept'], 'the error')
  })
  expect(verdict).toBe('passed')
})

test('an instance stays with its private fields: its methods are called there, its data are a copy', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const counter = (await learner.construct('Counter', 'first')) as RemoteCounter
    expectEqual([counter.label, counter.count, '_hidden' in counter], ['first', 0, false], 'the data')
    await counter['add']?.()
    expectEqual(await counter['addLater']?.(5), 6, 'the count')
    const again = (await counter['add']?.(10)) as RemoteCounter
    expectEqual([counter.count, again.count], [0, 16], 'the copies')
    const twice = (await learner.construct('Twice', 'second')) as RemoteCounter
    const added = (await twice['add']?.()) as RemoteCounter
    expectEqual(added.count, 2, 'an inherited method, overridden')
  })
  expect(verdict).toBe('passed')
})

test('an instance that goes back is the very same object', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const counter = await learner.construct<RemoteCounter>('Counter', 'one')
    const again = (await counter['add']?.(3)) as RemoteCounter
    expectEqual(await learner.call('isSame', counter, again), true, 'the same object')
    const other = await learner.construct<RemoteCounter>('Counter', 'two')
    expectEqual(await other['addWith']?.(counter), 3, 'the count of the other')
    await learner.call('keep', counter)
    await counter['add']?.(4)
    expectEqual(await learner.call('keptCount'), 7, 'the count of what the program keeps')
  })
  expect(verdict).toBe('passed')
})

test('a method that throws rejects like any call', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const counter = await learner.construct<RemoteCounter>('Counter', 'one')
    const call = counter['failing']?.() as Call<unknown>
    expectEqual((await call.rejects()).message, 'of one', 'the message')
  })
  expect(verdict).toBe('passed')
})

test('functions in any depth of a result can be called, and keep their object', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const server = await learner.call<{
      port: number
      close: Remote['x']
      inner: { list: Array<Remote['x']>; map: Map<string, Remote['x']> }
    }>('server')
    expectEqual(server.port, 80, 'the port')
    expectEqual(await server.close?.(), true, 'what close() did to its object')
    expectEqual(await server.inner.list[0]?.(1, 2), 3, 'a function in a list')
    expectEqual(await server.inner.map.get('double')?.(21), 42, 'a function in a map')
  })
  expect(verdict).toBe('passed')
})

test('a function goes there and back as itself', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const server = await learner.call<{ close: Remote['x'] }>('server')
    const close = await learner.call<Remote['x']>('echo', server.close)
    expectEqual(await close?.(), true, 'the result')
  })
  expect(verdict).toBe('passed')
})

test('call-backs get and give values, at once or later, in any depth of the arguments', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('callBack', (value: number) => value + 1, 41), 42, 'at once')
    const later = (value: Buffer) => Promise.resolve(Buffer.concat([value, value]))
    expectEqual(await learner.call('callBack', later, Buffer.from('ab')), Buffer.from('abab'), 'later')
    const options = { deep: [{ handler: (value: string) => `${value} and answered` }] }
    expectEqual(await learner.call('callBackInside', options), 'asked and answered', 'inside')
  })
  expect(verdict).toBe('passed')
})

test('an error of a call-back arrives in the program with its code and cause, and may be caught there', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const failing = (): never => {
      throw Object.assign(new RangeError('too far', { cause: new Error('the reason') }), { code: 'E_FAR' })
    }
    expectEqual(
      await learner.call('caught', failing),
      'true RangeError too far E_FAR the reason',
      'what was caught',
    )
    const throwing = (): never => {
      throw 'text'
    }
    expectEqual(await learner.call('caught', throwing), 'true Error text  ', 'what was caught')
  })
  expect(verdict).toBe('passed')
})

test('an error of a call-back that the program lets go is no crash: the suite has thrown it itself', async () => {
  const verdict = await verdictOf(async ({ learner, expectEqual }) => {
    const error = await learner.call('callBack', () => Promise.reject(new Error('no')), 1).rejects()
    expectEqual(error.message, 'no', 'the message')
  })
  expect(verdict).toBe('passed')
})

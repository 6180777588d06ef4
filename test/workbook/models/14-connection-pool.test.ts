import { describe, expect, test } from 'vitest'
import { PoolModel } from '../../labs/14-connection-pool/model.ts'
import { hintOf } from '../../labs/14-connection-pool/rules.ts'
import type { Act, Asked, Replied } from '../../labs/14-connection-pool/state.ts'

/** What the model of lab 14 says of single states. */

const OPTIONS = { maxPerOrigin: 1, maxWaiting: 1, idleMs: 5_000, marginMs: 1_000 }

function asked(name: string, more: Partial<Asked> = {}): Asked {
  const rest = { fields: [], body: Buffer.alloc(0), host: 'a', signal: null, aborted: null }
  return { name, origin: 0, method: 'GET', target: `/${name}`, ...rest, ...more }
}

function replied(name: string, fields: Replied['fields'] = []): Act {
  const answer: Replied = {
    version: '1.1',
    status: 200,
    fields,
    body: Buffer.alloc(0),
    end: 'length',
    isHttp: true,
  }
  return { act: 'reply', name, replied: answer, hasHead: true, isWhole: true, behind: null }
}

const ask = (...all: Asked[]): Act => ({ act: 'ask', asked: all })

function after(acts: readonly Act[], options: Partial<typeof OPTIONS> = {}, origins = 1): PoolModel {
  const model = new PoolModel({ ...OPTIONS, ...options }, origins, 'EGONE')
  for (const act of acts) model.apply(act)
  return model
}

const wanted = (model: PoolModel, name: string) => model.asks.get(name)?.wanted

describe('places and the queue', () => {
  test('one is under way, one waits, and the third is refused', () => {
    const model = after([ask(asked('a'), asked('b'), asked('c'))])
    expect(model.counts).toEqual({ open: 1, idle: 0, waiting: 1 })
    expect(wanted(model, 'c')).toMatchObject({ is: 'rejected', code: 'EPOOLFULL' })
  })

  test('each origin has its own place', () => {
    const model = after([ask(asked('a'), asked('b', { origin: 1 }))], {}, 2)
    expect(model.counts).toEqual({ open: 2, idle: 0, waiting: 0 })
  })

  test('who waits gets the connection of a kept answer, and a new one behind close', () => {
    const acts = [ask(asked('a'), asked('b'))]
    const kept = after([...acts, replied('a')])
    expect(kept.origins[0]?.lines.map(({ carried }) => carried.map(({ name }) => name))).toEqual([['a', 'b']])
    const closed = after([...acts, replied('a', [['Connection', 'close']])])
    expect(closed.origins[0]?.lines.map(({ carried }) => carried.map(({ name }) => name))).toEqual([
      ['a'],
      ['b'],
    ])
  })

  test('a port that refuses fails all who wait, one after the other', () => {
    const model = after([{ act: 'refuse', origin: 0 }, ask(asked('a'), asked('b'))])
    expect([wanted(model, 'a'), wanted(model, 'b')]).toMatchObject([
      { code: 'ECONNREFUSED' },
      { code: 'ECONNREFUSED' },
    ])
    expect(model.counts).toEqual({ open: 0, idle: 0, waiting: 0 })
  })
})

describe('idle connections', () => {
  test('the one that was used last is used next', () => {
    const two = [ask(asked('a'), asked('b')), replied('b'), replied('a'), ask(asked('c'))]
    expect(after(two, { maxPerOrigin: 2 }).lineOf('c')?.number).toBe(1)
  })

  test.each([
    [4_999, [], 1],
    [5_000, [], 0],
    [
      1_999,
      [
        ['Connection', 'keep-alive'],
        ['Keep-Alive', 'timeout=3'],
      ] as const,
      1,
    ],
    [
      2_000,
      [
        ['Connection', 'keep-alive'],
        ['Keep-Alive', 'timeout=3'],
      ] as const,
      0,
    ],
    [2_000, [['Keep-Alive', 'timeout=3']] as const, 1],
  ])('after %i ms and with %j, %i are open', (milliseconds, fields, open) => {
    const model = after([ask(asked('a')), replied('a', fields), { act: 'tick', milliseconds }])
    expect(model.counts.open).toBe(open)
  })

  test.each([
    ['timeout=5', 5_000],
    ['max=1, Timeout=5', 5_000],
    ['timeout=', null],
    ['xtimeout=5', null],
  ])('the hint %s', (value, milliseconds) => {
    expect(
      hintOf([
        ['Connection', 'x, Keep-Alive'],
        ['keep-alive', value],
      ]),
    ).toBe(milliseconds)
  })
})

describe('what ends', () => {
  const race = (method: string): Act[] => [
    ask(asked('a')),
    replied('a'),
    ask(asked('b', { method })),
    { act: 'fin', name: 'b' },
  ]

  test('a lost race is repeated once, where the method allows it', () => {
    expect(after(race('GET')).lineOf('b')?.number).toBe(2)
    expect(wanted(after([...race('GET'), { act: 'fin', name: 'b' }]), 'b')?.is).toBe('rejected')
    expect(wanted(after(race('POST')), 'b')?.is).toBe('rejected')
    expect(wanted(after([ask(asked('a')), { act: 'fin', name: 'a' }]), 'a')?.is).toBe('rejected')
  })

  test('an abort ends its connection, and who waits opens another', () => {
    const model = after([ask(asked('a', { signal: 's' }), asked('b')), { act: 'abort', signal: 's' }])
    expect(wanted(model, 'a')).toMatchObject({ is: 'rejected', code: 'EGONE' })
    expect(model.lineOf('b')?.number).toBe(2)
  })

  test('one signal for all leaves no place to those who wait with it', () => {
    const model = after([
      ask(asked('a', { signal: 's' }), asked('b', { signal: 's' })),
      { act: 'abort', signal: 's' },
    ])
    expect(model.origins[0]?.lines).toHaveLength(1)
    expect(model.counts).toEqual({ open: 0, idle: 0, waiting: 0 })
  })

  test('behind close() who waits is served, newcomers are not, and nothing stays', () => {
    const model = after([
      ask(asked('a'), asked('b')),
      { act: 'close' },
      replied('a'),
      ask(asked('c')),
      replied('b'),
    ])
    expect(wanted(model, 'b')?.is).toBe('resolved')
    expect(wanted(model, 'c')).toMatchObject({ code: 'EPOOLCLOSED' })
    expect(model.counts.open).toBe(0)
  })
})

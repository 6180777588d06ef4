import { describe, expect, test } from 'vitest'
import { CacheModel, type Ask } from '../../labs/16-truncation-and-retry/cache-model.ts'
import { ageAtComing, isKept, lifetimeOf, saidIn } from '../../labs/16-truncation-and-retry/cache-rules.ts'
import { cameOf, type Cut } from '../../labs/16-truncation-and-retry/cuts.ts'
import { FetchModel, type Wish } from '../../labs/16-truncation-and-retry/fetch-model.ts'
import { lineOf, made, type Reply, type Whole } from '../../labs/16-truncation-and-retry/replies.ts'
import { createRandom } from '../../../workbook/grading/random.ts'

/** What the models of lab 16 say of single states, in the words of its page. */

const START = Date.UTC(1997, 5, 1)
const random = createRandom('models of lab 16')
const lines = (...texts: string[]) => texts.map(lineOf)

describe('a client', () => {
  const call = (wish: Partial<Wish> = {}): FetchModel => new FetchModel({ method: 'GET', ...wish })

  function comes(
    model: FetchModel,
    reply: Reply,
    upTo: Cut = 'whole',
    end: 'open' | 'FIN' | 'RST' = 'open',
  ): void {
    const held: Whole | null = model.held?.tag
      ? { content: whole, tag: model.held.tag, have: model.held.content.length, isTotalKnown: true }
      : null
    const sent = made(reply, { random, now: START, method: 'GET', held })
    if (!reply.rest) whole = sent.content
    model.came(cameOf(sent, upTo, end))
  }
  let whole: Buffer = Buffer.alloc(0)

  test('has an answer with its last byte, or at FIN', () => {
    const [byLength, toFin] = [call(), call()]
    comes(byLength, {})
    expect(byLength.outcome.is).toBe('resolved')
    comes(toFin, { framing: 'FIN' })
    expect(toFin.outcome.is).toBe('pending')
    comes(toFin, { framing: 'FIN' }, 'half', 'FIN')
    expect(toFin.outcome.is).toBe('resolved')
  })

  test('holds half an answer to FIN that was reset for a piece', () => {
    const model = call({ retries: 0 })
    comes(model, { framing: 'FIN', size: 50 }, 'half', 'RST')
    expect(model.outcome).toMatchObject({ is: 'truncated', expected: null })
  })

  test('counts what it has, of what was promised', () => {
    const model = call({ retries: 0 })
    comes(model, { size: 50 }, 'half', 'FIN')
    expect(model.outcome).toMatchObject({ is: 'truncated', expected: 50 })
    expect('content' in model.outcome && model.outcome.content.length).toBe(25)
  })

  test('asks for the rest of a strong version alone, and joins it', () => {
    const model = call()
    comes(model, { size: 50, says: ['ETag: "a"'] }, 'half', 'FIN')
    expect(model.range).toEqual({ range: 'bytes=25-', ifRange: '"a"' })
    comes(model, { rest: 'fits' })
    expect(model.outcome).toMatchObject({ is: 'resolved', status: 200, content: whole })
  })

  test.each(['ETag: W/"a"', 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'])(
    'asks for all behind %s',
    (line) => {
      const model = call()
      comes(model, { size: 50, says: [line] }, 'half', 'FIN')
      expect([model.attempts, model.range]).toEqual([2, null])
    },
  )

  test('joins nothing of another version, and asks for all then', () => {
    const model = call({ retries: 2 })
    comes(model, { size: 50, says: ['ETag: "a"'] }, 'half', 'FIN')
    comes(model, { rest: 'of another version' })
    expect([model.attempts, model.range, model.outcome.is]).toEqual([3, null, 'pending'])
  })

  test('waits for mayRepeat, once', () => {
    const model = call({ method: 'POST', mayRepeat: true, retries: 2 })
    comes(model, {}, 'nothing', 'FIN')
    expect([model.asked, model.waits, model.attempts]).toEqual([1, true, 1])
    model.decided(true)
    comes(model, {}, 'nothing', 'RST')
    expect([model.asked, model.waits, model.attempts]).toEqual([1, false, 3])
  })
})

describe('the rules of a cache', () => {
  test('read directives as a list, with its quotes', () => {
    const said = saidIn(lines('Cache-Control: MAX-AGE=5 ,, ext="a, no-store"', 'cache-control: public'))
    expect([...said]).toEqual([
      ['max-age', '5'],
      ['ext', 'a, no-store'],
      ['public', ''],
    ])
  })

  test.each([
    ['Cache-Control: s-maxage=1, max-age=2', 1],
    ['Cache-Control: max-age=2', 2],
    ['Cache-Control: max-age=-2', 0],
    ['Expires: 0', 0],
  ])('%s lasts %i s', (line, seconds) => {
    expect(lifetimeOf(lines(line, 'Date: Sun, 01 Jun 1997 00:00:00 GMT'))).toBe(seconds * 1000)
  })

  test('take the larger of two ages', () => {
    const date = 'Date: Sat, 31 May 1997 23:59:50 GMT'
    expect(ageAtComing(lines(date, 'Age: 3'), START, START)).toBe(10_000)
    expect(ageAtComing(lines(date, 'Age: 3'), START - 9_000, START)).toBe(12_000)
  })

  const question = { method: 'GET', host: 'a', target: '/', lines: [] }
  const answer = { status: 200, content: Buffer.alloc(1), lines: lines('Cache-Control: max-age=1') }

  test('keep what says how long it lasts, for all', () => {
    expect(isKept(question, answer)).toBeNull()
    expect(isKept({ ...question, lines: lines('Authorization: x') }, answer)).toContain('Authorization')
    expect(isKept(question, { ...answer, status: 206 })).toContain('206')
    expect(isKept(question, { ...answer, lines: [] })).not.toBeNull()
    expect(isKept(question, { ...answer, lines: lines('ETag: "a"') })).toBeNull()
    expect(isKept(question, { ...answer, status: 404, lines: lines('ETag: "a"') })).toContain('404')
  })
})

describe('a cache', () => {
  const get = (target = '/a', ...fields: string[]) => ({
    method: 'GET',
    host: 'a',
    target,
    lines: lines(...fields),
  })
  const answer = (size: number, ...fields: string[]) => {
    return { status: 200, content: Buffer.alloc(size), lines: lines('Cache-Control: max-age=10', ...fields) }
  }
  const states = (...asks: Ask[]) => asks.map(({ state }) => state.is)

  test('gives out what is fresh, and asks to the millisecond', () => {
    const model = new CacheModel(100)
    model.came(model.ask(get(), START), answer(1, 'ETag: "a"'), START)
    expect(model.ask(get(), START + 9_999).state).toMatchObject({ is: 'answered', age: 9 })
    const stale = model.ask(get(), START + 10_000)
    expect(stale.state).toMatchObject({ is: 'upstream', condition: ['If-None-Match', '"a"'] })
    model.came(stale, { status: 304, content: Buffer.alloc(0), lines: [] }, START + 10_000)
    expect(states(stale, model.ask(get(), START + 19_999))).toEqual(['answered', 'answered'])
  })

  test('lets others wait, and share what is for all', () => {
    const model = new CacheModel(100)
    const asks = [1, 2, 3].map(() => model.ask(get(), START))
    expect(states(...asks)).toEqual(['upstream', 'waits', 'waits'])
    model.came(asks[0]!, answer(1, 'Vary: *'), START)
    expect(states(...asks)).toEqual(['answered', 'upstream', 'upstream'])
    const late = [model.ask(get(), START), model.ask(get(), START)]
    expect(late[0]).toMatchObject({ state: { is: 'upstream' }, requirement: 'R14' })
    expect(states(...late)).toEqual(['upstream', 'waits'])
  })

  test('keeps nothing that was asked for before a change', () => {
    const model = new CacheModel(100)
    const [old, change] = [model.ask(get(), START), model.ask({ ...get(), method: 'PUT' }, START)]
    model.came(change, { ...answer(0), status: 204 }, START)
    const next = model.ask(get(), START)
    model.came(old, answer(1), START)
    expect(states(old, next, model.ask(get(), START))).toEqual(['answered', 'upstream', 'waits'])
  })

  test('lets go what was not used for longest', () => {
    const model = new CacheModel(100)
    for (const target of ['/a', '/b']) model.came(model.ask(get(target), START), answer(50), START)
    model.ask(get('/a'), START)
    model.came(model.ask(get('/c'), START), answer(1), START)
    expect(states(...['/a', '/c', '/b'].map((target) => model.ask(get(target), START)))).toEqual([
      'answered',
      'answered',
      'upstream',
    ])
  })

  test('fails with all who wait', () => {
    const model = new CacheModel(100)
    const asks = [model.ask(get(), START), model.ask(get(), START)]
    model.failed(asks[0]!)
    expect(states(...asks)).toEqual(['failed', 'failed'])
  })
})

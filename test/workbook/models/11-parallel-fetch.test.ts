import { describe, expect, test } from 'vitest'
import * as reference from '../../../solutions/11-parallel-fetch/parallel.ts'
import * as asyncIterators from '../../labs/11-parallel-fetch/right/async-iterators.ts'
import * as eventsAndCallbacks from '../../labs/11-parallel-fetch/right/events-and-callbacks.ts'
import { imagesIn } from '../../labs/11-parallel-fetch/html-model.ts'
import { lastEvent, PageModel, quickestOf, wrongEvent } from '../../labs/11-parallel-fetch/model.ts'
import { LINES, PAGES } from '../../labs/11-parallel-fetch/tables.ts'

/** What the models of lab 11 say of single states, and that right programs say the same on every row. */

const RIGHT = { reference, asyncIterators, eventsAndCallbacks }
const pages = Object.values(PAGES)
  .flat()
  .map((html) => html.replaceAll('$a', '/ant.png').replaceAll('$b', '/bee.png').replaceAll('$A', '/Ant.png'))

describe.each(Object.entries(RIGHT))('%s', (_, program) => {
  test('finds in every page, and in every beginning of one, what the model finds', () => {
    for (const html of pages)
      for (let length = 0; length <= html.length; length++) {
        const begun = html.slice(0, length)
        expect(program.imageTargets(begun), begun).toEqual(imagesIn(begun))
      }
  })

  test('says of every line what the model says', () => {
    for (const line of Object.values(LINES).flat())
      expect(program.quickest(line), JSON.stringify(line)).toEqual(quickestOf(line))
  })
})

test('images are found in the order of the document, each once', () => {
  const html = '<img src=/b#1><!--<img src=/c>--><IMG alt=">" src="/a?x&amp;y"><img src=\'/b\'><img src="/d"'
  expect(imagesIn(html)).toEqual(['/b', '/a?x&y'])
})

test('quickest: the first number of connections that is within a tenth', () => {
  expect(quickestOf({ objects: 2, bytes: 450, rttMs: 50, bytesPerMs: 1, maxConnections: 2 })).toEqual({
    connections: 1,
    ms: 1_100,
  })
  expect(quickestOf({ objects: 10, bytes: 8, rttMs: 64, bytesPerMs: 8, maxConnections: 6 })).toEqual({
    connections: 5,
    ms: 266,
  })
})

/** A client that does at once what the plan says, on connections numbered as they come. */
function follow(model: PageModel): string[] {
  const { asks, opens } = model.plan()
  const numbers = [...model.free]
  let next = model.links.size + 1
  const fresh = Array.from({ length: opens }, () => next++)
  const told = asks.map(({ target, requirement }) => {
    const number = numbers.shift() ?? fresh.shift() ?? -1
    expect(model.asked(target, number)).toBe(null)
    return `${target} on ${number}, by ${requirement}`
  })
  model.seen()
  return told
}

test('a cap of two, without reuse: the page, one image beside it, and the next behind each answer', () => {
  const model = new PageModel('/', 2, false)
  expect(follow(model)).toEqual(['/ on 1, by R2'])
  model.shows(['/a', '/b', '/c'])
  expect(model.asked('/b', 2)?.requirement).toBe('R4')
  expect(follow(model)).toEqual(['/a on 2, by R3'])
  expect(model.asked('/b', 3)?.requirement).toBe('R4')
  model.lost(2, 'ECONNRESET')
  expect(follow(model)).toEqual(['/b on 3, by R6'])
  expect(model.asked('/a', 4)?.requirement).toBe('R6')
  model.answered(1, true)
  expect(follow(model)).toEqual(['/c on 4, by R4'])
  expect(model.isDone).toBe(false)
  for (const { number } of model.underWay) model.answered(number, true)
  expect([model.isDone, model.hasFailures, model.free]).toEqual([true, true, []])
})

test('with reuse: a free connection before a new one, and none that is over', () => {
  const model = new PageModel('/', 3, true)
  follow(model)
  model.shows(['/a'])
  expect(follow(model)).toEqual(['/a on 2, by R3'])
  model.answered(2, true)
  model.seen()
  model.shows(['/a', '/b', '/c'])
  expect(model.plan().opens).toBe(1)
  expect(follow(model)).toEqual(['/b on 2, by R3', '/c on 3, by R3'])
  model.answered(2, false)
  model.seen()
  model.shows(['/a', '/b', '/c', '/d'])
  expect(model.asked('/d', 2)?.requirement).toBe('R8')
  expect(follow(model)).toEqual(['/d on 4, by R3'])
})

test('tags in one piece with the end of the page may find its connection free, or not yet', () => {
  const model = new PageModel('/', 3, true)
  follow(model)
  model.shows(['/a'])
  model.answered(1, true)
  expect(model.plan().opens).toBe(1)
  const full = new PageModel('/', 1, true)
  follow(full)
  full.shows(['/a'])
  full.answered(1, true)
  expect(full.plan().opens).toBe(0)
})

test('a refused connection fails its image alone, and all that wait behind it', () => {
  const model = new PageModel('/', 2, false)
  follow(model)
  model.refuses = true
  model.shows(['/a', '/b'])
  expect(model.plan().asks).toEqual([])
  expect([...model.fates]).toEqual([
    ['/', 'asked'],
    ['/a', { failed: 'ECONNREFUSED' }],
    ['/b', { failed: 'ECONNREFUSED' }],
  ])
})

test('events: bytes that have come and no more, rising, and one end', () => {
  const body = { come: 5, length: 10, failed: false }
  const some = { target: '/a', bytes: 5, state: 'some' }
  expect(wrongEvent(some, [], body)).toBe(null)
  expect(wrongEvent(some, [some], body)).toMatch('behind 5')
  expect(wrongEvent({ ...some, bytes: 6 }, [], body)).toMatch('5 have come')
  expect(wrongEvent({ ...some, bytes: 0 }, [], body)).toMatch('behind 0')
  const whole = { ...some, bytes: 10, state: 'whole' }
  expect(wrongEvent(whole, [some], { ...body, come: 10 })).toBe(null)
  expect(wrongEvent({ ...whole, state: 'some' }, [some], { ...body, come: 10 })).toMatch('some with 10')
  expect(wrongEvent(whole, [whole], { ...body, come: 10 })).toMatch('behind whole')
  const failed = { ...some, state: 'failed' }
  expect(wrongEvent(failed, [some], { ...body, failed: true })).toBe(null)
  expect(wrongEvent(failed, [some], body)).toMatch('failed with')
  expect(lastEvent({ come: 0, length: 0, failed: false })).toEqual({ bytes: 0, state: 'whole' })
  expect(lastEvent({ come: 0, length: 4, failed: false })).toBe(null)
})

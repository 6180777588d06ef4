import { expect, test } from 'vitest'
import { ClientModel } from '../../labs/18-multiplexing/client-model.ts'
import { ServerModel, type Seen } from '../../labs/18-multiplexing/model.ts'
import type { Shown } from '../../labs/18-multiplexing/peer.ts'

/** What the models of lab 18 demand, without any socket. */

const BODY = Buffer.from('twelve bytes')

function shown(part: Partial<Shown> = {}): Shown {
  const sections = [[[':status', '200']]] as unknown as Shown['sections']
  return { sections, body: Buffer.alloc(0), ended: false, reset: null, granted: 0, took: 0, ...part }
}

function seen(part: Partial<Seen> = {}): Seen {
  return { streams: new Map(), calls: new Map(), goaway: null, ended: 'open', ...part }
}

function dataOf(stream: number, bytes: Buffer) {
  return { type: 0, flags: 0, stream, payload: bytes, data: bytes }
}

test('a server sends as far as both windows allow, and no further', () => {
  const model = new ServerModel(10)
  model.setsInitial(5)
  const line = model.opens(1, 'stream 1')
  Object.assign(line, { isWhole: true, answer: { fields: [], status: 200, body: BODY } })
  const calls = new Map([[1, 1]])
  const nothing = seen({ calls, streams: new Map([[1, shown()]]) })
  expect(model.judge(nothing)).toMatchObject({
    requirement: 'R6',
    saw: '0 of 12 bytes, and your server idle',
  })
  expect(model.follows([dataOf(1, BODY.subarray(0, 6))])).toMatchObject({ requirement: 'R6' })
  expect(model.follows([dataOf(1, BODY.subarray(0, 5))])).toBeNull()
  expect(
    model.judge(seen({ calls, streams: new Map([[1, shown({ body: BODY.subarray(0, 5) })]]) })),
  ).toBeNull()
  model.grants(line, 7)
  expect(model.follows([dataOf(1, BODY.subarray(5))])).toBeNull()
  const all = shown({ body: BODY, ended: true })
  expect(model.judge(seen({ calls, streams: new Map([[1, all]]) }))).toBeNull()
})

test('two bodies take turns, as long as both have a window', () => {
  const model = new ServerModel(10)
  for (const id of [1, 3])
    Object.assign(model.opens(id, `stream ${id}`), {
      isWhole: true,
      answer: { fields: [], status: 200, body: BODY },
    })
  const [one, three] = [dataOf(1, BODY.subarray(0, 4)), dataOf(3, BODY.subarray(0, 4))]
  expect(model.follows([one, three, one])).toBeNull()
  expect(model.follows([three, three])).toMatchObject({ requirement: 'R7' })
})

test('a place is free when the stream has ended and its handler is done', () => {
  const model = new ServerModel(1)
  const first = model.opens(1, 'stream 1')
  first.isWhole = true
  model.resets(first)
  expect(model.opens(3, 'stream 3').kept).toBe('refused')
  first.answer = { fields: [], status: 200, body: BODY }
  expect(model.opens(5, 'stream 5').kept).toBe('taken')
  model.isLeaving = true
  expect(model.opens(7, 'stream 7').kept).toBe('untouched')
})

test('a client repeats once what was refused, and nothing that was reset otherwise', () => {
  const model = new ClientModel()
  const asked = { method: 'POST', target: '/', authority: 'a', fields: [], body: BODY }
  const line = model.asks(asked)
  model.resets(line, 'REFUSED_STREAM')
  expect([line.id, line.isSecond, line.wanted.is]).toEqual([3, true, 'pending'])
  model.resets(line, 'REFUSED_STREAM')
  expect(line.wanted).toMatchObject({ is: 'rejected', code: 'REFUSED_STREAM' })
  const other = model.asks(asked)
  model.resets(other, 'CANCEL')
  expect(other.wanted).toMatchObject({ is: 'rejected', code: 'CANCEL' })
})

test('a client keeps to the limit, and GOAWAY rules out what is above its number', () => {
  const model = new ClientModel()
  model.sets(2, undefined)
  const lines = [1, 2, 3].map((number) =>
    model.asks({ method: 'GET', target: `/${number}`, authority: 'a', fields: [], body: Buffer.alloc(0) }),
  )
  expect(lines.map(({ id }) => id)).toEqual([1, 3, 0])
  model.goesAway(1)
  expect(lines.map(({ wanted }) => wanted.is)).toEqual(['pending', 'rejected', 'rejected'])
})

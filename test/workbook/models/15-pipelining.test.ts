import { describe, expect, test } from 'vitest'
import { ServerModel, type Sent } from '../../labs/15-pipelining/server-model.ts'

const request = (name: string, more: Partial<Sent> = {}): Sent => ({
  name,
  method: 'GET',
  closes: false,
  answerCloses: false,
  ...more,
})

function serverWith(maxWaiting: number, ...requests: readonly Sent[]): ServerModel {
  const model = new ServerModel(maxWaiting)
  for (const each of requests) model.came(each)
  return model
}

describe('the model of a pipelining server', () => {
  test('answers leave in the order of their requests, whichever is ready first', () => {
    const model = serverWith(2, request('A'), request('B'), request('C'))
    model.ready(1)
    expect([model.given, model.answered]).toEqual([2, 0])
    model.ready(0)
    expect([model.given, model.answered]).toEqual([3, 2])
  })

  test('an unsafe method waits for all before it, and all behind it wait', () => {
    const model = serverWith(9, request('A'), request('B', { method: 'POST' }), request('C'))
    expect(model.handed(2)).toMatchObject({
      requirement: 'R9',
      why: expect.stringContaining('B is handled alone'),
    })
    model.ready(0)
    expect([model.given, model.answered]).toEqual([2, 1])
  })

  test('nothing is given behind a close, and its answer is the last', () => {
    const model = serverWith(9, request('A'), request('B', { closes: true }), request('C'))
    expect(model.handed(3)).toMatchObject({ requirement: 'R11' })
    model.ready(0)
    model.ready(1)
    expect(model.fin).toMatchObject({ requirement: 'R11' })
  })
})

describe('what has come and was not given when close() is called', () => {
  const full = (): ServerModel => {
    const model = serverWith(
      2,
      request('A'),
      request('B', { answerCloses: true }),
      request('C'),
      request('D'),
    )
    model.closing()
    return model
  }

  test('may be left', () => {
    const model = full()
    model.ready(0)
    model.ready(1)
    expect([model.given, model.answered]).toEqual([2, 2])
    expect(model.fin).not.toBeNull()
  })

  test('may be given as soon as there is room, before an answer that says close has left', () => {
    const model = full()
    for (const index of [0, 1, 2]) model.ready(index)
    expect(model.handed(3)).toBeNull()
    expect(model.answered).toBe(2)
  })

  test('is not given behind an answer that said close', () => {
    const model = full()
    for (const index of [0, 1, 2, 3]) model.ready(index)
    expect(model.handed(4)).toMatchObject({ requirement: 'R11' })
  })

  test('is not given before there is room', () => {
    expect(full().handed(3)).toMatchObject({ requirement: 'R10' })
  })
})

import { describe, expect, test } from 'vitest'
import { Model, type Lookup, type Reply } from '../../labs/02-name-resolution/model.ts'
import { absent, alias, code, found, rec, records, TRUNCATED } from '../../labs/02-name-resolution/steps.ts'
import { messageOf } from '../../labs/02-name-resolution/wire-format.ts'

/** What the model of lab 02 says of single questions, without a program. */

const modelOf = (servers = 2, attempts = 2): Model => new Model({ servers, attempts, timeoutMs: 100 })
const first = ({ lookups }: Model): Lookup => lookups[0] as Lookup
const due = ({ due: all }: Model): string[] =>
  all.map(({ server, over, name, type }) => `${name} ${type} ${over} ${server}`)

/** Asks for `shop`, gives these replies, and tells what has become of the call. */
function asked(...replies: readonly Reply[]): unknown {
  const model = modelOf()
  model.call(0, 'shop', 'A')
  for (const reply of replies) model.reply(first(model), reply)
  return model.results.get(0) ?? due(model)
}

describe('one question', () => {
  test.each<[string, Reply[], unknown]>([
    ['waits', [], ['shop A UDP 0']],
    ['is answered', [found('shop', 9, 2)], { addresses: [0, 1], canonical: 'shop', ttl: 9 }],
    ['goes to the next server', [code(2)], ['shop A UDP 1']],
    ['fails as the last server does', [code(2), code(2), 'nonsense', code(5)], { code: 'EREFUSED' }],
    ['goes over TCP', [TRUNCATED], ['shop A TCP 0']],
    ['leaves a connection that ends', [TRUNCATED, 'ended'], ['shop A UDP 1']],
    ['finds no name', [absent(3)], { code: 'ENOTFOUND' }],
    ['finds no data', [records(rec('other', 1))], { code: 'ENODATA' }],
    ['asks for the target', [code(2), records(alias('shop', 'cdn'))], ['cdn A UDP 0']],
    ['refuses a loop', [records(alias('shop', 'cdn'), alias('cdn', 'shop'))], { code: 'EBADRESP' }],
    [
      'takes the least TTL',
      [records(rec('cdn', 4, 50), alias('shop', 'cdn', 20))],
      { addresses: [4], canonical: 'cdn', ttl: 20 },
    ],
  ])('%s', (_, replies, wanted) => {
    expect(asked(...replies)).toEqual(wanted)
  })

  test('asks in rounds, each server for its time', () => {
    const model = modelOf()
    model.call(0, 'shop', 'A')
    model.tick(99)
    expect(due(model)).toEqual([])
    model.tick(1)
    expect(due(model)).toEqual(['shop A UDP 1'])
    model.tick(300)
    expect([due(model), model.results.get(0)]).toEqual([
      ['shop A UDP 0', 'shop A UDP 1'],
      { code: 'ETIMEOUT' },
    ])
  })

  test('ends with close()', () => {
    const model = modelOf()
    model.call(0, 'shop', 'A')
    model.close()
    model.call(1, 'shop', 'A')
    expect([...model.results.values()]).toEqual([{ code: 'ECANCELLED' }, { code: 'ECANCELLED' }])
  })
})

/** Asks, gives this reply, lets time pass, and asks again. */
function again(reply: Reply, later: number, type: 'A' | 'AAAA' = 'A'): [string, unknown] {
  const model = modelOf()
  model.call(0, 'shop', 'A')
  model.reply(first(model), reply)
  model.later(later)
  return [model.call(1, 'shop', type), model.results.get(1) ?? due(model)]
}

describe('a question that was asked before', () => {
  test.each<[string, [string, unknown], [string, unknown]]>([
    ['is kept', again(found('shop', 9), 8_999), ['R16', { addresses: [0], canonical: 'shop', ttl: 0 }]],
    ['is over', again(found('shop', 9), 9_000), ['R16', ['shop A UDP 0']]],
    ['is of another type', again(found('shop', 9), 0, 'AAAA'), ['R16', ['shop AAAA UDP 0']]],
    ['was in vain', again(absent(3, [9, 5]), 4_999, 'AAAA'), ['R17', { code: 'ENOTFOUND' }]],
    ['was in vain for a type', again(absent(0, [9, 5]), 0, 'AAAA'), ['R17', ['shop AAAA UDP 0']]],
    ['was in vain some time ago', again(absent(3, [5, 9]), 5_000), ['R17', ['shop A UDP 0']]],
    ['has no SOA', again(absent(3), 0), ['R17', ['shop A UDP 0']]],
  ])('%s', (_, seen, wanted) => {
    expect(seen).toEqual(wanted)
  })

  test('is shared while it is under way', () => {
    const model = modelOf()
    model.call(0, 'shop', 'A')
    expect([model.call(1, 'shop', 'A'), due(model)]).toEqual(['R18', []])
    model.reply(first(model), found('shop', 0))
    expect(model.results.size).toBe(2)
  })
})

test('a message is as the demo shows it', () => {
  const name = 'prices.lan'
  const answers = [{ name, ttl: 300, data: { a: '192.168.7.3' } }]
  const bytes = messageOf({ id: 0x1002, flags: 0x8500, question: [{ name, type: 1 }], answers })
  expect(bytes.toString('hex')).toBe(
    '10028500000100010000000006707269636573036c616e0000010001c00c000100010000012c0004c0a80703',
  )
})

import { describe, expect, test } from 'vitest'
import type { Request, Response } from '../../../labs/kit/http.ts'
import * as reference from '../../../solutions/10-connection-header/connection-header.ts'
import * as asyncGenerators from '../../labs/10-connection-header/right/async-generators.ts'
import * as eventsAndClasses from '../../labs/10-connection-header/right/events-and-classes.ts'
import * as hop from '../../labs/10-connection-header/hop-model.ts'
import {
  keptOf,
  maxForwardsAfter,
  optionsOf,
  stepOf,
  viaAfter,
  viaOf,
  whyRemoved,
  type Line,
  type Role,
  type Said,
  type Version,
} from '../../labs/10-connection-header/model.ts'
import * as tables from '../../labs/10-connection-header/tables.ts'

/** What the models of lab 10 say of single states, and that right programs say the same on every row. */

const NAMES: Readonly<Record<string, string>> = { a: 'x-ant', b: 'x-bee', c: 'x-cat', d: 'x-dog' }

function linesOf(row: tables.Lines): Line[] {
  return row.map((text) => {
    const line = text.replace(/\$([a-d])\1?/gi, (_, letter: string) => NAMES[letter.toLowerCase()] ?? '')
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
}

const rowsOf = (table: Readonly<Record<string, readonly tables.Lines[]>>): Line[][] =>
  Object.values(table).flat().map(linesOf)

const saidBy = ({ version, headers }: { version: Version; headers: readonly Line[] }): Said => {
  return { version, options: optionsOf(headers) }
}

const RIGHT = { reference, asyncGenerators, eventsAndClasses }
const FIELDS = [tables.NAMED, tables.UNNAMED, tables.PROTECTED, tables.KEPT, tables.VIAS].flatMap(rowsOf)

describe.each(Object.entries(RIGHT))('%s', (_, program) => {
  test('reads every list as the model does', () => {
    for (const headers of [...rowsOf(tables.LISTS), ...FIELDS])
      expect(program.connectionOptions(headers)).toEqual(optionsOf(headers))
  })

  test('removes of every row what the model removes', () => {
    for (const headers of FIELDS) {
      const removed = program.fieldsToRemove(headers)
      const names = headers.map(([name]) => name)
      const wrong = names.filter(
        (name) => removed.includes(name.toLowerCase()) !== (whyRemoved(name, headers) !== null),
      )
      expect(wrong, JSON.stringify(headers)).toEqual([])
    }
  })

  test('passes on of every row what the model keeps', () => {
    for (const headers of FIELDS) {
      const given: Request = { method: 'GET', target: '/', version: '1.0', headers, body: Buffer.from('') }
      const passed = program.forward(given, { name: 'pier', received: '1.0' }).headers
      const via = passed.filter(([name]) => name.toLowerCase() === 'via').map(([, value]) => value)
      expect(passed.filter(([name]) => name.toLowerCase() !== 'via')).toEqual(keptOf(given))
      expect(viaOf(via)).toBe(viaAfter(given, { name: 'pier', received: '1.0' }))
    }
  })

  test('decides about every exchange as the model does', () => {
    const said = (['1.0', '1.1'] as const).flatMap((version) =>
      tables.SAYINGS.map((row) => ({ version, headers: linesOf(row), body: Buffer.from('') })),
    )
    for (const role of ['client', 'server', 'proxy'] as const satisfies Role[])
      for (const asked of said)
        for (const answered of said) {
          const request: Request = { method: 'GET', target: '/', ...asked }
          const response: Response = { status: 200, reason: 'OK', ...answered }
          const { persists } = stepOf(role, saidBy(asked), saidBy(answered))
          expect(program.persists({ request, response, role })).toBe(persists)
        }
  })
})

describe('the model of the functions', () => {
  test.each([
    ['Authorization', ['Connection: authorization'], 'Connection names it'],
    ['Host', ['Connection: host'], null],
    ['Upgrade', [], 'it belongs to the hop'],
    ['Upgrade-Insecure-Requests', ['Connection: upgrade'], null],
    ['Content-Length', ['Connection: content-length'], null],
    ['Content-Length', ['Transfer-Encoding: chunked'], 'Transfer-Encoding overrides it'],
    ['Trailer', [], null],
    ['Proxy-Authorization', [], null],
  ])('%s beside %j', (name, others, why) => {
    expect(whyRemoved(name, [[name, '1'], ...linesOf(others)])).toBe(why)
  })

  test.each([
    ['TRACE', '5', 4n],
    ['OPTIONS', '1', 0n],
    ['GET', '5', null],
    ['trace', '5', null],
    ['TRACE', 'five', null],
    ['TRACE', '1000000000000000000000', 999999999999999999999n],
  ])('%s with Max-Forwards: %s', (method, value, left) => {
    const message = {
      method,
      version: '1.1',
      headers: [['Max-Forwards', value]],
      body: Buffer.from(''),
    } as const
    expect(maxForwardsAfter({ ...message, headers: [['max-forwards', value]] })).toBe(left)
    expect(maxForwardsAfter(message)).toBe(left)
  })
})

describe('the model of the hop', () => {
  const ask = (
    state: hop.Asked['state'],
    how: hop.How = 'new',
    method: hop.Asked['method'] = 'GET',
  ): hop.Asked => ({ target: '/', method, how, state, saysClose: null })
  const client = (...requests: hop.Asked[]): hop.Client => ({ requests, begun: false, end: 'open' })
  const line = (last: hop.Client, asked: hop.Asked | null = null): hop.Line => ({
    asked,
    last,
    over: false,
    gone: 'open',
    spoken: false,
  })
  const world = (...clients: hop.Client[]): hop.Hop => ({ clients, lines: [], closing: null })

  test('gives one request of a client its turn', () => {
    const asker = client(ask('answered'), ask('at the next hop'), ask('waits'))
    expect(hop.turnOf(world(asker), asker)).toBe(asker.requests[1])
    expect(hop.answersDue(asker)).toEqual([asker.requests[0]])
  })

  test('gives nothing its turn behind the last request, nor behind a cut answer', () => {
    for (const asker of [
      client(ask('answered', 'new, close'), ask('waits')),
      client(ask('cut'), ask('waits')),
    ])
      expect(hop.turnOf(world(asker), asker)).toBeNull()
  })

  test.each([
    ['keeps who has its answers', client(ask('answered')), 'open', 'R11'],
    ['keeps whom it has answered itself', client(ask('answered', 'new', 'TRACE')), 'open', 'R11'],
    ['ends who said close', client(ask('answered', 'new, close')), 'FIN', 'R11'],
    ['ends an HTTP/1.0 client', client(ask('answered', 'old, keep-alive')), 'FIN', 'R11'],
    ['answers before it ends', { ...client(ask('at the next hop')), end: 'FIN' as const }, 'open', 'R11'],
    ['ends behind the FIN of a client', { ...client(ask('answered')), end: 'FIN' as const }, 'FIN', 'R11'],
  ] as const)('%s', (_what, asker, value, requirement) => {
    expect(hop.clientEnd(world(asker), asker)).toMatchObject({ value, requirement })
  })

  test.each([
    ['an idle client', client(), 'FIN'],
    ['half a request', { ...client(), begun: true }, 'open'],
    ['a request in progress', client(ask('at the next hop')), 'open'],
    ['a request behind one that was answered since', client(ask('answered'), ask('waits')), 'either'],
  ] as const)('close() finds %s', (_what, asker, value) => {
    const closing = new Map([[asker, asker.requests.length > 1 ? 1 : hop.inProgress(asker)]])
    expect(hop.clientEnd({ ...world(asker), closing }, asker).value).toBe(value)
  })

  test.each([
    ['one that stays, for its client', (asker: hop.Client) => line(asker), 'open'],
    ['one that does not stay', (asker: hop.Client) => ({ ...line(asker), over: true }), 'ended'],
    [
      'one that the next hop has ended',
      (asker: hop.Client) => ({ ...line(asker), gone: 'FIN' as const }),
      'ended',
    ],
    [
      'one whose client has reset',
      (asker: hop.Client) => line({ ...asker, end: 'RST' }, ask('at the next hop')),
      'either',
    ],
    ['one whose client has ended', (asker: hop.Client) => line({ ...asker, end: 'FIN' }), 'either'],
  ] as const)('leaves %s as it must', (_what, lineFor, value) => {
    const asker = client(ask('answered'))
    expect(hop.lineEnd(world(asker), lineFor(asker)).value).toBe(value)
  })
})

import { expect, test } from 'vitest'
import { faultOf } from '../../workbook/learner/hear.ts'
import type { Order, Reply } from '../../workbook/learner/messages.ts'
import { calling, gradeHostile, problemOf, told, useEngine } from './engine.ts'

/** What comes from a learner process is a stranger's: no message makes the grader throw, stall or swell. */

useEngine()

const answered = (op: Order['op'], value: unknown, ok = true): string | undefined =>
  faultOf({ key: '', re: 1, ok, value }, () => op)?.saw
const news = (message: object): string | undefined =>
  faultOf({ key: '', ...message } as unknown as Reply, () => undefined)?.saw

const CALM = {
  sockets: [],
  datagrams: [],
  listening: [],
  timers: { pending: 0, now: 0, nextIn: null, atOnce: false },
}
const ROW = {
  local: 1, remote: 2, read: 0, written: 0, queued: 0,
  finished: false, ended: false, destroyed: false, connecting: false, reading: true,
} // prettier-ignore
const ERROR = { name: 'Error', message: 'm', stack: 's', properties: {} }
const ODD = 'a message to the grader that no program sends'
const PARTS = 'a message to the grader with a value of more than 1000000 parts'
const MARKS = 'a message to the grader with a mark that no program makes'

const cyclic: unknown[] = []
cyclic.push(cyclic)
/** Sixty arrays in memory, and 2 ^ 60 when they are gone through. */
const doubled = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], [])

test.each<[what: string, op: Order['op'], value: unknown, saw: string | undefined]>([
  ['a right answer', 'barrier', { ...CALM, sockets: [ROW] }, undefined],
  ['nothing', 'barrier', null, ODD],
  ['no rows', 'barrier', { ...CALM, sockets: 5 }, ODD],
  ['a row of no socket', 'barrier', { ...CALM, sockets: [null] }, ODD],
  ['bytes below nothing', 'barrier', { ...CALM, sockets: [{ ...ROW, read: -1 }] }, ODD],
  ['bytes without end', 'barrier', { ...CALM, sockets: [{ ...ROW, written: Infinity }] }, ODD],
  ['a switch that is neither', 'barrier', { ...CALM, sockets: [{ ...ROW, ended: 'no' }] }, ODD],
  ['a datagram of no port', 'barrier', { ...CALM, datagrams: [{ local: 1, open: true, sent: { 2: 'x' }, received: {}, only: null }] }, ODD],
  ['a datagram from no place', 'barrier', { ...CALM, datagrams: [{ local: 1, open: true, sent: {}, received: {}, only: 5 }] }, ODD],
  ['no timers', 'barrier', { ...CALM, timers: null }, ODD],
  ['sockets without end', 'barrier', { ...CALM, sockets: Array(1e8) }, 'a message to the grader of more than 10000 sockets in one check'],
  ['time that goes back', 'advance', -5, ODD],
  ['time that is none', 'advance', NaN, ODD],
  ['calls of no handle', 'handle-calls', [{}], ODD],
  ['writes of no handle', 'writes', [{}], ODD],
  ['an array of holes', 'call', Array(300_000_000), PARTS],
  ['an array in itself', 'call', cyclic, 'a message to the grader with a value nested deeper than 64'],
  ['an array that doubles', 'call', doubled, PARTS],
  ['a mark of nothing', 'call', { $workbook: 'nothing' }, MARKS],
  ['an error without one', 'call', { $workbook: 'error', error: null }, MARKS],
  ['an instance without a number', 'call', { $workbook: 'instance', id: 'x', methods: [], data: {} }, MARKS],
  ['methods that are none', 'call', [{ $workbook: 'instance', id: 1, methods: 5, data: {} }], MARKS],
  ['fields that are none', 'call', new Map([[1, { $workbook: 'plain', fields: 'ab' }]]), MARKS],
  ['a right value', 'call', { a: [1, 'b', new Map([[1, new Set(['x'])]])], e: { $workbook: 'error', error: ERROR } }, undefined],
])('an answer that is %s', (_, op, value, saw) => {
  expect(answered(op, value)).toBe(saw)
}) // prettier-ignore

test.each<[what: string, value: unknown, saw: string | undefined]>([
  ['nothing', undefined, ODD],
  ['no mark', { error: ERROR }, ODD],
  ['an error of no text', { $workbook: 'error', error: { ...ERROR, message: 5 } }, ODD],
  ['a right one', { $workbook: 'error', error: ERROR }, undefined],
])('a rejection with %s', (_, value, saw) => {
  expect(answered('call', value, false)).toBe(saw)
})

test.each<[what: string, message: object, saw: string | undefined]>([
  ['a crash without an error', { event: 'crash', origin: 'uncaught', error: null }, ODD],
  ['an exit without a way', { event: 'exit', how: {}, stack: '' }, ODD],
  ['a refusal of no text', { event: 'forbidden', what: ['x'], stack: '' }, ODD],
  ['a name that is too long', { event: 'lookup', host: 'x'.repeat(1_000), answer: '' }, ODD],
  ['a call-back without arguments', { callback: 1, fn: 0, args: 'none' }, ODD],
  ['a call-back of a name', { callback: 1, fn: 'constructor', args: [] }, ODD],
  ['a call-back with holes', { callback: 1, fn: 0, args: Array(5_000_000) }, PARTS],
  ['an event of another kind', { event: 'passed' }, ODD],
  ['nothing at all', {}, ODD],
  ['a right look-up', { event: 'lookup', host: 'example.org', answer: 'ENOTFOUND' }, undefined],
])('news of %s', (_, message, saw) => {
  expect(news(message)).toBe(saw)
})

const SAID: ReadonlyArray<readonly [name: string, verdict: RegExp]> = [
  ['instancesOfEverything', /^passed$/],
  ['holes', /it rejected: RangeError: a value of more than 500000 parts cannot cross to the grader$/],
  ['own-map', /^passed$/],
]

test.each(SAID)('%s of a program: %s', async (name, verdict) => {
  expect(told(await gradeHostile('crossing', calling(name)))).toMatch(verdict)
})

test('names that are looked up without end are a program without end', { timeout: 120_000 }, async () => {
  const verdict = await gradeHostile('crossing', calling('looksUp'), {
    limits: { messages: 500, cpuSeconds: 30 },
  })
  expect(problemOf(verdict)).toMatchObject({ kind: 'crashed' })
  const hosts = verdict.wire.flatMap((event) => (event.kind === 'lookup' ? [event.host.length] : []))
  expect(Math.max(...hosts)).toBe(300)
})

import { expect, test } from 'vitest'
import { figureFromTranscript } from '../../workbook/figure/from-transcript.ts'
import { readFigure } from '../../workbook/figure/read-figure.ts'
import { standalone } from '../../workbook/figure/standalone.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { figureTable } from '../../workbook/figure/table.ts'
import type { WireEvent } from '../../workbook/wire/transcript.ts'
import { makeFigure, segment } from './figure-fixtures.ts'
import { data, printed, segment as wireSegment } from './report-fixtures.ts'

/** A learner's run becomes a figure like those of the pages. */

const OPTIONS = { title: 'Lab 12, R3', command: 'npm run ladder -- 12 R3' }
const REQUEST = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

/** One of every kind. */
const ALL: readonly WireEvent[] = [
  { kind: 'note', from: 'peer', text: 'serve() is called' },
  wireSegment('connect', 'peer', 'client', 1),
  data('peer', 'client', 1, REQUEST),
  { kind: 'lookup', host: 'origin.test', answer: '127.0.0.1' },
  wireSegment('connect', 'you', 'origin', 2),
  wireSegment('connect', 'you', 'origin', 3),
  data('you', 'origin', 3, '\u0000\u0001'),
  printed('hello'),
  { kind: 'tick', by: 4999, now: 4999 },
  { kind: 'idle', note: '' },
  { kind: 'note', from: 'you', text: 'a gate opened' },
  wireSegment('fin', 'you', 'client', 1),
  wireSegment('rst', 'peer', 'origin', 2),
]

test('every kind of event has its words, its lane and its number', () => {
  const { lanes, events } = figureFromTranscript(ALL, OPTIONS)
  expect(lanes.map(({ name }) => name)).toEqual(['client', 'you', 'origin'])
  const told = events.map((event) => {
    if (event.kind !== 'segment') return `${event.kind} ${event.lane}: ${event.label}`
    return `${event.from} > ${event.to} #${event.connection ?? '-'} ${event.type}: ${event.label}`
  })
  expect(told).toEqual([
    'note null: serve() is called',
    'peer-1 > you #- syn: SYN',
    'peer-1 > you #- data: GET /a HTTP/1.1 (28 B)',
    'note you: looks up origin.test: 127.0.0.1',
    'you > peer-2 #1 syn: SYN',
    'you > peer-2 #2 syn: SYN',
    String.raw`you > peer-2 #2 data: \x00\x01 (2 B)`,
    'note you: prints hello',
    'note null: 4999 ms pass; it is now 4999 ms',
    'silence you: nothing more comes: idle',
    'note you: a gate opened',
    'you > peer-1 #- fin: FIN',
    'peer-2 > you #1 rst: RST',
  ])
})

test('such a figure is a record like any other: it is written, read and drawn', () => {
  const figure = figureFromTranscript(ALL, OPTIONS)
  expect(readFigure(JSON.stringify(figure), 'run.json')).toEqual(figure)
  expect(drawFigure(figure)).toContain('GET /a HTTP/1.1')
})

test('a run in which nothing passed says so', () => {
  const { events } = figureFromTranscript([], OPTIONS)
  expect(events.map(({ label }) => label)).toEqual(['Nothing has passed on the wire.'])
  expect(drawFigure(figureFromTranscript([], OPTIONS))).toContain('Nothing has passed')
})

test('many chunks in a row are one arrow, which says how many', () => {
  const chunks = Array.from({ length: 9 }, () => data('you', 'client', 1, 'abc'))
  expect(figureFromTranscript(chunks, OPTIONS).events.map(({ label }) => label)).toEqual([
    'abcabcabcabcabcabcabcabcabc (9 chunks, 27 B)',
  ])
})

test('a long run keeps its beginning and what is around the place where it went wrong', () => {
  const long = Array.from({ length: 200 }, (_, index): WireEvent => {
    return { kind: 'note', from: 'you', text: `event ${index}` }
  })
  const labels = (wrongAt: number): string[] =>
    figureFromTranscript(long, { ...OPTIONS, wrongAt, most: 20 }).events.map(({ label }) => label)
  expect(labels(199)).toHaveLength(19)
  expect(labels(199).slice(0, 5)).toEqual([
    'event 0',
    'event 1',
    'event 2',
    'event 3',
    '182 events are left out',
  ])
  expect(labels(199).at(-1)).toBe('event 199')
  const middle = labels(100)
  expect(middle).toContain('event 100')
  expect(middle.filter((label) => label.endsWith('left out'))).toHaveLength(2)
  expect(middle.length).toBeLessThanOrEqual(20)
})

test('peers beyond the third share a lane, and each arrow names its own', () => {
  const wires = ['a', 'b', 'c', 'd'].map((lane, index) => wireSegment('connect', 'you', lane, index + 1))
  const { lanes, events } = figureFromTranscript(wires, OPTIONS)
  expect(lanes.map(({ name }) => name)).toEqual(['you', 'a', 'b', '2 other peers'])
  expect(events.map(({ label }) => label)).toEqual(['SYN', 'SYN', 'c: SYN', 'd: SYN'])
})

test('the table tells the same, with times, states and what was lost', () => {
  const figure = makeFigure({
    title: 'A & B',
    unit: 'rtt',
    events: [
      segment('GET /<a>', 0, { arrived: 0.5, connection: 1 }),
      segment('GET /b', 1, { arrived: null, connection: 2 }),
      { kind: 'state', lane: 'server', from: 1, to: null, label: 'TIME-WAIT' },
      { kind: 'silence', lane: 'client', from: 1, to: 3, label: 'nothing' },
      { kind: 'note', lane: null, at: 3, label: 'over' },
    ],
  })
  expect(figureTable(figure)).toBe(`<table class="figure-table">
<caption>A &amp; B</caption>
<thead><tr><th scope="col">Time (round trips)</th><th scope="col">From</th><th scope="col">To</th><th scope="col">What</th></tr></thead>
<tbody>
<tr><th scope="row">0 to 0.5</th><td>client</td><td>server</td><td>Connection 1: GET /&lt;a&gt;</td></tr>
<tr><th scope="row">1</th><td>client</td><td>server</td><td>Connection 2: GET /b (lost on its way)</td></tr>
<tr><th scope="row">from 1</th><td>server</td><td></td><td>State: TIME-WAIT</td></tr>
<tr><th scope="row">1 to 3</th><td>client</td><td></td><td>Silence: nothing</td></tr>
<tr><th scope="row">3</th><td>all</td><td></td><td>over</td></tr>
</tbody>
</table>
`)
})

test('a page by itself holds the drawing and the table, and loads nothing', () => {
  const page = standalone(figureFromTranscript(ALL, OPTIONS))
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
  expect(page.match(/<svg /g)).toHaveLength(1)
  expect(page.match(/<table /g)).toHaveLength(1)
  expect(page).toContain('Recorded by both ends of a real run. Again with: npm run ladder -- 12 R3')
  expect(page).not.toMatch(/<script|<link|src=|href=/)
})

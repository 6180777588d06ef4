import { expect, test } from 'vitest'
import { columnsOf } from '../../workbook/wire/columns.ts'
import { drawLadder } from '../../workbook/wire/ladder.ts'
import type { WireEvent } from '../../workbook/wire/transcript.ts'
import { data, IDLE_WIRE, printed, segment } from './report-fixtures.ts'

const draw = (events: readonly WireEvent[], width: number): string =>
  `\n${drawLadder(events, { width }).join('\n')}\n`

const REQUEST = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

/** A proxy between a client and an origin with two connections. */
const PROXY: readonly WireEvent[] = [
  segment('connect', 'peer', 'client', 1),
  data('peer', 'client', 1, REQUEST),
  { kind: 'lookup', host: 'origin.test', answer: '127.0.0.1' },
  segment('connect', 'you', 'origin', 2),
  segment('connect', 'you', 'origin', 3),
  data('you', 'origin', 2, REQUEST),
  data('peer', 'origin', 3, 'HTTP/1.1 204 No Content\r\n\r\n'),
  segment('rst', 'peer', 'origin', 2),
  segment('rst', 'you', 'client', 1),
]

test('an empty transcript draws nothing', () => {
  expect(drawLadder([], { width: 80 })).toEqual([])
})

test('two lanes: segments, bytes, time, silence and printed lines in one column', () => {
  expect(draw(IDLE_WIRE, 74)).toBe(String.raw`
you                                                                 client
 │◀── SYN ─────────────────────────────────────────────────────────────│
 │◀── GET /1 HTTP/1.1\r\nHost: a\r\n\r\n (28 B) ───────────────────────│
 │    you printed │ GET /1                                             │
 │─── HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello (43 B) ───────▶│
 │    · · idle proven · ·                                              │
 │    ◷ 4999 ms pass (now 4999)                                        │
 │    ◷ 1 ms pass (now 5000)                                           │
 │    · · idle proven: the connection is open · ·                      │
`)
})

test('a reset ends in a cross, a close in an arrow', () => {
  const ends = [segment('fin', 'peer', 'server', 1), segment('rst', 'you', 'server', 1)]
  expect(draw(ends, 60)).toBe(`
you                                                   server
 │◀── FIN ───────────────────────────────────────────────│
 │─── RST ──────────────────────────────────────────────✗│
`)
})

test('notes of a program without a wire stand in a single lane', () => {
  const notes: WireEvent[] = [
    { kind: 'note', from: 'peer', text: 'timeline({ rtt: 40 }) is called' },
    printed('here'),
  ]
  expect(draw(notes, 60)).toBe(`
you
 │    timeline({ rtt: 40 }) is called
 │    you printed │ here
`)
})

test('three chunks in a row are three arrows, four are one', () => {
  const chunks = (many: number): WireEvent[] =>
    Array.from({ length: many }, () => data('peer', 'server', 1, 'x'.repeat(100)))
  expect(drawLadder(chunks(3), { width: 60 })).toHaveLength(1 + 3)
  expect(draw(chunks(4), 60)).toBe(`
you                                                   server
 │◀── xxxxxxxxxxxxxxxxxxxxxxxxxxxx… (4 chunks, 400 B) ───│
`)
})

test('chunks of another direction or connection are not merged', () => {
  const two = Array.from({ length: 4 }, (_, index) => data('peer', 'server', 1 + (index % 2), 'x'))
  const turns = Array.from({ length: 4 }, (_, index) => data(index % 2 ? 'you' : 'peer', 'server', 1, 'x'))
  expect(drawLadder(two, { width: 60 })).toHaveLength(1 + 4)
  expect(drawLadder(turns, { width: 60 })).toHaveLength(1 + 4)
})

test('the same idle proof again says nothing new', () => {
  const idle: WireEvent[] = [
    { kind: 'idle', note: 'idle' },
    { kind: 'idle', note: 'idle' },
  ]
  expect(drawLadder([segment('fin', 'you', 'server', 1), ...idle], { width: 60 })).toHaveLength(1 + 1 + 1)
})

test('24 rows are drawn; of more the middle is folded and the end kept', () => {
  const turns = (many: number): WireEvent[] =>
    Array.from({ length: many }, (_, index) => data(index % 2 ? 'you' : 'peer', 'server', 1, `turn ${index}`))
  expect(drawLadder(turns(24), { width: 60 }).join('\n')).not.toContain('⋮')
  const folded = drawLadder(turns(50), { width: 60 })
  expect(folded).toHaveLength(1 + 24)
  expect(folded[4]).toContain(' turn 3 ')
  expect(folded[5]).toContain('⋮ 27 earlier events')
  expect(folded[6]).toContain(' turn 31 ')
  expect(folded.at(-1)).toContain(' turn 49 ')
})

const TURNS = Array.from({ length: 60 }, (_, index) =>
  data(index % 2 ? 'you' : 'peer', 'server', 1, `turn ${index}`),
)
const texts = (lines: readonly string[]): string[] =>
  lines.slice(1).map((line) => /turn \d+|⋮ [^│]*\w|✗ .*\w/.exec(line)?.[0] ?? line)

test('the point where it went wrong is marked behind its event, and what followed stands below', () => {
  const wire = [segment('fin', 'you', 'server', 1), { kind: 'tick', by: 5, now: 5 } as const]
  const wrong = { at: 1, expected: 'the connection still open', saw: 'FIN from you' }
  expect(`\n${drawLadder(wire, { width: 70, wrong }).join('\n')}\n`).toBe(`
you                                                             server
 │─── FIN ────────────────────────────────────────────────────────▶│
 │  ✗ expected the connection still open, saw FIN from you         │
 │    ◷ 5 ms pass (now 5)                                          │
`)
})

test('a long run is folded around the point where it went wrong, before and behind it', () => {
  const wrong = { at: 40, expected: 'FIN', saw: 'turn 39' }
  const rows = texts(drawLadder(TURNS, { width: 60, wrong }))
  expect(rows).toHaveLength(24)
  expect(rows.slice(0, 5)).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3', '⋮ 23 earlier events'])
  expect(rows.slice(5, 6)).toEqual(['turn 27'])
  expect(rows.slice(-7)).toEqual([
    'turn 39',
    '✗ expected FIN, saw turn 39',
    'turn 40',
    'turn 41',
    'turn 42',
    'turn 43',
    '⋮ 16 later events',
  ])
})

test.each([
  [8, 0],
  [8, 3],
  [8, 60],
  [12, 30],
  [24, 59],
  [40, 20],
  [61, 5],
])(
  'in %i rows the mark behind event %i is there, and every event is drawn or counted once',
  (maxRows, at) => {
    const rows = texts(drawLadder(TURNS, { width: 60, wrong: { at, expected: 'a', saw: 'b' }, maxRows }))
    const folded = rows.map((row) => Number(/⋮ (\d+)/.exec(row)?.[1] ?? 0)).reduce((a, b) => a + b, 0)
    expect(rows.length).toBeLessThanOrEqual(maxRows)
    expect(rows.filter((row) => row.startsWith('✗'))).toHaveLength(1)
    expect(rows.filter((row) => row.startsWith('turn'))).toHaveLength(60 - folded)
    const mark = rows.findIndex((row) => row.startsWith('✗'))
    expect(['turn -1', ...rows][mark]).toBe(`turn ${at - 1}`)
  },
)

test('a mark that finds no room says the fact, and leaves the rest to the lines below', () => {
  const saw = 'nothing: your server is idle, the connection still open'
  const wrong = { at: 1, expected: 'FIN from your server', saw }
  const wire = [segment('connect', 'peer', 'client', 1)]
  expect(drawLadder(wire, { width: 60, wrong })[2]).toBe(
    ' │  ✗ expected FIN from your server, saw nothing         │',
  )
})

test('where a mark has no room for both, what was seen stands before what should have been, in its own words', () => {
  const saw = 'a lookup of "[2001:db8::1]": brackets'
  const wrong = { at: 1, expected: 'a connection to the address that the URL names', saw }
  const wire = [segment('connect', 'peer', 'client', 1)]
  expect(drawLadder(wire, { width: 60, wrong })[2]).toBe(
    ' │  ✗ saw a lookup of "[2001:db8::1]": brackets          │',
  )
  expect(drawLadder(wire, { width: 60, wrong: { ...wrong, saw: '13' } })[2]).toBe(
    ' │  ✗ expected a connection to the address tha…, saw 13  │',
  )
})

test('a fold counts the events behind a merged arrow', () => {
  const turns = (many: number): WireEvent[] =>
    Array.from({ length: many }, (_, index) => data(index % 2 ? 'peer' : 'you', 'server', 1, 'turn'))
  const chunks = Array.from({ length: 10 }, () => data('peer', 'server', 2, 'chunk'))
  // 27 rows: 4 at the start and 19 at the end stay, the ten chunks and three turns go.
  const ladder = drawLadder([...turns(4), ...chunks, ...turns(22)], { width: 60 })
  expect(ladder[5]).toContain('⋮ 13 earlier events')
})

test('40 printed lines are drawn, then how many more there were', () => {
  const lines = Array.from({ length: 52 }, (_, index) => printed(`line ${index + 1}`))
  const ladder = drawLadder([...lines, segment('fin', 'you', 'server', 1)], { width: 60 })
  expect(ladder).toHaveLength(1 + 40 + 1 + 1)
  expect(ladder[1]).toBe(' │    you printed │ line 1                               │')
  expect(ladder[40]).toBe(' │                │ line 40                              │')
  expect(ladder[41]).toBe(' │                │ … 12 more lines                      │')
  expect(ladder[42]).toContain('FIN')
})

test('what a program prints cannot break the columns', () => {
  const lines = [
    '\u001B[31mred\u001B[0m\ttab',
    'bell\u0007',
    '한글 두 칸',
    'e\u0301',
    `long ${'한'.repeat(40)}`,
  ].map(printed)
  expect(draw([...lines, segment('fin', 'you', 'server', 1)], 60)).toBe(String.raw`
you                                                   server
 │    you printed │ red  tab                             │
 │                │ bell\x07                             │
 │                │ 한글 두 칸                           │
 │                │ é                                    │
 │                │ long 한한한한한한한한한한한한한한…   │
 │─── FIN ──────────────────────────────────────────────▶│
`)
})

test.each([60, 61, 67, 74, 80, 93, 120, 200])('at %i columns every line ends at the same bar', (width) => {
  const long = '\xff'.repeat(300)
  const four = [
    ...PROXY,
    data('you', 'cache', 4, long),
    data('peer', 'a lane with a very long name', 5, long),
  ]
  for (const events of [
    IDLE_WIRE,
    PROXY,
    four,
    [...four, ...Array.from({ length: 9 }, () => data('peer', 'cache', 4, long))],
  ]) {
    const [names = '', ...rows] = drawLadder(events, { width })
    const widths = new Set(rows.map(columnsOf))
    expect(widths.size).toBe(1)
    expect(Math.max(columnsOf(names), ...widths)).toBeLessThanOrEqual(width)
    expect(rows.every((row) => row.startsWith(' │') && row.endsWith('│'))).toBe(true)
  }
})

test('paint sees each piece once, and without it nothing is lost', () => {
  const pieces: string[] = []
  const [, row] = drawLadder([segment('rst', 'you', 'server', 1)], {
    width: 60,
    paint: (style, text) => {
      pieces.push(style)
      return text.toUpperCase()
    },
  })
  expect(pieces).toEqual(['you', 'peer', 'lane', 'reset', 'lane'])
  expect(row).toBe(drawLadder([segment('rst', 'you', 'server', 1)], { width: 60 })[1])
})

test.each([
  ['a', 1],
  ['é', 1],
  ['e\u0301', 1],
  ['한', 2],
  ['漢', 2],
  ['カ', 2],
  ['ｶ', 1],
  ['Ａ', 2],
  ['\u{1F680}', 2],
  ['─▶✗◷…', 5],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns)
})

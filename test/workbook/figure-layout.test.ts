import { expect, test } from 'vitest'
import type { Figure, FigureEvent } from '../../workbook/figure/figure.ts'
import { overlap, turnedBox, type Shape } from '../../workbook/figure/geometry.ts'
import { layOutFigure, shapeOf } from '../../workbook/figure/layout.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { textWidth } from '../../workbook/figure/text.ts'
import { committedFigures, makeFigure, segment } from './figure-fixtures.ts'

/** No text lies on another, on an arrow or outside: of every figure of the pages, and of odd ones. */

const COMMITTED = committedFigures()

test.each(COMMITTED)('$name: every text has a place of its own inside the drawing', ({ figure }) => {
  const svg = drawFigure(figure)
  const texts = textsIn(svg)
  expect(texts.length).toBeGreaterThanOrEqual(figure.events.length + figure.lanes.length)
  expect(collisions(texts)).toEqual([])
  expect(texts.filter((text) => !inside(text.shape, sizeOf(svg))).map(({ says }) => says)).toEqual([])
})

test.each(COMMITTED)(
  '$name: no label lies on an arrow of another event, and none needs a key',
  ({ figure }) => {
    const { labels, arrows } = layOutFigure(figure)
    const crossed = labels.flatMap((label) =>
      arrows
        .filter(({ event }) => event !== figure.events[label.event])
        .flatMap(({ shapes }) => shapes)
        .filter((arrow) => overlap(shapeOf(label, label.place), arrow))
        .map(() => label.lines.join(' ')),
    )
    expect(crossed).toEqual([])
    expect(labels.filter(({ kind }) => kind === 'key')).toEqual([])
  },
)

test.each(COMMITTED)('$name: narrow enough for a phone', ({ figure }) => {
  expect(sizeOf(drawFigure(figure)).width).toBeLessThanOrEqual(560)
})

test('the same figure is drawn the same, and two figures share no id', () => {
  const [one, other] = [makeFigure(), makeFigure({ title: 'Another' })].map(drawFigure)
  expect(drawFigure(makeFigure())).toBe(one)
  const ids = [one, other].flatMap((svg) => [...(svg ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  expect(new Set(ids).size).toBe(4)
})

test('what stands in a record is text, never markup', () => {
  const svg = drawFigure(
    makeFigure({ title: '<b>&"', events: [segment('<script>alert(1)</script>\u0000', 0)] }),
  )
  for (const markup of ['<script', '<b>', '\u0000']) expect(svg).not.toContain(markup)
  expect(svg).toContain('&lt;b&gt;&amp;&quot;')
})

test('equal times are equal distances where only time is to be seen', () => {
  const events = [0, 1, 2, 3].map((at) => segment(`${at}`, at, { arrived: at + 0.5 }))
  const { axis, arrows } = layOutFigure(makeFigure({ unit: 'rtt', events }))
  const steps = arrows.slice(1).map(({ from }, index) => from.y - (arrows[index]?.from.y ?? 0))
  expect(axis.linear).toBe(true)
  expect(new Set(steps.map((step) => step.toFixed(6))).size).toBe(1)
})

test('of a very long wait the middle is left out, and the axis says how long it was', () => {
  const events = [segment('GET /', 0, { arrived: 1 }), segment('200 OK', 60_000, { arrived: 60_001 })]
  const drawing = layOutFigure(makeFigure({ unit: 'ms', events }))
  expect(drawing.height).toBeLessThan(400)
  expect(drawing.axis.breaks).toHaveLength(1)
  expect(drawing.axis.ticks.map(({ text }) => text)).toContain('60000')
})

test('an axis that begins again counts from 0 again', () => {
  const events = [0, 1, 5, 6].map((at) => segment(`${at}`, at, { arrived: at + 1 }))
  const drawing = layOutFigure(makeFigure({ unit: 'rtt', restarts: [0, 5], events }))
  expect(drawing.axis.ticks.map(({ text }) => text)).toEqual(['0', '1', '2', '0', '1', '2'])
})

test('what is under way at the same moment stays parallel and apart', () => {
  const bundle = ['/a', '/b', '/c'].map((file) => segment(`GET ${file}`, 0))
  const { arrows } = layOutFigure(makeFigure({ unit: 'rtt', events: bundle }))
  const slopes = arrows.map(({ from, to }) => (to.y - from.y).toFixed(6))
  expect(new Set(slopes).size).toBe(1)
  expect(new Set(arrows.map(({ from }) => from.y)).size).toBe(3)
})

test('where too much happens at once, a key says it, and still nothing lies on anything', () => {
  const events = Array.from({ length: 12 }, (_, index): FigureEvent => {
    return { kind: 'note', lane: 'client', at: 0, label: `remark ${index} that is rather long` }
  })
  const figure = makeFigure({ events })
  expect(layOutFigure(figure).labels.some(({ kind }) => kind === 'key')).toBe(true)
  expect(collisions(textsIn(drawFigure(figure)))).toEqual([])
})

test('forty odd records, drawn by chance from one seed: no text lies on another', () => {
  const next = random(7)
  for (let round = 0; round < 40; round++) {
    const figure = oddFigure(next)
    expect({ round, found: collisions(textsIn(drawFigure(figure))) }).toEqual({ round, found: [] })
  }
})

// --- helpers ---

interface Text {
  readonly says: string
  readonly shape: Shape
}

/** Every label and name of a drawing as it was emitted: what stands in one group may touch itself. */
function textsIn(svg: string): Text[] {
  const groups = [
    ...svg.matchAll(
      /<g class="label[^"]*" transform="translate\(([^ ]+) ([^)]+)\)(?: rotate\(([^)]+)\))?">(.*)<\/g>/g,
    ),
  ]
  const labels = groups.flatMap(([, x, y, degrees = '0', inner = '']) =>
    textElements(inner).map(({ says, middle, width, baseline }) => {
      const angle = (Number(degrees) * Math.PI) / 180
      const [across, down] = [middle, baseline - 5]
      const centre = {
        x: Number(x) + across * Math.cos(angle) - down * Math.sin(angle),
        y: Number(y) + across * Math.sin(angle) + down * Math.cos(angle),
      }
      return { says, shape: turnedBox(centre, width, 13, angle) }
    }),
  )
  const others = textElements(svg.replaceAll(/<g class="label.*/g, '')).map(
    ({ says, middle, width, baseline }) => {
      return { says, shape: turnedBox({ x: middle, y: baseline - 5 }, width, 13, 0) }
    },
  )
  return [...labels, ...others]
}

function textElements(markup: string) {
  return [...markup.matchAll(/<text x="([^"]+)" y="([^"]+)"(?: text-anchor="(\w+)")?>([^<]*)<\/text>/g)].map(
    ([, x = '', y = '', anchor = 'start', words = '']) => {
      const says = words
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
      const width = textWidth(says, 15)
      const middle = Number(x) + { start: width / 2, middle: 0, end: -width / 2 }[anchor as 'start']
      return { says, middle, width, baseline: Number(y) }
    },
  )
}

function collisions(texts: readonly Text[]): string[] {
  return texts.flatMap((one, index) =>
    texts
      .slice(0, index)
      .filter((other) => overlap(one.shape, other.shape))
      .map((other) => `${one.says} × ${other.says}`),
  )
}

function sizeOf(svg: string) {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
  return { width: Number(width), height: Number(height) }
}

function inside(shape: Shape, { width, height }: { width: number; height: number }): boolean {
  return shape.left >= 0 && shape.top >= 0 && shape.right <= width && shape.bottom <= height
}

function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * limit)
  }
}

const WORDS = [
  'GET',
  'HTTP/1.1',
  '200 OK',
  'Connection:',
  'keep-alive',
  'FIN',
  '512 B',
  'x'.repeat(30),
  '한국어',
]

function oddFigure(next: (limit: number) => number): Figure {
  const lanes = ['client', 'server', 'proxy', 'origin'].slice(0, 2 + next(3)).map((id) => ({ id, name: id }))
  const lane = (): string => lanes[next(lanes.length)]?.id ?? 'client'
  const label = (): string => Array.from({ length: 1 + next(6) }, () => WORDS[next(WORDS.length)]).join(' ')
  const events = Array.from({ length: 1 + next(20) }, (_, at): FigureEvent => {
    const [from, kind] = [lane(), next(8)]
    const to = lanes.find(({ id }) => id !== from)?.id ?? 'server'
    if (kind === 0) return { kind: 'note', lane: next(2) === 0 ? null : from, at, label: label() }
    if (kind === 1) return { kind: 'silence', lane: from, from: at, to: at + 1, label: label() }
    if (kind === 2) return { kind: 'state', lane: from, from: at, to: at + 2, label: label() }
    return segment(label(), at, { from, to, arrived: next(9) === 0 ? null : at + 1 + next(2) })
  })
  return makeFigure({ lanes, unit: (['order', 'ms', 'rtt'] as const)[next(3)] ?? 'order', events })
}

import type { Arrow, Drawing, PlacedLabel } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { Figure, SegmentEvent } from './figure.ts'
import { SHEAF_LINE } from './arrows.ts'
import { angleOf, between, type Point } from './geometry.ts'
import { badgeWidth } from './labels.ts'
import { nameWidth, NAME_PADDING, TOP } from './lanes.ts'
import { streamClass } from './streams.ts'
import { LINES } from './svg-style.ts'
import { escapeXml, textWidth } from './text.ts'

/** The parts of a drawing as elements of SVG, one a line. */

export function drawAxis({ axis, width, lanes, bottom }: Drawing): string[] {
  if (axis.x === 0) return []
  const right = lanes.at(-1)?.x ?? width
  const title = axis.title.map(
    (line, index) => `<text x="${axis.x - 8}" y="${TOP + 12 + index * 17}" text-anchor="end">${line}</text>`,
  )
  const marks = axis.ticks.flatMap(({ y, text }) => [
    `<path d="M${n(axis.x - 4)} ${n(y)}H${n(axis.linear ? right : axis.x)}"/>`,
    `<text x="${axis.x - 8}" y="${n(y + 5)}" text-anchor="end">${escapeXml(text)}</text>`,
  ])
  const line = piecesOf(TOP + 36, bottom - 8, cuts(axis.breaks)).map(
    ([top, end]) => `<path d="M${axis.x} ${n(top)}V${n(end)}"/>`,
  )
  return [
    `<g class="axis${axis.linear ? '' : ' rows'}" aria-hidden="true">`,
    ...title,
    ...marks,
    ...line,
    '</g>',
  ]
}

export function drawLanes({ lanes, axis, silences, bottom }: Drawing): string[] {
  return lanes.flatMap(({ x, name }) => {
    const width = nameWidth(name)
    const boxHeight = name.length * SIZES.line + 2 * NAME_PADDING - 4
    const own = silences.filter((silence) => silence.x === x).map((one) => [one.top, one.bottom] as const)
    const lines = piecesOf(TOP + boxHeight, bottom - 4, [...cuts(axis.breaks), ...own])
    return [
      ...lines.map(([top, end]) => `<path class="lane" d="M${n(x)} ${n(top)}V${n(end)}"/>`),
      ...axis.breaks.map((y) => `<path class="lane" d="${zigzag(x, y)}"/>`),
      `<g class="name"><rect x="${n(x - width / 2)}" y="${TOP}" width="${n(width)}" height="${boxHeight}" rx="5"/>`,
      ...name.map(
        (line, index) =>
          `<text x="${n(x)}" y="${TOP + NAME_PADDING + 12 + index * SIZES.line}" text-anchor="middle">${escapeXml(line)}</text>`,
      ),
      '</g>',
    ]
  })
}

export function drawStates({ bars, silences, dots }: Drawing): string[] {
  return [
    ...bars.map(
      ({ x, top, bottom, width }) =>
        `<g class="state"><rect x="${n(x - width / 2)}" y="${n(top)}" width="${width}" height="${n(bottom - top)}" rx="3"/></g>`,
    ),
    ...silences.map(
      ({ x, top, bottom }) =>
        `<g class="silence"><path d="M${n(x)} ${n(top + 5)}V${n(Math.max(bottom - 3, top + 6))}"/></g>`,
    ),
    ...dots.map(({ x, y }) => `<circle class="dot" cx="${n(x)}" cy="${n(y)}" r="4"/>`),
  ]
}

export function drawArrow(arrow: Arrow): string {
  const { event, from, to, depth } = arrow
  const { width, dashes, head } = LINES[event.type]
  const lost = event.arrived === null
  const neck = lost || head === 'open' || head === 'cross' ? to : back(from, to, SIZES.head - 1)
  const dash = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`
  const line = `<path class="line" stroke-width="${width}"${dash} d="${move(from)}${draw(neck)}"/>`
  return [
    `<g class="${event.type}${streamClass(event)}">`,
    ...(depth === 0 ? [line] : drawSheaf(arrow, line)),
    lost ? cross(to, 8) : HEADS[head](from, to),
    '</g>',
  ].join('')
}

export function drawLabel(label: PlacedLabel, segment: SegmentEvent | null): string {
  const { lines, place, height, width, align, badge, kind } = label
  const degrees = (place.angle * 180) / Math.PI
  const turn = Math.abs(degrees) < 0.05 ? '' : ` rotate(${n(degrees)})`
  const where = `translate(${n(place.centre.x)} ${n(place.centre.y)})${turn}`
  const frame =
    kind === 'all'
      ? `<rect x="${n(-width / 2)}" y="${n(-height / 2)}" width="${n(width)}" height="${n(height)}" rx="6"/>`
      : ''
  const texts = lines.map((line, index) => {
    const y = -(lines.length * SIZES.line) / 2 + index * SIZES.line + 14
    return textAt(line, index === 0 ? badge : null, align, width, y)
  })
  return `<g class="label ${segment ? segment.type + streamClass(segment) : kind}" transform="${where}">${frame}${texts.join('')}</g>`
}

/** Where the last byte has come, of what a remark across all lanes says that it is whole. */
export function drawLastBytes({ arrows }: Drawing, { events }: Figure): string[] {
  const moments = events.flatMap((event) => (event.kind === 'note' && event.lane === null ? [event.at] : []))
  return moments.flatMap((at) => {
    const last = arrows.findLast(({ event }) => event.type === 'data' && event.arrived === at)
    if (!last) return []
    const { to, depth } = last
    return [`<circle class="last" cx="${n(to.x)}" cy="${n(to.y + depth)}" r="5.5"/>`]
  })
}

// --- internal ---

const HEADS: Readonly<Record<'filled' | 'open' | 'hollow' | 'cross', (from: Point, to: Point) => string>> = {
  filled: (from, to) => `<path class="fill" d="${triangle(from, to)}Z"/>`,
  open: (from, to) => `<path class="line" stroke-width="2" d="${chevron(from, to)}"/>`,
  hollow: (from, to) => `<path class="hollow" stroke-width="2" d="${triangle(from, to)}Z"/>`,
  cross: (from, to) => {
    const centre = back(from, to, 7)
    return `<circle class="hollow" stroke-width="2.2" cx="${n(centre.x)}" cy="${n(centre.y)}" r="6.5"/>${cross(centre, 3.4)}`
  },
}

function triangle(from: Point, to: Point): string {
  const [left, right] = wings(from, to)
  return `${move(left)}${draw(to)}${draw(right)}`
}

function chevron(from: Point, to: Point): string {
  const [left, right] = wings(from, to)
  return `${move(left)}${draw(to)}${draw(right)}`
}

function wings(from: Point, to: Point): readonly [Point, Point] {
  const angle = angleOf(from, to)
  const base = back(from, to, SIZES.head)
  const [x, y] = [Math.sin(angle) * 4.8, Math.cos(angle) * 4.8]
  return [
    { x: base.x + x, y: base.y - y },
    { x: base.x - x, y: base.y + y },
  ]
}

/** The point so far before the end of a line. */
function back(from: Point, to: Point, distance: number): Point {
  return between(to, from, distance / Math.hypot(to.x - from.x, to.y - from.y))
}

function cross({ x, y }: Point, size: number): string {
  const [l, r, t, b] = [n(x - size), n(x + size), n(y - size), n(y + size)]
  return `<path class="line" stroke-width="2.6" d="M${l} ${t}L${r} ${b}M${l} ${b}L${r} ${t}"/>`
}

/** Lines close together within a faint body; the label tells how many segments they stand for. */
function drawSheaf({ from, to, depth }: Arrow, line: string): string[] {
  const lines = Math.floor(depth / SHEAF_LINE)
  const down = ({ x, y }: Point, by: number): Point => ({ x, y: y + by })
  const more = Array.from({ length: lines }, (_, index) => {
    const by = ((index + 1) * depth) / lines
    return `${move(down(from, by))}${draw(down(to, by))}`
  })
  return [
    `<path class="sheaf" d="${move(from)}${draw(to)}${draw(down(to, depth))}${draw(down(from, depth))}Z"/>`,
    `<path class="line" stroke-width=".8" stroke-opacity=".3" d="${more.join('')}"/>`,
    line,
  ]
}

function textAt(
  line: string,
  badge: string | null,
  align: PlacedLabel['align'],
  width: number,
  y: number,
): string {
  const words = escapeXml(line)
  if (badge !== null) {
    const taken = badgeWidth(badge)
    const left = -(textWidth(line, SIZES.text) + taken) / 2
    return `${badgeAt(badge, left, y)}<text x="${n(left + taken)}" y="${n(y)}">${words}</text>`
  }
  const x = { start: -width / 2, middle: 0, end: width / 2 }[align]
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${align}">${words}</text>`
}

function badgeAt(badge: string, left: number, y: number): string {
  const width = badgeWidth(badge) - 5
  return (
    `<g class="badge"><rect x="${n(left)}" y="${n(y - 12.5)}" width="${n(width)}" height="16" rx="8"/>` +
    `<text x="${n(left + width / 2)}" y="${n(y - 0.2)}" text-anchor="middle">${escapeXml(badge)}</text></g>`
  )
}

function cuts(breaks: readonly number[]): Array<readonly [number, number]> {
  return breaks.map((y) => [y - 7, y + 7])
}

/** What is left of a line from top to bottom without the stretches that are cut out of it. */
function piecesOf(
  top: number,
  bottom: number,
  without: ReadonlyArray<readonly [number, number]>,
): Array<readonly [top: number, bottom: number]> {
  const pieces: Array<readonly [number, number]> = []
  let at = top
  for (const [from, to] of [...without].sort((a, b) => a[0] - b[0])) {
    if (from > at) pieces.push([at, from])
    at = Math.max(at, to)
  }
  if (bottom > at) pieces.push([at, bottom])
  return pieces
}

function zigzag(x: number, y: number): string {
  return `M${n(x)} ${n(y - 7)}L${n(x - 6)} ${n(y - 3.5)}L${n(x + 6)} ${n(y + 3.5)}L${n(x)} ${n(y + 7)}`
}

function move({ x, y }: Point): string {
  return `M${n(x)} ${n(y)}`
}

function draw({ x, y }: Point): string {
  return `L${n(x)} ${n(y)}`
}

/** A number as short as the eye needs it. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100)
}

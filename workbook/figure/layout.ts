import { layOutArrows } from './arrows.ts'
import type { Arrow, Axis, Bar, Drawing, Label, PlacedLabel, Place, Stretch } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { Figure } from './figure.ts'
import { box, overlap, stroke, turnedBox, type Point, type Shape } from './geometry.ts'
import { keyOf, shortened } from './key.ts'
import { hasSeveralConnections, noteLabel, segmentLabel, silenceLabel, stateLabel } from './labels.ts'
import { BAR_OFFSET, barColumns, layOutColumns, nameWidth, TOP, type Columns } from './lanes.ts'
import { canBeLinear, linearScale, momentsOf, rowScale, type Scale } from './scale.ts'

/**
 * Gives everything in a figure its place. No label touches another one, an arrow of another event or
 * a lane: where one finds no place, the scale grows, and where equal distances can no longer be equal
 * times, every step gets the room that it needs.
 */
export function layOutFigure(figure: Figure): Drawing {
  const columns = layOutColumns(figure)
  const top = columns.header + FIRST
  if (figure.unit !== 'order') {
    for (const perUnit of scalesFor(figure)) {
      const attempt = attemptOn(figure, columns, linearScale(figure, top, perUnit))
      if (attempt.homeless.length === 0) return attempt.drawing
    }
  }
  return layOutRows(figure, columns, top)
}

/** The room that a label takes at a place. */
export function shapeOf(label: Label, { centre, angle }: Place, clear = 0): Shape {
  return turnedBox(centre, label.width + 2 * clear, label.height + 2 * clear, angle)
}

// --- internal ---

interface Attempt {
  readonly drawing: Drawing
  /** Labels that found no place. */
  readonly homeless: readonly Label[]
}

/** From the names to the first moment. */
const FIRST = 22
const ROUNDS = 40
const GROWTH = 5
const ZIGZAG = 16
/** The last step of a silence is high enough to be seen as one. */
const SILENCE = 34

function scalesFor(figure: Figure): number[] {
  const moments = momentsOf(figure)
  const span = (moments.at(-1) ?? 0) - (moments[0] ?? 0)
  const least = figure.unit === 'rtt' ? 104 : Math.max(0.01, 330 / Math.max(span, 1e-9))
  const scales = Array.from({ length: 9 }, (_, index) => least * 1.12 ** index)
  return scales.filter((perUnit) => canBeLinear(figure, perUnit))
}

function layOutRows(figure: Figure, columns: Columns, top: number): Drawing {
  const moments = momentsOf(figure)
  const silences = figure.events.filter((event) => event.kind === 'silence')
  const room = moments.map((moment): number => (silences.some(({ to }) => to === moment) ? SILENCE : 0))
  for (let round = 1; ; round++) {
    const scale = rowScale(figure, top, room)
    const { drawing, homeless } = attemptOn(figure, columns, scale)
    if (homeless.length === 0) return drawing
    if (round === ROUNDS) return layOutWithKey(figure, columns, scale, homeless)
    for (const index of new Set(homeless.flatMap((label) => stepsFor(label, moments, round)))) {
      const [before, after] = [moments[index - 1], moments[index]]
      const height = before === undefined || after === undefined ? 0 : scale.yOf(after) - scale.yOf(before)
      if (index < room.length) room[index] = Math.max(room[index] ?? 0, height) + GROWTH
    }
  }
}

/** Labels without a place are said in a key; a letter that finds none either stands in the key alone. */
function layOutWithKey(figure: Figure, columns: Columns, scale: Scale, homeless: readonly Label[]): Drawing {
  const short = new Set(homeless.map(({ event }) => event))
  for (;;) {
    const attempt = attemptOn(figure, columns, scale, [...short])
    const lost = new Set(attempt.homeless.map(({ event }) => event))
    if ([...lost].every((event) => short.has(event))) {
      const labels = attempt.drawing.labels.filter(({ event, kind }) => kind === 'key' || !lost.has(event))
      return { ...attempt.drawing, labels }
    }
    for (const event of lost) short.add(event)
  }
}

/** Which steps get more room: an arrow gets steeper only where more room above it has not helped. */
function stepsFor({ room }: Label, moments: readonly number[], round: number): number[] {
  const wanted = round % 2 === 0 ? room : room.slice(0, 1)
  return wanted.map(([side, moment]) => moments.indexOf(moment) + (side === 'after' ? 1 : 0))
}

function attemptOn(figure: Figure, columns: Columns, scale: Scale, short: readonly number[] = []): Attempt {
  const arrows = layOutArrows(figure, columns, scale)
  const lowest = Math.max(scale.bottom, ...arrows.flatMap(({ shapes }) => shapes.map(({ bottom }) => bottom)))
  const parts = piecesOf(figure, columns, scale, lowest + 14)
  const full = labelsOf(figure, columns, scale, arrows, parts)
  const labels = full.map((label) => shortened(label, short))
  const { placed, homeless } = placeAll(labels, obstaclesOf(columns, scale, arrows, parts), columns)
  const ends = placed.map((label) => shapeOf(label, label.place).bottom)
  const bottom = Math.ceil(Math.max(lowest + 14, ...ends) + 10)
  const key = keyOf(figure, short, columns, bottom)
  const height =
    key.length === 0
      ? bottom
      : Math.ceil(Math.max(...key.map((entry) => shapeOf(entry, entry.place).bottom)) + 10)
  const goesOn = !figure.events.some(
    (event) => event.kind === 'segment' && scale.yOf(event.sent) >= scale.bottom,
  )
  const silences = parts.silences.map((each) =>
    goesOn && each.bottom >= scale.bottom ? { ...each, bottom } : each,
  )
  const bars = parts.bars.map((bar) => (bar.open ? { ...bar, bottom: bottom - 2 } : bar))
  const axis = axisOf(figure, columns, scale)
  const { width, lanes } = columns
  const { dots } = parts
  return {
    drawing: {
      width,
      height,
      bottom,
      lanes,
      axis,
      arrows,
      bars,
      silences,
      dots,
      labels: [...placed, ...key],
    },
    homeless,
  }
}

interface Pieces {
  /** In the order of the states, silences and notes in the figure. */
  readonly bars: readonly Bar[]
  readonly silences: readonly Stretch[]
  readonly dots: readonly Point[]
}

function piecesOf(figure: Figure, columns: Columns, { yOf }: Scale, bottom: number): Pieces {
  const bars: Bar[] = []
  const silences: Stretch[] = []
  const dots: Point[] = []
  const places = new Map(
    figure.lanes.flatMap(({ id }) =>
      [...barColumns(figure, id)].map((entry) => [entry[0], entry[1]] as const),
    ),
  )
  for (const event of figure.events) {
    if (event.kind === 'state') {
      const aside = BAR_OFFSET + SIZES.bar / 2 + (places.get(event) ?? 0) * SIZES.barStep
      const x = columns.xOf(event.lane) + (isLeftmost(event.lane, columns) ? -aside : aside)
      const [top, end] = [yOf(event.from), event.to === null ? bottom : yOf(event.to)]
      bars.push({ x, top, bottom: Math.max(end, top + 8), width: SIZES.bar, open: event.to === null })
    } else if (event.kind === 'silence') {
      silences.push({ x: columns.xOf(event.lane), top: yOf(event.from), bottom: yOf(event.to) })
    } else if (event.kind === 'note' && event.lane !== null) {
      dots.push({ x: columns.xOf(event.lane), y: yOf(event.at) })
    }
  }
  return { bars, silences, dots }
}

function labelsOf(
  figure: Figure,
  columns: Columns,
  { yOf }: Scale,
  arrows: readonly Arrow[],
  { bars }: Pieces,
): Label[] {
  const last = momentsOf(figure).at(-1)
  const [nextArrow, nextBar] = [arrows.values(), bars.values()]
  return figure.events.map((event, index): Label => {
    if (event.kind === 'note') {
      return { event: index, ...noteLabel(event, yOf(event.at), event.at === last, columns) }
    }
    if (event.kind === 'silence')
      return { event: index, ...silenceLabel(event, yOf(event.from), yOf(event.to), columns) }
    if (event.kind === 'state')
      return {
        event: index,
        ...stateLabel(event, nextBar.next().value as Bar, edgeOf(figure, event.lane, columns), columns),
      }
    const badge = hasSeveralConnections(figure.events, event) ? String(event.connection) : null
    return { event: index, ...segmentLabel(nextArrow.next().value as Arrow, columns, badge) }
  })
}

/** Where the bars beside a lane end. */
function edgeOf(figure: Figure, lane: string, columns: Columns): number {
  const last = Math.max(...barColumns(figure, lane).values())
  const aside = BAR_OFFSET + SIZES.bar + last * SIZES.barStep
  return columns.xOf(lane) + (isLeftmost(lane, columns) ? -aside : aside)
}

/** Beside the first lane the outside is on the left. */
function isLeftmost(lane: string, { indexOf, lanes }: Columns): boolean {
  return indexOf(lane) === 0 && lanes.length > 1
}

interface Obstacles {
  readonly arrows: readonly Shape[]
  /** What a remark across all lanes may cover. */
  readonly lanes: readonly Shape[]
  readonly others: readonly Shape[]
}

function obstaclesOf(
  columns: Columns,
  scale: Scale,
  arrows: readonly Arrow[],
  { bars, dots }: Pieces,
): Obstacles {
  const far = 1e5
  return {
    arrows: arrows.flatMap(({ shapes }) => shapes),
    lanes: columns.lanes.map(({ x }) => stroke({ x, y: 0 }, { x, y: far }, 3)),
    others: [
      ...columns.lanes.map(({ x, name }) => {
        const width = nameWidth(name)
        return box(x - width / 2, TOP, width, columns.header - TOP + 2)
      }),
      box(0, 0, columns.axis, far),
      ...bars.map(({ x, top, bottom, width }) => box(x - width / 2, top, width, bottom - top)),
      ...dots.map(({ x, y }) => box(x - 4, y - 4, 8, 8)),
      ...scale.breaks.map((y) => box(0, y - ZIGZAG / 2, columns.width, ZIGZAG)),
    ],
  }
}

/** Segments have the least choice, so they choose first. */
const TURN = { state: 0, segment: 1, silence: 2, note: 3, all: 4, key: 5 } as const

function placeAll(labels: readonly Label[], obstacles: Obstacles, columns: Columns) {
  const placed: PlacedLabel[] = []
  const homeless: Label[] = []
  const taken: Shape[] = []
  for (const label of [...labels].sort((a, b) => TURN[a.kind] - TURN[b.kind])) {
    const place = label.places.find((each) => isFree(label, each, obstacles, taken, columns))
    if (!place) homeless.push(label)
    const chosen = place ??
      label.places[0] ?? { centre: { x: columns.width / 2, y: columns.header }, angle: 0 }
    placed.push({ ...label, place: chosen })
    taken.push(shapeOf(label, chosen, SIZES.clear / 2))
  }
  return { placed: placed.sort((a, b) => a.event - b.event), homeless }
}

function isFree(
  label: Label,
  place: Place,
  { arrows, lanes, others }: Obstacles,
  taken: readonly Shape[],
  columns: Columns,
): boolean {
  const bare = shapeOf(label, place)
  if (bare.left < SIZES.edge || bare.right > columns.width - SIZES.edge) return false
  const room = shapeOf(label, place, SIZES.clear / 2)
  const hits = (obstacle: Shape): boolean => overlap(room, obstacle)
  if (taken.some(hits) || others.some(hits)) return false
  if (label.kind !== 'all' && lanes.some(hits)) return false
  return !arrows.some((obstacle) => !label.mayCover.includes(obstacle) && hits(obstacle))
}

function axisOf({ unit }: Figure, { axis }: Columns, { ticks, linear, breaks }: Scale): Axis {
  const title = { ms: ['ms'], rtt: ['round', 'trips'], order: [] }[unit]
  return { x: axis, title, ticks, linear, breaks }
}

import type { Figure } from './figure.ts'

/** Where a moment stands on the page. */
export interface Scale {
  readonly linear: boolean
  /** @param time - One of the figure's moments. */
  yOf(time: number): number
  readonly bottom: number
  readonly ticks: ReadonlyArray<{ readonly y: number; readonly text: string }>
  /** Middles of the stretches in which much time is left out. */
  readonly breaks: readonly number[]
}

/** All moments at which something begins, arrives or ends, each once, in order. */
export function momentsOf({ events }: Figure): number[] {
  const moments = events.flatMap((event): Array<number | null> => {
    if (event.kind === 'segment') return [event.sent, event.arrived]
    return event.kind === 'note' ? [event.at] : [event.from, event.to]
  })
  return [...new Set(moments.filter((moment) => moment !== null))].sort((a, b) => a - b)
}

/**
 * Equal distances are equal times.
 *
 * @param perUnit - Units of the drawing for one millisecond or round trip.
 */
export function linearScale(figure: Figure, top: number, perUnit: number): Scale {
  const moments = momentsOf(figure)
  const [first = 0, last = 0] = [moments[0], moments.at(-1)]
  const yOf = (time: number): number => top + (time - first) * perUnit
  const step = figure.unit === 'rtt' ? 1 : niceStep(MIN_TICK / perUnit)
  return { linear: true, yOf, bottom: yOf(last), breaks: [], ticks: linearTicks(figure, yOf, step) }
}

/** Whether all moments can be told apart on a linear scale of a height that a page can show. */
export function canBeLinear(figure: Figure, perUnit: number): boolean {
  const moments = momentsOf(figure)
  const steps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0))
  const height = (moments.at(-1) ?? 0) - (moments[0] ?? 0)
  return steps.every((step) => step * perUnit >= MIN_STEP) && height * perUnit <= MAX_HEIGHT
}

/**
 * Moments in rows: every step has the room that its labels need, a longer time gets more room, and of
 * a very long one the middle is left out.
 *
 * @param room - Least height of the step before each moment, by the moment's index.
 */
export function rowScale(figure: Figure, top: number, room: readonly number[]): Scale {
  const moments = momentsOf(figure)
  const ys: number[] = []
  const breaks: number[] = []
  for (const [index, moment] of moments.entries()) {
    const before = ys.at(-1)
    const { height, cut } = stepOf(figure, moment - (moments[index - 1] ?? moment), room[index] ?? 0)
    if (cut && before !== undefined) breaks.push(before + height / 2)
    ys.push(before === undefined ? top + (room[0] ?? 0) : before + height)
  }
  const yOf = (time: number): number => ys[moments.indexOf(time)] ?? top
  const ticks = figure.unit === 'order' ? [] : rowTicks(figure, moments, ys)
  return { linear: false, yOf, bottom: ys.at(-1) ?? top, breaks, ticks }
}

/** The time from the last restart of the axis, as a person writes it. */
export function timeText({ restarts = [] }: Figure, time: number): string {
  const since = time - (restarts.findLast((restart) => restart <= time) ?? 0)
  const digits = since < 10 ? 2 : 1
  return String(Number(since.toFixed(digits)))
}

// --- internal ---

const MIN_TICK = 44
const MIN_STEP = 9
const MAX_HEIGHT = 1600
/** Units for one unit of time, in rows. */
const PER_UNIT = { ms: 3.2, rtt: 110, order: 0 } as const
/** In a capture, a packet takes no time, so the next one needs more room. */
const MIN_ROW = { ms: 32, rtt: 17, order: 17 } as const
/** A longer step has its middle left out. */
const MAX_ROW = 170
const CUT_ROW = 84
const TICK_ROOM = 17

function stepOf(figure: Figure, time: number, room: number): { height: number; cut: boolean } {
  const wanted = time * PER_UNIT[figure.unit]
  const cut = wanted > MAX_ROW
  return { height: Math.max(MIN_ROW[figure.unit], cut ? CUT_ROW : wanted, room), cut }
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power
}

/** Between the end of one run and the restart for the next, nothing is counted. */
function linearTicks(figure: Figure, yOf: (time: number) => number, step: number): Scale['ticks'] {
  const moments = momentsOf(figure)
  const starts = [...new Set([moments[0] ?? 0, ...(figure.restarts ?? [])])].sort((a, b) => a - b)
  return starts.flatMap((start, index) => {
    const next = starts[index + 1] ?? Infinity
    const end = moments.findLast((moment) => moment < next) ?? start
    const count = Math.floor((end - start) / step + 1e-9) + 1
    return Array.from({ length: count }, (_, tick) => {
      const time = start + tick * step
      return { y: yOf(time), text: timeText(figure, time) }
    })
  })
}

function rowTicks(figure: Figure, moments: readonly number[], ys: readonly number[]): Scale['ticks'] {
  const ticks: Array<{ y: number; text: string }> = []
  for (const [index, moment] of moments.entries()) {
    const [y, text, before] = [ys[index] ?? 0, timeText(figure, moment), ticks.at(-1)]
    if (!before || (y - before.y >= TICK_ROOM && text !== before.text)) ticks.push({ y, text })
  }
  return ticks
}

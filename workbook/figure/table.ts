import type { Figure, FigureEvent, SegmentEvent } from './figure.ts'
import { hasSeveralConnections } from './labels.ts'
import { timeText } from './scale.ts'
import { escapeXml } from './text.ts'

/** The same as the drawing, for those who do not see it: an HTML table of what happens, in order. */
export function figureTable(figure: Figure): string {
  const rows = [...figure.events.entries()]
    .sort(([, a], [, b]) => beginOf(a) - beginOf(b))
    .map(([, event], index) => rowOf(figure, event, index))
  const head = [TIMES[figure.unit], 'From', 'To', 'What']
  return [
    '<table class="figure-table">',
    `<caption>${escapeXml(figure.title)}</caption>`,
    `<thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows,
    '</tbody>',
    '</table>',
    '',
  ].join('\n')
}

// --- internal ---

const TIMES = { ms: 'Time (ms)', rtt: 'Time (round trips)', order: 'Step' } as const

function rowOf(figure: Figure, event: FigureEvent, index: number): string {
  const time = figure.unit === 'order' ? String(index + 1) : timesOf(figure, event)
  const nameOf = (id: string): string => figure.lanes.find((lane) => lane.id === id)?.name ?? id
  const [from, to] =
    event.kind === 'segment' ? [nameOf(event.from), nameOf(event.to)] : [placeOf(event, nameOf), '']
  const cells = [from, to, whatOf(figure, event)].map((text) => `<td>${escapeXml(text)}</td>`)
  return `<tr><th scope="row">${escapeXml(time)}</th>${cells.join('')}</tr>`
}

function beginOf(event: FigureEvent): number {
  if (event.kind === 'segment') return event.sent
  return event.kind === 'note' ? event.at : event.from
}

function endOf(event: FigureEvent): number | null {
  if (event.kind === 'segment') return event.arrived
  return event.kind === 'note' ? event.at : event.to
}

function timesOf(figure: Figure, event: FigureEvent): string {
  const [begin, end] = [beginOf(event), endOf(event)]
  const from = timeText(figure, begin)
  if (end === null) return event.kind === 'segment' ? from : `from ${from}`
  const to = timeText(figure, end)
  return to === from ? from : `${from} to ${to}`
}

function placeOf(event: Exclude<FigureEvent, SegmentEvent>, nameOf: (id: string) => string): string {
  return event.lane === null ? 'all' : nameOf(event.lane)
}

function whatOf(figure: Figure, event: FigureEvent): string {
  if (event.kind === 'silence') return `Silence: ${event.label}`
  if (event.kind === 'state') return `State: ${event.label}`
  if (event.kind === 'note') return event.label
  const connection = hasSeveralConnections(figure.events, event) ? `Connection ${event.connection}: ` : ''
  return `${connection}${event.label}${event.arrived === null ? ' (lost on its way)' : ''}`
}

import type { Figure } from './figure.ts'

/** The figure as an SVG element. */
export function drawFigure({ title, description, lanes, events }: Figure): string {
  const x = (id: string): number => 60 + 200 * lanes.findIndex((lane) => lane.id === id)
  const height = 60 + 40 * events.length
  const names = lanes.map(({ id, name }) => `<text x="${x(id)}" y="20">${name}</text>`)
  const arrows = events.flatMap((event, index) => {
    if (event.kind !== 'segment') return []
    const y = 40 + 40 * index
    return [
      `<line x1="${x(event.from)}" y1="${y}" x2="${x(event.to)}" y2="${y + 20}" stroke="currentColor"/>`,
      `<text x="${(x(event.from) + x(event.to)) / 2}" y="${y}">${event.label}</text>`,
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${200 * lanes.length} ${height}" role="img" aria-labelledby="title desc" fill="currentColor">`,
    `<title id="title">${escape(title)}</title><desc id="desc">${escape(description)}</desc>`,
    ...names,
    ...arrows,
    '</svg>',
  ].join('\n')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

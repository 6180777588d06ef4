import { createHash } from 'node:crypto'
import type { Arrow, Drawing } from './drawing.ts'
import type { Figure } from './figure.ts'
import { layOutFigure } from './layout.ts'
import { drawArrow, drawAxis, drawLabel, drawLanes, drawLastBytes, drawStates } from './svg-parts.ts'
import { styleOf } from './svg-style.ts'
import { escapeXml } from './text.ts'

/**
 * Draws a figure as one self-contained `<svg>`, for a file of its own and for a page that holds it.
 * Its ids come from its content, so that figures in one page do not meet.
 */
export function drawFigure(figure: Figure): string {
  const drawing = layOutFigure(figure)
  const { width, height } = drawing
  const id = `figure-${createHash('sha256').update(JSON.stringify(figure)).digest('hex').slice(0, 10)}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" role="img" aria-labelledby="${id}-title ${id}-desc" ` +
      `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title id="${id}-title">${escapeXml(figure.title)}</title>`,
    `<desc id="${id}-desc">${escapeXml(figure.description)}</desc>`,
    `<style>\n${styleOf()}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...drawAxis(drawing),
    ...drawLanes(drawing),
    ...drawStates(drawing),
    ...drawing.arrows.map((arrow) => drawArrow(arrow)),
    ...drawLastBytes(drawing, figure),
    ...labelsOf(drawing, figure),
    '</svg>',
    '',
  ].join('\n')
}

/** How wide a drawing wants to be, in pixels. */
export function widthOf(svg: string): number {
  return Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0)
}

// --- internal ---

function labelsOf({ labels, arrows }: Drawing, { events }: Figure): string[] {
  const segments = new Map<unknown, Arrow['event']>(arrows.map(({ event }) => [event, event]))
  return labels.map((label) => drawLabel(label, segments.get(events[label.event]) ?? null))
}

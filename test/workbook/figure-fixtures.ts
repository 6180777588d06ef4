import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../workbook/bundle/root.ts'
import type { Figure, SegmentEvent } from '../../workbook/figure/figure.ts'
import { readFigure } from '../../workbook/figure/read-figure.ts'

/** Small makers of figures, and the figures of the pages. */

export function makeFigure(change: Partial<Figure> = {}): Figure {
  return {
    format: 1,
    title: 'A request and its answer',
    description: 'The client asks. The server answers.',
    lanes: [
      { id: 'client', name: 'client' },
      { id: 'server', name: 'server' },
    ],
    source: { how: 'computed', command: 'npm run figures -- example', on: '' },
    unit: 'order',
    events: [segment('GET /a', 0), segment('200 OK', 2, { from: 'server', to: 'client' })],
    ...change,
  }
}

export function segment(label: string, sent: number, change: Partial<SegmentEvent> = {}): SegmentEvent {
  return {
    kind: 'segment',
    from: 'client',
    to: 'server',
    sent,
    arrived: sent + 1,
    label,
    type: 'data',
    ...change,
  }
}

export const FIGURES = path.join(root, 'docs/figures')

/** Every record of `docs/figures`, by name. */
export function committedFigures(): Array<{ readonly name: string; readonly figure: Figure }> {
  const names = readdirSync(FIGURES).filter((name) => name.endsWith('.json'))
  return names.map((file) => {
    const figure = readFigure(readFileSync(path.join(FIGURES, file), 'utf8'), `docs/figures/${file}`)
    return { name: file.slice(0, -'.json'.length), figure }
  })
}

import type { SegmentEvent } from './figure.ts'
import { STREAM_COLOURS } from './streams.ts'

/**
 * Colours of a drawing. A page that holds it sets the custom properties; by itself it is right in
 * light and in dark. Each colour has a contrast of 4.5 to 1 or more on its ground.
 */
const COLOURS: ReadonlyArray<readonly [name: string, light: string, dark: string]> = [
  ['ground', '#ffffff', '#0d1117'],
  ['ink', '#1f2328', '#e6edf3'],
  ['muted', '#57606a', '#9da7b1'],
  ['faint', '#d8dee4', '#30363d'],
  ['panel', '#f3f5f7', '#1c2128'],
  ['syn', '#6639ba', '#c8a2ff'],
  ['data', '#0550ae', '#79b8ff'],
  ['ack', '#57606a', '#9da7b1'],
  ['fin', '#8a4600', '#f0a55a'],
  ['rst', '#b3201b', '#ff8a80'],
  ['state', '#0f6b57', '#56d4b5'],
]

const FONT = "'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans',sans-serif"

/** Rules for one drawing; each begins with the class of the drawing, so that they touch nothing else in a page. */
export function styleOf(): string {
  const set = (theme: 1 | 2): string =>
    COLOURS.map((colour) => `--f-${colour[0]}:var(--figure-${colour[0]},${colour[theme]})`).join(';')
  return [
    `.ladder{${set(1)};max-width:100%;height:auto;font-family:${FONT}}`,
    `@media (prefers-color-scheme:dark){.ladder{${set(2)}}}`,
    ...RULES.map((rule) => `.ladder ${rule}`),
  ].join('\n')
}

/** The line of a kind of segment: they differ without colour as well. */
export interface LineStyle {
  readonly width: number
  /** SVG's stroke-dasharray; empty for a solid line. */
  readonly dashes: string
  readonly head: 'filled' | 'open' | 'hollow' | 'cross'
}

export const LINES: Readonly<Record<SegmentEvent['type'], LineStyle>> = {
  syn: { width: 2, dashes: '8 4', head: 'open' },
  data: { width: 2.4, dashes: '', head: 'filled' },
  ack: { width: 1.5, dashes: '3 4', head: 'open' },
  fin: { width: 2.2, dashes: '', head: 'hollow' },
  rst: { width: 2.6, dashes: '12 4 3 4', head: 'cross' },
}

// --- internal ---

const TYPES = ['syn', 'data', 'ack', 'fin', 'rst'] as const

const RULES = [
  'text{font-size:15px;fill:var(--f-ink)}',
  '.ground{fill:var(--f-ground)}',
  '.lane{stroke:var(--f-muted);stroke-width:1.5;fill:none}',
  '.name rect{fill:var(--f-panel);stroke:var(--f-muted)}',
  '.name text{font-weight:600}',
  '.axis text{fill:var(--f-muted);font-size:14px}',
  '.axis path{stroke:var(--f-faint);fill:none}',
  '.state rect{fill:var(--f-state)}',
  '.state text{fill:var(--f-state)}',
  '.silence path{stroke:var(--f-muted);stroke-width:4;stroke-linecap:round;stroke-dasharray:.1 9;fill:none}',
  '.silence text{fill:var(--f-muted);font-style:italic}',
  '.dot{fill:var(--f-ink)}',
  '.last{fill:none;stroke:var(--f-ink);stroke-width:2}',
  '.all rect{fill:var(--f-panel);stroke:var(--f-muted)}',
  '.badge text{fill:var(--f-ground);font-size:13px;font-weight:600}',
  ...TYPES.flatMap((type) => [
    `.${type} .line{stroke:var(--f-${type});fill:none}`,
    `.${type} .fill{fill:var(--f-${type});stroke:var(--f-${type})}`,
    `.${type} .hollow{fill:var(--f-ground);stroke:var(--f-${type})}`,
    `.${type} .sheaf{fill:var(--f-${type});fill-opacity:.12}`,
    `.${type} text{fill:var(--f-${type})}`,
    `.${type} .badge rect{fill:var(--f-${type})}`,
    `.${type} .badge text{fill:var(--f-ground)}`,
  ]),
  ...STREAM_COLOURS.flatMap((colour, index) => [
    `.stream-${index} .line{stroke:var(--f-${colour})}`,
    `.stream-${index} .fill{fill:var(--f-${colour});stroke:var(--f-${colour})}`,
    `.stream-${index} text{fill:var(--f-${colour})}`,
  ]),
]

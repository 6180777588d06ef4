import type { Figure } from '../../workbook/figure/figure.ts'

/** One figure of the pages, and how its record is made. */
export interface Recipe {
  /** `docs/figures/NAME.json` and `NAME.svg`. */
  readonly name: string
  readonly how: Figure['source']['how']
  record(): Promise<Drawn> | Drawn
}

/** A figure without what its recipe already says. */
export type Drawn = Omit<Figure, 'format' | 'source'>

/** Runs a recipe. */
export async function makeFigure({ name, how, record }: Recipe, on: string): Promise<Figure> {
  const { title, description, lanes, unit, restarts, events } = await record()
  const source = { how, command: `npm run figures -- ${name}`, on: how === 'captured' ? on : '' }
  return { format: 1, title, description, lanes, source, unit, ...(restarts && { restarts }), events }
}

import type { Points } from '../report/points.ts'
import type { Row } from './row.ts'
import type { BatchResult } from './run.ts'

/** A batch as data; docs/report-format.md describes it, docs/batch.schema.json proves it. */
export interface JsonBatch {
  readonly format: 1
  readonly course: string
  readonly node: string
  readonly seed: number
  readonly labs: ReadonlyArray<{
    readonly id: string
    readonly title: string
    readonly requirements: ReadonlyArray<{
      readonly id: string
      readonly text: string
      readonly weight: number
    }>
  }>
  readonly submissions: ReadonlyArray<Omit<Row, 'stamp'>>
  /** Of all submissions. */
  readonly points: Points
}

/** Indented by two spaces; ends with a newline. */
export function toBatchJson({ course, node, seed, labs, rows }: BatchResult): string {
  const batch: JsonBatch = {
    format: 1,
    course,
    node,
    seed,
    labs: labs.map(({ id, title, requirements }) => ({
      id,
      title,
      requirements: requirements.map(({ id: requirement, text, weight }) => ({
        id: requirement,
        text,
        weight,
      })),
    })),
    submissions: rows.map(({ stamp: _stamp, ...row }) => row),
    points: {
      earned: rows.reduce((sum, { points }) => sum + points.earned, 0),
      possible: rows.reduce((sum, { points }) => sum + points.possible, 0),
    },
  }
  return `${JSON.stringify(batch, null, 2)}\n`
}

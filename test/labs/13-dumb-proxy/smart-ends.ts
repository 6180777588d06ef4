import type { Connection } from '../../../workbook/grading/check.ts'
import type { Client, Line } from './model.ts'

/** The two sides of the smart proxy: what the model knows of them, and their wires. */

export interface ClientEnd extends Client {
  readonly name: string
  readonly wire: Connection
  /** What is still to be sent of the request that has begun. */
  rest: Buffer | null
  taken: number
}

export interface LineEnd extends Line {
  readonly wire: Connection
  /** What is still to be sent of the answer that has begun. */
  rest: Buffer | null
}

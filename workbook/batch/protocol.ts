import type { RefusalCode } from './refusal.ts'
import type { Row } from './row.ts'

/** What the process that runs a batch and its workers say to each other. */

/** On a worker's command line, as JSON. */
export interface WorkerPlan {
  /** Absolute path of the checkout. */
  readonly root: string
  /** Ids of the labs to grade. */
  readonly labs: readonly string[]
  readonly seed: number
  /** Absolute path of the folder for whatever is unpacked. */
  readonly scratch: string
  /** Absolute path of the folder for reports. */
  readonly reports: string
}

/** One submission to grade. */
export interface Job {
  readonly name: string
  readonly path: string
  readonly kind: 'folder' | 'archive' | 'refused'
  readonly refusal: { readonly code: RefusalCode; readonly message: string } | null
  readonly stamp: string
}

export type News =
  /** All suites are loaded. */
  | { readonly event: 'ready' }
  /** A check has ended: the worker is alive. */
  | { readonly event: 'check' }
  | { readonly event: 'row'; readonly row: Row }
  /** The course itself cannot be graded with. */
  | { readonly event: 'broken'; readonly message: string }

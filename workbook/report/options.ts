/** What a report for a terminal must be told; it looks at no environment itself. */
export interface ReportOptions {
  /** False for NO_COLOR and where the output is no terminal. */
  readonly color: boolean
  /** Columns of the terminal; below 60 counts as 60, above 100 as 100. */
  readonly width: number
}

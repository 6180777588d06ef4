/** What is to be said of a lab's wrong programs. */
export interface WrongPlan {
  /** The lab's folder. */
  readonly id: string
  readonly seed: number
}

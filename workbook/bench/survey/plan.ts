/** What a survey is to do. */
export interface SurveyPlan {
  /** Folders of the labs, and of each the requirements whose checks are used; none means all. */
  readonly labs: ReadonlyArray<{ readonly id: string; readonly requirements: readonly string[] }>
  readonly seed: number
  /** What survives, the score of each lab in a table, or all of it for machines. */
  readonly show: 'survivors' | 'scores' | 'json'
}

/** A survey cannot be made. */
export class SurveyError extends Error {
  override readonly name = 'SurveyError'
  /** The next command. */
  readonly next: string

  constructor(message: string, next: string) {
    super(message)
    this.next = next
  }
}

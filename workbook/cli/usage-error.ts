/** Something that the person at the keyboard can put right. Printed as two lines; exit 2. */
export class UsageError extends Error {
  /** Stable, for example `E_UNKNOWN_FLAG`. */
  readonly code: string
  /** The next command. */
  readonly next: string

  constructor(code: string, message: string, next: string) {
    super(message)
    this.name = 'UsageError'
    this.code = code
    this.next = next
  }
}

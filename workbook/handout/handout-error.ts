/** Why a handout cannot be made or brought somewhere. Printed as what happened and what to do. */
export class HandoutError extends Error {
  /** Stable, for example `E_NOT_A_HANDOUT`. */
  readonly code: string
  /** The next command or step. */
  readonly next: string

  constructor(code: string, message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HandoutError'
    this.code = code
    this.next = next
  }
}

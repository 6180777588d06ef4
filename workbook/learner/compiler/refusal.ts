/** Why a program is not compiled: told to whoever wrote it. */
export class Refusal extends Error {
  readonly code: 'E_SYNTAX' | 'E_FORBIDDEN_IMPORT'
  /** From 1; null where the file as a whole is meant. */
  readonly line: number | null

  constructor(code: Refusal['code'], message: string, line: number | null = null) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.line = line
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

/**
 * Why a submission is not graded: the submission's fault, told in its row. Codes are stable:
 *
 * - `E_NO_SUBMISSION`  none of the labs' files is in it
 * - `E_AMBIGUOUS`      a lab is in it twice, and it is not clear which one counts
 * - `E_UNREADABLE`     it cannot be read here
 * - `E_ARCHIVE`        an archive that is broken or cut short
 * - `E_ARCHIVE_KIND`   an archive of another kind than .zip, .tar, .tar.gz and .tgz
 * - `E_ENCRYPTED`      an archive with a password
 * - `E_LINK`           a symbolic or hard link
 * - `E_SPECIAL_FILE`   a device, a pipe, a socket
 * - `E_OUTSIDE`        an entry that leaves the folder
 * - `E_NAME`           a name that no system agrees on
 * - `E_DUPLICATE`      two entries for one file
 * - `E_TOO_LARGE`      more files or bytes than a submission has
 */
export type RefusalCode =
  | 'E_NO_SUBMISSION'
  | 'E_AMBIGUOUS'
  | 'E_UNREADABLE'
  | 'E_ARCHIVE'
  | 'E_ARCHIVE_KIND'
  | 'E_ENCRYPTED'
  | 'E_LINK'
  | 'E_SPECIAL_FILE'
  | 'E_OUTSIDE'
  | 'E_NAME'
  | 'E_DUPLICATE'
  | 'E_TOO_LARGE'

export class Refusal extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

/** A name as it may be shown: quoted, escaped, at most 80 characters. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name)
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

import { convict } from './conviction.ts'
import { describe, type Remote } from './remote.ts'
import type { Session } from './session.ts'

/** What a wait in vain says: the silence, and the rejection that may lie behind it. */
export class Waits {
  readonly session: Session
  readonly #remote: Remote

  constructor(session: Session, remote: Remote) {
    this.session = session
    this.#remote = remote
  }

  /** Waits until `met`; otherwise ends the check: expected this, saw that, or what else explains it. */
  async need(met: () => boolean, wanted: () => string, saw: () => string): Promise<void> {
    if (await this.session.until(met)) return
    const expected = wanted()
    const [error] = this.#remote.rejected.values()
    if (error)
      convict('failed', expected, `${saw()}; your program had rejected: ${describe(error)}`, {
        stack: error.stack,
      })
    convict('failed', expected, saw())
  }
}

import { Recording } from './recording.ts'
import { Tap, type TapOptions } from './tap.ts'

/** A run in progress: its record, and everything that has to end with it. */
export class Stage {
  readonly recording = new Recording()
  readonly #closers: Array<() => unknown> = []
  readonly #taps: Tap[] = []

  /** Runs a scene and clears up behind it. */
  static async play(scene: (stage: Stage) => Promise<void>): Promise<Recording> {
    const stage = new Stage()
    try {
      await scene(stage)
    } finally {
      for (const close of stage.#closers.reverse()) close()
    }
    return stage.recording
  }

  /** @param closable - Closed behind the scene. */
  add<T extends { close(): unknown }>(closable: T): T {
    this.#closers.push(() => closable.close())
    return closable
  }

  async tap(options: Omit<TapOptions, 'recording'>): Promise<Tap> {
    const tap = this.add(await Tap.open({ ...options, recording: this.recording }))
    this.#taps.push(tap)
    return tap
  }

  /**
   * Waits until nothing more happens. On the loopback what was written is readable at once, so a
   * number of turns of the event loop in which nothing was recorded are proof enough.
   */
  async rest(): Promise<void> {
    let before: number
    do {
      before = this.recording.now
      await this.#quiet()
      for (const tap of this.#taps) await tap.probe()
      await this.#quiet()
    } while (this.recording.now !== before)
  }

  // --- internal ---

  async #quiet(): Promise<void> {
    for (let turns = 0, last = this.recording.now; turns < QUIET_TURNS; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.recording.now !== last) turns = 0
      last = this.recording.now
    }
  }
}

// --- internal ---

const QUIET_TURNS = 60

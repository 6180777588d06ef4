import { Worker } from 'node:worker_threads'

/** Code of one fence or file. */
export interface Code {
  readonly code: string
  readonly language: string
}

interface Waiting {
  readonly resolve: (html: string) => void
  readonly reject: (error: unknown) => void
}

/** A thread that colours code, so that the pages are read meanwhile. */
export class ColourThread {
  readonly #thread: Worker | null
  /** It answers in the order in which it is asked. */
  readonly #waiting: Waiting[] = []
  #failure: unknown = null

  /** @param program - What the thread runs; tests have others. */
  constructor(program: URL = PROGRAM) {
    this.#thread = this.#start(program)
  }

  /** Rejects when the thread could not be started, or has ended. */
  colour({ code, language }: Code): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure)
        return
      }
      this.#waiting.push({ resolve, reject })
      this.#thread?.postMessage({ code, language })
      // This process does not end before the answer is there.
      this.#thread?.ref()
    })
  }

  // --- internal ---

  #start(program: URL): Worker | null {
    try {
      // Without a loader of TypeScript the thread is ready sooner.
      const thread = new Worker(program, { execArgv: [] })
      thread.on('message', (html: string) => this.#hear(html))
      thread.on('error', (error) => this.#fail(error))
      thread.on('exit', (code) => this.#fail(new Error(`the thread of the colours ended with code ${code}`)))
      thread.unref()
      return thread
    } catch (error) {
      this.#fail(error)
      return null
    }
  }

  #hear(html: string): void {
    this.#waiting.shift()?.resolve(html)
    if (this.#waiting.length === 0) this.#thread?.unref()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

// --- internal ---

const PROGRAM = new URL('worker.mjs', import.meta.url)

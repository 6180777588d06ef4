import { root } from '../../bundle/root.ts'
import type { Course, Lab } from '../../course/lab.ts'
import { nextLab } from '../../report/course-bar.ts'
import type { CourseResult } from '../../report/result.ts'
import type { RunSoFar } from '../../report/so-far.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { LiveFile } from '../live.ts'
import { courseProgress, remember, withNews } from '../progress.ts'
import { resetLab, resetQuestion } from '../reset.ts'
import { keepRuns } from '../runs.ts'
import { UsageError } from '../usage-error.ts'
import { watchFiles, type FileWatch } from './files.ts'
import type { Front, Hands } from './front.ts'
import { Grader } from './grader.ts'
import { PlainFront } from './plain-front.ts'
import { ScreenFront } from './screen-front.ts'
import { beginRun, beginState, type WatchState } from './state.ts'

export interface WatchRequest {
  readonly course: Course
  readonly lab: Lab
  readonly poll: boolean
  readonly newSeed: () => number
}

/** Watches until somebody quits. @returns The exit code. */
export function watchLab(request: WatchRequest): Promise<number> {
  return new Promise((resolve) => new WatchSession(request, () => resolve(0)).begin())
}

// --- internal ---

class WatchSession implements Hands {
  readonly #request: WatchRequest
  readonly #onEnd: () => void
  readonly #grader: Grader
  readonly #front: Front
  readonly #live = new LiveFile()
  #state: WatchState
  /** Labs that were left for a next one. */
  readonly #been: Lab[] = []
  #files: FileWatch | null = null
  #began = 0
  /** What stood in the files when the run began. */
  #fingerprint = ''

  constructor(request: WatchRequest, onEnd: () => void) {
    this.#request = request
    this.#onEnd = onEnd
    this.#state = beginState(request.course, request.lab)
    this.#front = hasScreen() ? new ScreenFront(this) : new PlainFront()
    this.#grader = new Grader(request.course, request.newSeed, {
      onChange: (run) => this.#changed(run),
      onDone: (result, run) => this.#done(result, run),
    })
  }

  begin(): void {
    const { poll } = this.#request
    this.#front.show(this.#state)
    if (poll) this.#front.say(saysPolling('you asked for it'))
    this.#follow(this.#state.lab)
  }

  next(): void {
    const { course, lab } = this.#state
    const next = nextLab(courseProgress(course), lab)
    if (!next) return this.#front.say('There is no other lab left to do. Well done.')
    this.#been.push(lab)
    this.#take(next)
  }

  back(): void {
    const last = this.#been.pop()
    if (last) this.#take(last)
    else this.#front.say('This is the lab that you began with.')
  }

  asksBeforeReset(): string | null {
    return resetQuestion(this.#state.lab)
  }

  reset(): string {
    try {
      return resetLab(this.#state.lab).said
    } catch (error) {
      if (error instanceof UsageError) return `${error.message} ${error.next}`
      throw error
    }
  }

  quit(): void {
    this.#front.close()
    void this.#files?.close()
    void this.#grader.close()
    this.#live.flush()
    this.#onEnd()
  }

  // --- internal ---

  #take(lab: Lab): void {
    this.#state = beginState(this.#state.course, lab)
    this.#front.show(this.#state)
    this.#follow(lab)
  }

  #follow(lab: Lab): void {
    void this.#files?.close()
    this.#files = watchFiles(root, lab, {
      poll: this.#request.poll,
      onChange: () => this.#grader.grade(lab),
      onPolling: (why) => this.#front.say(saysPolling(why)),
    })
    this.#grader.grade(lab)
  }

  #changed(run: RunSoFar): void {
    const begins = run.planned.length === 0 && run.running
    if (begins) {
      this.#began = performance.now()
      this.#fingerprint = fingerprintOf(root, run.lab)
      this.#live.begin()
    }
    this.#state = begins ? beginRun(this.#state, run) : { ...this.#state, run }
    this.#front.show(this.#state)
    this.#live.write(run)
  }

  #done(result: CourseResult, run: RunSoFar): void {
    const milliseconds = performance.now() - this.#began
    remember(result)
    const [shown = null] = withNews(result).labs
    this.#state = { ...this.#state, run, completed: run, result: shown, milliseconds }
    this.#front.show(this.#state)
    this.#live.write(run)
    keepRuns(result, new Map([[run.lab.id, this.#fingerprint]]))
  }
}

/** A screen needs a terminal that can move its cursor. */
function hasScreen(): boolean {
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb'
}

function saysPolling(why: string): string {
  return `File events do not arrive here (${why}): the files are looked at four times a second.`
}

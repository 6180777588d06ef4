import { closeLab } from '../../report/closing.ts'
import { renderCourseBar } from '../../report/course-bar.ts'
import { viewOf, type View } from '../../report/layout.ts'
import { renderPredictions } from '../../report/predictions.ts'
import { labState } from '../../report/state.ts'
import { courseProgress } from '../progress.ts'
import { terminal } from '../terminal.ts'
import type { Front, Hands } from './front.ts'
import { readKeys, type Keys } from './keys.ts'
import { Painter, screenSize } from './paint.ts'
import { hintPanel, ladderPanel, laddersOf, listPanel } from './panels.ts'
import type { WatchState } from './state.ts'

type Panel =
  | { readonly kind: 'none' | 'list' }
  | { readonly kind: 'reset'; readonly question: string }
  | { readonly kind: 'hint'; readonly lines: readonly string[] }
  | { readonly kind: 'ladder'; readonly index: number }

const NO_PANEL: Panel = { kind: 'none' }
/** Lines of a screen around a panel: the head, the list of requirements at its shortest, the foot. */
const AROUND_PANEL = 10

/** The screen of a terminal, with keys where it has a keyboard. */
export class ScreenFront implements Front {
  readonly #hands: Hands
  readonly #painter = new Painter()
  readonly #keys: Keys | null
  #state: WatchState | null = null
  #panel: Panel = NO_PANEL
  #said = ''
  readonly #repaint = (): void => {
    this.#painter.forget()
    this.#paint()
  }

  constructor(hands: Hands) {
    this.#hands = hands
    const { stdin, stdout } = process
    this.#keys = stdin.isTTY ? readKeys(stdin, (key) => this.#press(key), this.#repaint) : null
    stdout.on('resize', this.#repaint)
  }

  show(state: WatchState): void {
    // A save brings the verdicts back.
    const begins = state.run.running && state.run.planned.length === 0
    if (begins && this.#state !== null) [this.#panel, this.#said] = [NO_PANEL, state.note]
    this.#state = state
    this.#paint()
  }

  say(text: string): void {
    this.#said = text
    this.#paint()
  }

  close(): void {
    process.stdout.off('resize', this.#repaint)
    this.#keys?.close()
  }

  // --- internal ---

  #press(key: string): void {
    const state = this.#state
    if (!state) return key === 'q' ? this.#hands.quit() : undefined
    if (this.#panel.kind === 'reset') this.#answer(key)
    else this.#command(key, state)
    this.#paint()
  }

  #answer(key: string): void {
    this.#panel = NO_PANEL
    if (key === 'q') return this.#hands.quit()
    this.#said = key === 'y' ? this.#hands.reset() : 'Nothing was changed.'
  }

  #command(key: string, state: WatchState): void {
    const { kind } = this.#panel
    switch (key) {
      case 'q':
        return this.#hands.quit()
      case 'n':
        return this.#hands.next()
      case 'b':
        return this.#hands.back()
      case 'h':
        return void (this.#panel = { kind: 'hint', lines: hintPanel(state.run, this.#view()) })
      case 'l':
        return void (this.#panel = this.#nextLadder(state))
      case 'p':
        return void (this.#panel = kind === 'list' ? NO_PANEL : { kind: 'list' })
      case 'r':
        return this.#askReset()
      default:
        // Any other key leads back to the verdicts.
        this.#panel = NO_PANEL
    }
  }

  #askReset(): void {
    const question = this.#hands.asksBeforeReset()
    if (question !== null) this.#panel = { kind: 'reset', question }
    else this.#said = this.#hands.reset()
  }

  /** Behind the last ladder come the verdicts again. */
  #nextLadder({ run }: WatchState): Panel {
    const index = this.#panel.kind === 'ladder' ? this.#panel.index + 1 : 0
    return index > 0 && index >= laddersOf(run).length ? NO_PANEL : { kind: 'ladder', index }
  }

  #paint(): void {
    const state = this.#state
    if (!state) return
    const { run, before, completed, result } = state
    const view = this.#view()
    const passed = result !== null && labState(result) === 'passed'
    this.#painter.paint({
      run,
      before,
      previous: completed,
      panel: this.#panelLines(state, view),
      passed: passed
        ? [...closeLab(result, view).slice(0, -1), ...renderCourseBar(courseProgress(state.course), view)]
        : [],
      predictions: result === null ? [] : [...renderPredictions(result, view), ''],
      status: this.#statusLines(state, view),
    })
  }

  #panelLines(state: WatchState, view: View): readonly string[] | null {
    const { rows } = screenSize()
    switch (this.#panel.kind) {
      case 'hint':
        return this.#panel.lines
      case 'ladder':
        return ladderPanel(state.run, this.#panel.index, Math.max(11, rows - AROUND_PANEL), view)
      case 'list':
        return listPanel(state.course, state.lab, view)
      case 'none':
      case 'reset':
        return null
    }
  }

  #statusLines({ run, milliseconds, note }: WatchState, view: View): string[] {
    if (this.#panel.kind === 'reset') {
      return [view.paint('warn', this.#panel.question), 'y yes   any other key: no']
    }
    const ended = run.problem
      ? 'not graded'
      : `graded in ${(milliseconds / 1000).toFixed(1)} s, seed ${run.seed}`
    const going = `grading: ${run.checks.length} of ${run.planned.length} checks`
    const said = this.#said || note || (run.running ? going : `${ended}; save the file to grade again`)
    const keys = ['h hint', 'l ladder', 'n next lab', 'b back', 'p list', 'r reset', 'q quit'].join('   ')
    return [view.paint('quiet', said), this.#keys ? keys : 'Ctrl-C ends this']
  }

  #view(): View {
    return viewOf(terminal())
  }
}

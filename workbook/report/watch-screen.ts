import { stripVTControlCharacters } from 'node:util'
import type { VerdictKind } from '../grading/verdict.ts'
import { columnsOf, cut } from '../wire/columns.ts'
import { renderFailure, type FailureSize } from './failure.ts'
import { indent, INDENT, oneLine, padColumns, viewOf, wrap, type View } from './layout.ts'
import type { Style } from './paint.ts'
import type { RequirementResult } from './result.ts'
import { changeOf, requirementsSoFar, type Change, type RequirementSoFar, type RunSoFar } from './so-far.ts'
import { outcomeOf, speakingFirst } from './state.ts'
import { firstSentence, markOf } from './words.ts'

/** All that the screen of `npm start` shows. */
export interface WatchScreen {
  readonly run: RunSoFar
  /** The verdicts before the last save, by requirement. */
  readonly before: ReadonlyMap<string, VerdictKind>
  /** The run before, whose failure stays until this one has said more. */
  readonly previous: RunSoFar | null
  /** Lines instead of the failure: a hint, a ladder, the list. */
  readonly panel: readonly string[] | null
  /** Shown under the failure when the lab has passed. */
  readonly passed: readonly string[]
  readonly predictions: readonly string[]
  /** The last lines: what is going on, and the keys. */
  readonly status: readonly string[]
}

export interface Size {
  readonly columns: number
  readonly rows: number
  readonly color: boolean
}

/** How much of a failure is shown, from all of it to what finds room in a few lines. */
const SIZES: readonly FailureSize[] = [
  { steps: 8, rows: 40, printed: 40, bytes: 40 },
  { steps: 8, rows: 24, printed: 20, bytes: 24 },
  { steps: 4, rows: 18, printed: 10, bytes: 12 },
  { steps: 2, rows: 14, printed: 6, bytes: 0 },
  { steps: 0, rows: 12, printed: 4, bytes: 0 },
  { steps: 0, rows: 8, printed: 2, bytes: 0 },
  { steps: 0, rows: 12, printed: 2, bytes: 0, wireAlone: true },
  { steps: 0, rows: 8, printed: 0, bytes: 0, wireAlone: true },
  { steps: 0, rows: 0, printed: 0, bytes: 0 },
]

const WAITING = { mark: '·', style: 'quiet' } as const
const CHANGES: Readonly<Record<Exclude<Change, null>, Style>> = {
  'now green': 'good',
  'now red': 'bad',
  'still red': 'quiet',
}

/** Where the failure stands that somebody reads. */
export interface Held {
  /** Its requirement. */
  readonly id: string
  /** Lines of the list above it. */
  readonly rows: number
  readonly crowded: boolean
}

/**
 * At most `rows` lines, none wider than `columns`.
 *
 * @param held - What the screen shows now: a failure of the same requirement stays where it is.
 */
export function renderScreen(
  { before: earlier, ...given }: WatchScreen,
  { columns, rows, color }: Size,
  held: Held | null,
): { readonly lines: string[]; readonly held: Held | null } {
  // What was not graded has no marks, not even those of the run before.
  const screen = { ...given, before: given.run.problem ? new Map<string, VerdictKind>() : earlier }
  // A terminal narrower than any ladder gets the beginning of each line; colours could be cut in two.
  const narrow = columns < 60
  const view = viewOf({ color: color && !narrow, width: columns })
  const all = requirementsSoFar(screen.run)
  const head = headLines(screen, all, view)
  const room = rows - head.length - screen.status.length
  const list = listLines(all, screen.before, view)
  const body = bodyLines(screen, all, view, Infinity)
  // The failure is what somebody looks at: for its sake what has passed shares a line.
  const reading = shownFailure(screen, all)?.requirement.id
  const stays = held !== null && held.id === reading ? held : null
  const crowded = stays?.crowded ?? list.length + 1 + body.length + 1 > room
  const needed = crowded ? shortList(listed(screen, all), screen.before, view) : list
  const short = [...needed, ...emptyLines((stays?.rows ?? 0) - needed.length)]
  const fitted = crowded ? bodyLines(screen, all, view, room - short.length - 1) : body
  const middle = [...short, '', ...fitted].slice(0, Math.max(0, room))
  const filled = [...middle, ...emptyLines(room - middle.length)]
  const lines = [...head, ...filled, ...screen.status].slice(-rows)
  return {
    lines: narrow ? lines.map((line) => cut(line, columns)) : lines,
    held: reading === undefined ? null : { id: reading, rows: short.length, crowded },
  }
}

/** The first requirement that failed so far, as a report shows it. */
export function firstFailure(run: RunSoFar): RequirementResult | null {
  const [failed] = speakingFirst(
    requirementsSoFar(run).filter(
      ({ kind }) => kind !== 'waiting' && ['failed', 'fault'].includes(outcomeOf(kind)),
    ),
  )
  return failed ? resultOf(failed) : null
}

/** A requirement of which nothing is known yet keeps the mark that it had. */
export function requirementLine(each: RequirementSoFar, before: VerdictKind | undefined, view: View): string {
  const { requirement, kind, checks, planned } = each
  const waits = kind === 'waiting'
  const earlier = before === undefined ? WAITING : markOf({ requirement, kind: before, checks: [] })
  const { mark, style } = waits ? { mark: earlier.mark, style: 'quiet' as const } : markOf(resultOf(each))
  const change = changeOf(before, kind)
  const note = waits && checks.length > 0 ? `${checks.length} of ${planned}` : (change ?? '')
  const room = view.width - INDENT - (note === '' ? 0 : note.length + 2)
  const sentence = oneLine(firstSentence(requirement.text), room)
  const text = waits || style === 'quiet' ? view.paint('quiet', sentence) : sentence
  const lead = view.paint(style, `${mark} ${requirement.id}`.padEnd(INDENT))
  if (note === '') return lead + text
  const gap = ' '.repeat(Math.max(0, room - columnsOf(sentence)) + 2)
  return `${lead}${text}${gap}${view.paint(change ? CHANGES[change] : 'quiet', note)}`
}

// --- internal ---

function emptyLines(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => '')
}

/** The failure on the screen, if one is there. */
function shownFailure(
  { run, previous, panel }: WatchScreen,
  all: readonly RequirementSoFar[],
): RequirementResult | null {
  return panel || run.problem ? null : (firstFailure(run) ?? stale(previous, all))
}

function resultOf({ requirement, kind, checks }: RequirementSoFar): RequirementResult {
  return { requirement, kind: kind as VerdictKind, checks }
}

function headLines({ run }: WatchScreen, all: readonly RequirementSoFar[], view: View): string[] {
  const passed = all.filter(({ kind }) => kind === 'passed').length
  const tally = run.problem ? 'not graded' : `${passed} of ${all.length}`
  const title = oneLine(`Lab ${run.lab.number}  ${run.lab.title}`, view.width - tally.length - 2)
  const files = [`open ${run.file}`, `read ${run.lab.read ?? `labs/${run.lab.id}/README.md`}`]
  const together = files.join('    ')
  return [
    `${view.paint('strong', padColumns(title, view.width - tally.length))}${view.paint(passed === all.length ? 'good' : 'strong', tally)}`,
    ...(columnsOf(together) <= view.width ? [together] : files).map((line) =>
      view.paint('quiet', cut(line, view.width)),
    ),
    '',
  ]
}

function listLines(all: readonly RequirementSoFar[], before: WatchScreen['before'], view: View): string[] {
  return all.map((each) => requirementLine(each, before.get(each.requirement.id), view))
}

/** Without the one whose failure stands below with its sentence. */
function listed(screen: WatchScreen, all: readonly RequirementSoFar[]): readonly RequirementSoFar[] {
  const told = shownFailure(screen, all)
  return all.filter(({ requirement }) => requirement.id !== told?.requirement.id)
}

/** What passed and did not change stands in one line. */
function shortList(all: readonly RequirementSoFar[], before: WatchScreen['before'], view: View): string[] {
  const isQuiet = ({ requirement, kind }: RequirementSoFar): boolean =>
    changeOf(before.get(requirement.id), kind) !== 'now green' &&
    changeOf(before.get(requirement.id), kind) !== 'now red'
  // What is graded again stays among those that it was with, so that the lines above a failure are as many as before.
  const kindNow = ({ requirement, kind }: RequirementSoFar): RequirementSoFar['kind'] =>
    kind === 'waiting' ? (before.get(requirement.id) ?? kind) : kind
  const groups = (['passed', 'not-started', 'waiting'] as const).flatMap((kind) => {
    const own = all.filter((each) => kindNow(each) === kind && isQuiet(each))
    if (own.length === 0) return []
    const ids = own.map(({ requirement }) => requirement.id).join(' ')
    const { mark, style } =
      kind === 'waiting' ? WAITING : markOf(resultOf({ ...(own[0] as RequirementSoFar), kind }))
    return [view.paint(style, cut(`${mark} ${ids}`, view.width))]
  })
  const others = all.filter(
    (each) => !(['passed', 'not-started', 'waiting'].includes(kindNow(each)) && isQuiet(each)),
  )
  return [...groups, ...listLines(others, before, view)]
}

function bodyLines(
  screen: WatchScreen,
  all: readonly RequirementSoFar[],
  view: View,
  room: number,
): string[] {
  const { run, panel } = screen
  if (panel) return [...panel]
  if (run.problem) return problemLines(run.problem.message, run.problem.next, view)
  const failure = shownFailure(screen, all)
  if (failure) return failureToFit(screen, failure, view, room)
  if (run.running) return []
  if (all.every(({ kind }) => kind === 'passed')) return [...screen.predictions, ...screen.passed]
  return openLines(all, view)
}

/** The failure of the run before, as long as this run has not come to its requirement. */
function stale(previous: RunSoFar | null, all: readonly RequirementSoFar[]): RequirementResult | null {
  const failure = previous && firstFailure(previous)
  const now = all.find(({ requirement }) => requirement.id === failure?.requirement.id)
  return failure && now?.kind === 'waiting' ? failure : null
}

function failureToFit(
  { run, before }: WatchScreen,
  failure: RequirementResult,
  view: View,
  room: number,
): string[] {
  let lines: string[] = []
  for (const size of SIZES) {
    lines = renderFailure(run.lab, failure, view, size)
    if (lines.length <= room) break
  }
  const [headline = '', ...rest] = lines
  const change = changeOf(before.get(failure.requirement.id), failure.kind)
  return room < Infinity && change ? [withChange(headline, change, view), ...rest] : lines
}

/** Where its line in the list has gone, the failure says itself that it is new. */
function withChange(headline: string, change: Exclude<Change, null>, view: View): string {
  const room = view.width - columnsOf(stripVTControlCharacters(headline)) - change.length
  return room < 2 ? headline : `${headline}${' '.repeat(room)}${view.paint(CHANGES[change], change)}`
}

function problemLines(message: string, next: string, view: View): string[] {
  const [first = '', ...rest] = wrap(message, view.width - 2)
  return [
    `${view.paint('bad', '✗')} ${first}`,
    ...indent(rest, 2),
    '',
    `${view.paint('quiet', 'next')}      ${view.paint('command', next)}`,
  ]
}

/** Nothing failed, and not everything is written. */
function openLines(all: readonly RequirementSoFar[], view: View): string[] {
  const open = all.find(({ kind }) => kind === 'not-started')
  if (!open) return []
  const text = `Next: look for TODO(${open.requirement.id}) in your file. ${open.requirement.text}`
  return wrap(text, view.width)
}

import type { Course, Lab } from '../../course/lab.ts'
import { renderCourseBar } from '../../report/course-bar.ts'
import { INDENT, oneLine, type View } from '../../report/layout.ts'
import { wrongOf } from '../../report/ladders.ts'
import type { CheckResult } from '../../report/result.ts'
import { requirementsSoFar, type RequirementSoFar, type RunSoFar } from '../../report/so-far.ts'
import { drawLadder } from '../../wire/ladder.ts'
import { giveNextHint } from '../hint.ts'
import { listLines } from '../list.ts'
import { courseProgress, readProgress, writeProgress } from '../progress.ts'

/** What the keys show instead of the failure. */

/** One more layer for the requirement that is to be mended next. */
export function hintPanel(run: RunSoFar, view: View): string[] {
  const { requirement, checks } = firstOpen(run)
  const progress = readProgress()
  const lines = giveNextHint(run.lab, requirement, progress, { checks, width: view.width })
  writeProgress(progress)
  const shown = progress.hints[`${run.lab.id} ${requirement.id}`] ?? 0
  const more = shown < requirement.hints.length ? 'h once more for the next' : 'that was the last one'
  return [...lines, view.paint('quiet', `Hint ${shown} of ${requirement.hints.length}: ${more}.`)]
}

/** The checks whose ladders `l` shows, one after the other: of the first that failed, else of all. */
export function laddersOf(run: RunSoFar): Array<{ readonly id: string; readonly check: CheckResult }> {
  const all = requirementsSoFar(run)
  const failed = all.find(({ kind }) => kind !== 'passed' && kind !== 'waiting')
  return (failed ? [failed] : all).flatMap(({ requirement, checks }) =>
    checks.filter(({ verdict }) => verdict.wire.length > 0).map((check) => ({ id: requirement.id, check })),
  )
}

/** @param rows - Lines that find room. */
export function ladderPanel(run: RunSoFar, index: number, rows: number, view: View): string[] {
  const ladders = laddersOf(run)
  const shown = ladders[index]
  if (!shown) return ['No wire to draw yet: the first check that runs gives one.']
  const { id, check } = shown
  const passed = check.verdict.kind === 'passed'
  const place = ladders.length > 1 ? `   ${index + 1} of ${ladders.length}, l for the next` : ''
  const title = oneLine(check.title, view.width - INDENT - place.length)
  return [
    view.paint(passed ? 'good' : 'bad', `${passed ? '✓' : '✗'} ${id}`.padEnd(INDENT)) +
      `${title}${view.paint('quiet', place)}`,
    '',
    ...drawLadder(check.verdict.wire, {
      width: view.width,
      paint: view.paint,
      wrong: wrongOf(check),
      maxRows: rows - 3,
      maxPrinted: Math.max(2, Math.floor(rows / 4)),
    }),
  ]
}

export function listPanel(course: Course, current: Lab, view: View): string[] {
  const lines = listLines(course.labs, readProgress().verdicts)
  return [
    ...lines.map((line, index) =>
      course.labs[index]?.id === current.id ? view.paint('strong', line) : line,
    ),
    '',
    ...renderCourseBar(courseProgress(course), view),
  ]
}

// --- internal ---

/** The first that failed, else the first that is not written. */
function firstOpen(run: RunSoFar): RequirementSoFar {
  const all = requirementsSoFar(run)
  const failed = all.find(({ kind }) => !['passed', 'not-started', 'waiting'].includes(kind))
  return failed ?? all.find(({ kind }) => kind !== 'passed') ?? (all[0] as RequirementSoFar)
}

import type { VerdictKind } from '../grading/verdict.ts'
import { renderFailure } from './failure.ts'
import { viewOf } from './layout.ts'
import type { ReportOptions } from './options.ts'
import { changeOf, requirementsSoFar, type RunSoFar } from './so-far.ts'
import { firstFailure, requirementLine } from './watch-screen.ts'

/** What `npm start` prints where no screen can be painted: lines, one after the other. */

/**
 * The lines of the requirements that are known now and were not told yet; `told` remembers them. They come in
 * the order of the page: some checks run at a time, and one that ends early waits here for those before it.
 */
export function newsLines(
  run: RunSoFar,
  before: ReadonlyMap<string, VerdictKind>,
  told: Set<string>,
  options: ReportOptions,
): string[] {
  const view = viewOf(options)
  const all = requirementsSoFar(run)
  const open = all.findIndex(({ kind, planned }) => kind === 'waiting' && planned > 0)
  const known = run.running && open >= 0 ? all.slice(0, open) : all
  return known.flatMap((each) => {
    const { id } = each.requirement
    const earlier = before.get(id)
    // After the first run only what has changed is news.
    const isNews = earlier === undefined || changeOf(earlier, each.kind) !== null
    if (each.kind === 'waiting' || told.has(id) || !isNews) return []
    told.add(id)
    return [requirementLine(each, earlier, view)]
  })
}

/** The end of a run: the first failure in full, or why nothing could be graded, and the tally. */
export function endLines(run: RunSoFar, options: ReportOptions): string[] {
  const view = viewOf(options)
  if (run.problem) return ['', `✗ ${run.problem.message}`, `next      ${run.problem.next}`]
  const all = requirementsSoFar(run)
  const failure = firstFailure(run)
  const passed = all.filter(({ kind }) => kind === 'passed').length
  return [
    ...(failure ? ['', ...renderFailure(run.lab, failure, view)] : []),
    '',
    view.paint('strong', `Lab ${run.lab.number}: ${passed} of ${all.length} passed, seed ${run.seed}.`),
  ]
}

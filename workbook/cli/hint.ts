import type { Lab, Requirement } from '../course/lab.ts'
import type { Command, Input } from './command.ts'
import { hintsInOrder } from '../report/hints.ts'
import { viewOf, wrap } from '../report/layout.ts'
import type { RequirementResult } from '../report/result.ts'
import { readProgress, writeProgress, type Progress } from './progress.ts'
import { readRun } from './runs.ts'
import { selectOne } from './selection.ts'
import { print, terminal } from './terminal.ts'

export const hint: Command = {
  name: 'hint',
  summary: 'gives the next hint for a requirement, one layer at a time',
  usage: 'npm run hint -- LAB [R]',
  options: {},
  async run({ words }: Input): Promise<number> {
    const { lab, requirements } = selectOne(words, 'hint', 1)
    const progress = readProgress()
    const requirement = lab.requirements.find(({ id }) => id === requirements[0]) ?? firstOpen(lab, progress)
    const { width } = viewOf(terminal())
    const { checks = [] } = readRun(lab)?.requirements[requirement.id] ?? {}
    const lines = giveNextHint(lab, requirement, progress, { checks, width })
    await print(`${[...lines, ...moreLines(lab, requirement, progress)].join('\n')}\n`)
    writeProgress(progress)
    return 0
  },
}

/**
 * All layers seen so far, and one more, which the progress remembers.
 *
 * @param checks - What its last run showed: a hint may go with one kind of failure.
 */
export function giveNextHint(
  lab: Lab,
  requirement: Requirement,
  progress: Progress,
  { checks, width }: { readonly checks: RequirementResult['checks']; readonly width: number },
): string[] {
  const { id, text } = requirement
  const hints = hintsInOrder(requirement, checks)
  const key = `${lab.id} ${id}`
  const shown = Math.min((progress.hints[key] ?? 0) + 1, hints.length)
  progress.hints[key] = shown
  const layers = hints.slice(0, shown).flatMap((layer, index) => {
    const [first = '', ...rest] = wrap(layer, width - 5)
    return [`  ${index + 1}. ${first}`, ...rest.map((line) => `     ${line}`)]
  })
  return [...wrap(`${lab.number} ${id}  ${text}`, width), '', ...layers, '']
}

// --- internal ---

function moreLines(lab: Lab, { id, hints }: Requirement, progress: Progress): string[] {
  const shown = progress.hints[`${lab.id} ${id}`] ?? 0
  const more = `Hint ${shown} of ${hints.length}.`
  if (shown < hints.length) return [`${more} One more: npm run hint -- ${lab.number} ${id}`]
  return [`${more} That was the last one. The page: labs/${lab.id}/README.md`]
}

function firstOpen(lab: Lab, { verdicts }: Progress): Requirement {
  const open = lab.requirements.find(({ id }) => verdicts[lab.id]?.[id] !== 'passed')
  return open ?? (lab.requirements[0] as Requirement)
}

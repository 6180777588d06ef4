import { readCourse } from '../course/course.ts'
import type { Lab } from '../course/lab.ts'
import { root } from '../bundle/root.ts'
import type { Command } from './command.ts'
import { readProgress, type Progress } from './progress.ts'
import { print } from './terminal.ts'

export const list: Command = {
  name: 'list',
  summary: 'shows the labs and how far you are',
  usage: 'npm run list',
  options: {},
  async run() {
    const { labs } = readCourse(root)
    const { verdicts } = readProgress()
    await print(`${listLines(labs, verdicts).join('\n')}\n\nNext: ${next(labs, verdicts)}\n`)
    return 0
  },
}

/** A line a lab: its mark, its title, how far it is. */
export function listLines(labs: readonly Lab[], verdicts: Progress['verdicts']): string[] {
  const width = Math.max(...labs.map(({ title }) => title.length))
  return labs.map((lab) => line(lab, verdicts[lab.id] ?? {}, width))
}

// --- internal ---

type Verdicts = Readonly<Record<string, string>>

function passed(lab: Lab, verdicts: Verdicts): number {
  return lab.requirements.filter(({ id }) => verdicts[id] === 'passed').length
}

function line(lab: Lab, verdicts: Verdicts, width: number): string {
  const [done, all] = [passed(lab, verdicts), lab.requirements.length]
  const begun = lab.requirements.some(({ id }) => (verdicts[id] ?? 'not-started') !== 'not-started')
  const [mark, state] =
    done === all ? ['✓', 'passed'] : begun ? ['◐', `${done} of ${all}`] : ['○', 'not started']
  return `${mark} ${lab.number}  ${lab.title.padEnd(width)}  ${state.padEnd(12)} about ${lab.minutes} min`
}

function next(labs: readonly Lab[], verdicts: Readonly<Record<string, Verdicts>>): string {
  const lab = labs.find((each) => passed(each, verdicts[each.id] ?? {}) < each.requirements.length)
  if (!lab) return 'npm run grade, to see it all green once more.'
  return `read labs/${lab.id}/README.md, open labs/${lab.id}/${lab.entry}, then npm run grade -- ${lab.number}`
}

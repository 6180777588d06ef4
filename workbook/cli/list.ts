import { readCourse } from '../course/course.ts'
import type { Lab } from '../course/lab.ts'
import { root } from '../bundle/root.ts'
import { count } from '../report/words.ts'
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
    const lines = [...listLines(labs, verdicts), '', ...coreLines(labs), ...endLines(labs, verdicts)]
    await print(`${lines.join('\n')}\n`)
    return 0
  },
}

/** A line a lab: its mark, its title, how far it is, how long it takes, and what comes before it. */
export function listLines(labs: readonly Lab[], verdicts: Progress['verdicts']): string[] {
  const width = Math.max(...labs.map(({ title, core }) => title.length + (core ? 2 : 0)))
  return labs.map((lab) => line(lab, verdicts[lab.id] ?? {}, width))
}

/** What comes next; and where nothing does, what has been built. */
export function endLines(labs: readonly Lab[], verdicts: Progress['verdicts']): string[] {
  const lab = labs.find((each) => passed(each, verdicts[each.id] ?? {}) < each.requirements.length)
  if (lab)
    return [
      `Next: read labs/${lab.id}/README.md, open labs/${lab.id}/${lab.entry}, then npm run grade -- ${lab.number}`,
    ]
  const requirements = labs.reduce((sum, each) => sum + each.requirements.length, 0)
  return [
    `All of it: ${count(labs.length, 'lab')}, ${count(requirements, 'requirement')}, and every line of it is yours.`,
    'Next: docs/where-next.md says what you can read now, and what you can build.',
    'npm run grade shows it all green once more.',
  ]
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
  const title = `${lab.title}${lab.core ? ' *' : ''}`
  const needs = lab.needs.length > 0 ? `   after ${lab.needs.join(', ')}` : ''
  return `${mark} ${lab.number}  ${title.padEnd(width)}  ${state.padEnd(12)} ${durationOf(lab.minutes)}${needs}`
}

function coreLines(labs: readonly Lab[]): string[] {
  const core = labs.filter((lab) => lab.core)
  if (core.length === 0 || core.length === labs.length) return []
  const minutes = core.reduce((sum, lab) => sum + lab.minutes, 0)
  return [
    `* ${count(core.length, 'lab')} that everybody should do, ${durationOf(minutes).trim()} in all; the others go deeper.`,
  ]
}

/** ` 75 min`, and from two hours on ` 2.5 h`. */
function durationOf(minutes: number): string {
  return (minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 30) / 2} h`).padEnd(6)
}

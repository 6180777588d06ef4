import { nextLab } from '../report/course-bar.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { courseProgress } from './progress.ts'
import { select, selectOne } from './selection.ts'

export const watch: Command = {
  name: 'watch',
  grades: true,
  summary: 'grades a lab each time you save, and shows what has changed (npm start is the same)',
  usage: 'npm start [-- LAB] [--poll] [--seed N]',
  options: { poll: { type: 'boolean' }, seed: { type: 'string' } },
  async run({ words, flags }: Input): Promise<number> {
    // A seed that does not read as one is said now, not after the first save.
    const { seed } = flags
    readSeed(seed)
    const { course, labs } = select(
      words.length > 0 ? [selectOne(words, 'watch', 0).lab.number] : [],
      'watch',
    )
    const [first] = labs
    const lab = words.length > 0 ? first?.lab : (nextLab(courseProgress(course)) ?? first?.lab)
    if (!lab) return 2
    const poll = flags['poll'] === true || Boolean(process.env['WORKBOOK_POLL'])
    // Only the watch needs what it loads.
    const { watchLab } = await import('./watch/session.ts')
    return await watchLab({ course, lab, poll, newSeed: () => readSeed(seed) })
  },
}

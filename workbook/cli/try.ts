import type { Command, Input } from './command.ts'
import { findWay, loadTryIt } from './try/ways.ts'
import { selectOne } from './selection.ts'
import { UsageError } from './usage-error.ts'

export const tryByHand: Command = {
  name: 'try',
  grades: true,
  summary: 'runs your program for you to poke with curl and nc, and shows the wire as it happens',
  usage: 'npm run try -- LAB [WHAT] [--solutions]',
  options: { solutions: { type: 'boolean' } },
  async run({ words, flags }: Input): Promise<number> {
    const [word, what, ...more] = words
    const { course, lab } = selectOne(word === undefined ? [] : [word], 'try', 0)
    if (more.length > 0)
      throw new UsageError('E_ONE_WAY', 'One at a time.', `npm run try -- ${lab.number} ${what}`)
    const ways = await loadTryIt(course.root, lab)
    const [name, way] = findWay(ways, lab, what)
    const others = Object.keys(ways).filter((each) => each !== name)
    // Only this command needs what it loads.
    const { tryWay } = await import('./try/run.ts')
    return await tryWay({ course, lab, name, way, others, solutions: flags['solutions'] === true })
  },
}

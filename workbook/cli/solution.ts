import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { gradeLabs } from './grade-labs.ts'
import { remember } from './progress.ts'
import { selectOne } from './selection.ts'
import { print } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export const solution: Command = {
  name: 'solution',
  grades: true,
  summary: 'shows the reference, once your own program passes',
  usage: 'npm run solution -- LAB',
  options: {},
  async run({ words }: Input): Promise<number> {
    const { course, lab } = selectOne(words, 'solution', 0)
    const file = path.join('solutions', lab.id, lab.entry)
    if (!existsSync(path.join(root, file))) {
      throw new UsageError(
        'E_NO_SOLUTION',
        'This edition holds no solutions; your teacher has them.',
        `npm run grade -- ${lab.number}`,
      )
    }
    const result = await gradeLabs(
      { course, labs: [{ lab, requirements: [] }] },
      { seed: readSeed(undefined) },
    )
    remember(result)
    const requirements = result.labs.flatMap((each) => each.requirements)
    const passed = requirements.filter(({ kind }) => kind === 'passed').length
    if (passed === 0 || passed < lab.requirements.length) {
      await print(
        `The reference opens when the lab passes: ${passed} of ${lab.requirements.length} so far.\nNext: npm run grade -- ${lab.number}\n`,
      )
      return 1
    }
    await print(`${readFileSync(path.join(root, file), 'utf8')}\n${file}: compare it with yours.\n`)
    return 0
  },
}

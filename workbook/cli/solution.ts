import { root } from '../bundle/root.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { gradeLabs } from './grade-labs.ts'
import { remember } from './progress.ts'
import { selectOne } from './selection.ts'
import { hasReference, nameOfReference, readReference } from './reference.ts'
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
    if (!hasReference(root, lab)) {
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
    const text = readReference(root, lab)
    await print(`${text}\n${nameOfReference(root, lab)}: compare it with yours.\n`)
    return 0
  },
}

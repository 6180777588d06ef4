import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
    const others = readdirSync(path.join(root, path.dirname(file))).filter((name) => name !== lab.entry)
    const files = [...others.map((name) => path.join(path.dirname(file), name)), file]
    const texts = files.map(
      (each) => `${readFileSync(path.join(root, each), 'utf8')}\n${each}: compare it with yours.\n`,
    )
    await print(texts.join('\n'))
    return 0
  },
}

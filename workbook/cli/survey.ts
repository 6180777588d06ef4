import { root } from '../bundle/root.ts'
import { runProgram } from '../bench/child.ts'
import type { SurveyPlan } from '../bench/survey/plan.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { select } from './selection.ts'

export const survey: Command = {
  name: 'survey',
  summary: 'grades every small change to a reference: what survives is a promise that nothing checks',
  usage: 'npm run survey -- [LAB [R…]] [--seed N] [--json]',
  options: { seed: { type: 'string' }, json: { type: 'boolean' } },
  run({ words, flags }: Input): Promise<number> {
    const { labs } = select(words, 'survey')
    const plan: SurveyPlan = {
      labs: labs.map(({ lab: { id }, requirements }) => ({ id, requirements })),
      seed: readSeed(flags['seed']),
      show: flags['json'] === true ? 'json' : 'survivors',
    }
    return runProgram(root, 'survey.ts', plan)
  },
}

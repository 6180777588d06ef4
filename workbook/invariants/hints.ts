import { wordsOfHint } from '../course/hint-words.ts'
import type { Lab, Requirement } from '../course/lab.ts'
import { readTextFile } from '../course/text-file.ts'
import { entriesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** Two or three layers for everybody: one hint says either too little or too much. Those for one failure come on top. */
export const hints: Invariant = {
  name: 'hints',
  find: ({ root, labs }) =>
    labs.flatMap((lab) => {
      const suite = suiteText(root, lab)
      return lab.requirements.flatMap((each) => [...tooFew(lab, each), ...unsaid(lab, each, suite)])
    }),
}

// --- internal ---

function tooFew({ id }: Lab, requirement: Requirement): Finding[] {
  const layers = requirement.hints.filter((hint) => wordsOfHint(hint).length === 0).length
  if (layers >= 2 && layers <= 3) return []
  return [
    {
      file: `labs/${id}/README.md`,
      line: requirement.line,
      expected: `2 or 3 hints for ${requirement.id}`,
      found: String(layers),
      next: 'The first hint asks a question, the last one names the tool. See "## Hints" of the page.',
    },
  ]
}

/** A hint that waits for words which no failure of the lab contains would never come first. */
function unsaid({ id }: Lab, requirement: Requirement, suite: string): Finding[] {
  const words = requirement.hints.flatMap(wordsOfHint)
  return words
    .filter((each) => !suite.includes(each))
    .map((each) => ({
      file: `labs/${id}/README.md`,
      line: requirement.line,
      expected: `words that the suite says, in the hint of ${requirement.id} for a report that says "${each}"`,
      found: `no such words in test/labs/${id}/`,
      next: 'Take words from a check, or from its title, as they stand there.',
    }))
}

function suiteText(root: string, { id }: Lab): string {
  const files = entriesOf(root, `test/labs/${id}`).filter(({ name }) => name.endsWith('.ts'))
  return files.map(({ name }) => readTextFile(root, `test/labs/${id}/${name}`)).join('\n')
}

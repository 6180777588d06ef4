import type { Invariant } from './invariant.ts'

/** Two or three layers: one hint says either too little or too much. */
export const hints: Invariant = {
  name: 'hints',
  find: ({ labs }) =>
    labs.flatMap(({ id, requirements }) =>
      requirements
        .filter((requirement) => requirement.hints.length < 2 || requirement.hints.length > 3)
        .map((requirement) => ({
          file: `labs/${id}/README.md`,
          line: requirement.line,
          expected: `2 or 3 hints for ${requirement.id}`,
          found: String(requirement.hints.length),
          next: 'The first hint asks a question, the last one names the tool. See "## Hints" of the page.',
        })),
    ),
}

import type { Lab } from '../course/lab.ts'
import { entriesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** A student finds in a lab's folder what the page speaks of, and nothing else. */
export const labFolders: Invariant = {
  name: "labs' folders",
  find({ root, labs, folders }) {
    const names = new Set([...folders, 'kit', 'tsconfig.json'])
    const strays = entriesOf(root, 'labs').filter(({ name }) => !names.has(name))
    return [
      ...strays.map(({ name }) => strayInLabs(name)),
      ...labs.flatMap((lab) => [...missing(root, lab), ...extra(root, lab)]),
    ]
  },
}

// --- internal ---

function needed({ entry }: Lab): string[] {
  return ['README.md', entry, '.starter']
}

function missing(root: string, lab: Lab): Finding[] {
  const names = entriesOf(root, `labs/${lab.id}`).map(({ name }) => name)
  return needed(lab)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const next =
        name === '.starter' ? `cp labs/${lab.id}/${lab.entry} labs/${lab.id}/.starter` : 'Write it.'
      return { file: `labs/${lab.id}/${name}`, line: null, expected: 'this file', found: 'none', next }
    })
}

function extra(root: string, lab: Lab): Finding[] {
  const known = [...needed(lab), 'predictions.md']
  return entriesOf(root, `labs/${lab.id}`)
    .filter(({ name }) => !known.includes(name))
    .map(({ name }) => ({
      file: `labs/${lab.id}/${name}`,
      line: null,
      expected: `only ${known.join(', ')}`,
      found: 'a stray file',
      next: 'Remove it, or move it out of labs/.',
    }))
}

function strayInLabs(name: string): Finding {
  return {
    file: `labs/${name}`,
    line: null,
    expected: 'only folders such as 01-my-lab, kit, and tsconfig.json',
    found: 'something else',
    next: 'Remove it, or move it out of labs/.',
  }
}

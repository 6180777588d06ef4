import { existsSync } from 'node:fs'
import path from 'node:path'
import { entriesOf } from './files.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'

/** Each lab has a solution and a suite, and nothing outlives the lab that it belongs to. */
export const counterparts: Invariant = {
  name: 'solutions, suites and wrong programs have their labs',
  find: (course) => [
    ...missing(course),
    ...strays(course),
    ...besideSolutions(course),
    ...besidePrograms(course, 'test/mutants', 'a wrong program'),
    ...besidePrograms(course, 'test/alternatives', 'a right program in another style'),
  ],
}

// --- internal ---

function missing({ root, labs }: Readable): Finding[] {
  return labs.flatMap(({ id, entry }) =>
    [`solutions/${id}/${entry}`, `test/labs/${id}.test.ts`]
      .filter((file) => !existsSync(path.join(root, file)))
      .map((file) => {
        const next = 'Write it, or remove the lab.'
        return { file, line: null, expected: `what belongs to labs/${id}`, found: 'none', next }
      }),
  )
}

function strays({ root, folders }: Readable): Finding[] {
  return ['solutions', 'test/labs', 'test/mutants', 'test/alternatives'].flatMap((folder) =>
    entriesOf(root, folder)
      // `01-name.test.ts`, and what stands beside it, belongs to `01-name`; another file to nothing.
      .filter(({ name }) => !folders.includes(name.replace(/\.(?:test|host|site|try|why)\.ts$/, '')))
      .map(({ name }) => {
        const next = 'Rename it after its lab, or remove it.'
        return {
          file: `${folder}/${name}`,
          line: null,
          expected: 'the name of a lab',
          found: 'a name that no lab has',
          next,
        }
      }),
  )
}

function besideSolutions({ root, labs }: Readable): Finding[] {
  return labs.flatMap(({ id, entry }) =>
    entriesOf(root, `solutions/${id}`)
      .filter(({ name }) => name !== entry)
      .map(({ name }) => {
        const next = 'Remove it: a solution has the one file that its lab has.'
        return {
          file: `solutions/${id}/${name}`,
          line: null,
          expected: `only ${entry}`,
          found: 'a stray file',
          next,
        }
      }),
  )
}

function besidePrograms({ root, labs }: Readable, folder: string, what: string): Finding[] {
  return labs.flatMap(({ id }) =>
    entriesOf(root, `${folder}/${id}`)
      .filter((entry) => !entry.isFile() || !entry.name.endsWith('.ts'))
      .map(({ name }) => {
        const expected = `only .ts files, each ${what}`
        return {
          file: `${folder}/${id}/${name}`,
          line: null,
          expected,
          found: 'a stray file',
          next: 'Rename or remove it.',
        }
      }),
  )
}

import { existsSync, readFileSync } from 'node:fs'
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
    ...besidePrograms(course, 'wrong', /\.(?:patch|ts)$/, 'a wrong program: NAME.patch, or NAME.ts'),
    ...besidePrograms(
      course,
      'right',
      /\.(?:patch|ts)$/,
      'a right program in another style: NAME.ts, or NAME.patch',
    ),
  ],
}

// --- internal ---

function missing({ root, labs }: Readable): Finding[] {
  return labs.flatMap(({ id, entry }) =>
    [`solutions/${id}/${entry}`, `test/labs/${id}/suite.test.ts`]
      .filter((file) => !existsSync(path.join(root, file)))
      .map((file) => {
        const next = 'Write it, or remove the lab.'
        return { file, line: null, expected: `what belongs to labs/${id}`, found: 'none', next }
      }),
  )
}

function strays({ root, folders }: Readable): Finding[] {
  return ['solutions', 'test/labs'].flatMap((folder) =>
    entriesOf(root, folder)
      .filter(({ name }) => !folders.includes(name))
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
      .filter(({ name }) => name !== entry && !isImported(root, id, name))
      .map(({ name }) => {
        const next =
          'Remove it, or import it: a solution is the file that its lab has, and what that imports.'
        return {
          file: `solutions/${id}/${name}`,
          line: null,
          expected: `only ${entry}, and what it imports`,
          found: 'a stray file',
          next,
        }
      }),
  )
}

/** By another file of the solution. */
function isImported(root: string, id: string, name: string): boolean {
  const others = entriesOf(root, `solutions/${id}`).filter((entry) => entry.isFile() && entry.name !== name)
  const text = ({ name: other }: { name: string }): string =>
    readFileSync(path.join(root, 'solutions', id, other), 'utf8')
  return name.endsWith('.ts') && others.some((other) => text(other).includes(`'./${name}'`))
}

function besidePrograms({ root, labs }: Readable, folder: string, form: RegExp, what: string): Finding[] {
  return labs.flatMap(({ id }) =>
    entriesOf(root, `test/labs/${id}/${folder}`)
      .filter((entry) => !entry.isFile() || !form.test(entry.name))
      .map(({ name }) => ({
        file: `test/labs/${id}/${folder}/${name}`,
        line: null,
        expected: `only files that are each ${what}`,
        found: 'a stray file',
        next: 'Rename or remove it.',
      })),
  )
}

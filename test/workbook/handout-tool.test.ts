import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root as checkout } from '../../workbook/bundle/root.ts'
import { buildHandout } from '../../workbook/handout/build.ts'
import { prune, type Lock } from '../../workbook/handout/lock.ts'
import { goodCourse } from './good-course.ts'

/** Which part of the tool, and which packages, a student's edition has. */

const course = goodCourse()
const { write } = course

async function build() {
  const { handout } = await buildHandout(course.path, { labs: null, title: null })
  const text = (file: string): string => String(handout.files.get(file))
  return { names: [...handout.files.keys()].sort(), text }
}

describe('the tool', () => {
  test('comes along as far as it is imported, started by its path, or lies beside what is read', async () => {
    write(
      'workbook/cli/start.mjs',
      "import './list.ts'\nconst name = 'x'\nawait import('./late.ts')\nexport { name }\n",
    )
    write('workbook/cli/list.ts', "import type { Page } from '../pages/page.ts'\nexport type { Page }\n")
    write('workbook/cli/late.ts', "export const started = ['--import', 'a', 'workbook/cli/started.ts']\n")
    write('workbook/cli/started.ts', 'export {}\n')
    write('workbook/cli/other.ts', 'export {}\n')
    write('workbook/pages/page.ts', 'export interface Page {}\n')
    write('workbook/pages/style.css', 'p {}\n')
    const { names, text } = await build()
    expect(names.filter((name) => name.startsWith('workbook/'))).toEqual([
      'workbook/cli/late.ts',
      'workbook/cli/list.ts',
      'workbook/cli/start.mjs',
      'workbook/cli/started.ts',
      'workbook/pages/page.ts',
      'workbook/pages/style.css',
    ])
    expect(JSON.parse(text('package.json')).dependencies).toEqual({ a: '^1.0.0' })
  })

  test('has another file in the place of the teacher’s commands', async () => {
    write('workbook/cli/start.mjs', "import './teacher.ts'\n")
    write(
      'workbook/cli/teacher.ts',
      "import { bench } from './bench.ts'\nexport const TEACHER_COMMANDS = [bench]\n",
    )
    write('workbook/cli/bench.ts', 'export const bench = 1\n')
    const { names, text } = await build()
    expect(names).not.toContain('workbook/cli/bench.ts')
    expect(text('workbook/cli/teacher.ts')).toContain('TEACHER_COMMANDS: readonly Command[] = []')
  })
})

describe('the tool in this checkout’s handout', () => {
  test('has what the student’s commands reach, and nothing of the teacher’s', async () => {
    const { handout } = await buildHandout(checkout, { labs: null, title: null })
    const names = [...handout.files.keys()]
    expect(names).toEqual(expect.arrayContaining(['workbook/cli/grade.ts', 'workbook/cli/update.ts']))
    expect(
      names.filter((name) => /^workbook\/(?:invariants|bench|batch)\/|^(?:test|solutions)\//.test(name)),
    ).toEqual([])
    expect(names).not.toContain('workbook/cli/check.ts')
    expect(names).not.toContain('workbook/handout/build.ts')
    expect(names).not.toContain('workbook/grading/programs.ts')
  })

  test('imports nothing that did not come along', async () => {
    const { handout } = await buildHandout(checkout, { labs: null, title: null })
    const missing = [...handout.files]
      .filter(([file]) => /\.m?ts$|\.mjs$/.test(file))
      .flatMap(([file, bytes]) =>
        [...String(bytes).matchAll(/(?:from|import\() ?['"](\.[^'"]+\.m?[tj]s)['"]/g)]
          .map(([, place = '']) => path.posix.join(path.posix.dirname(file), place))
          .filter((place) => !handout.files.has(place)),
      )
    expect(missing).toEqual([])
  })
})

describe('a lockfile for fewer packages', () => {
  const lock: Lock = {
    name: 'a-course',
    lockfileVersion: 3,
    packages: {
      '': { devDependencies: { a: '1', z: '1' } },
      'node_modules/a': {
        version: '1.0.0',
        dev: true,
        dependencies: { b: '2' },
        optionalDependencies: { o: '1' },
        peerDependencies: { p: '1', q: '1' },
        peerDependenciesMeta: { q: { optional: true } },
      },
      'node_modules/a/node_modules/b': { version: '2.0.0', dev: true, dependencies: { c: '1' } },
      'node_modules/b': { version: '1.0.0', dev: true },
      'node_modules/c': { version: '1.0.0', devOptional: true, dependencies: { b: '1' } },
      'node_modules/o': { version: '1.0.0', dev: true, dependencies: { c: '1' } },
      'node_modules/p': { version: '1.0.0', dev: true, peer: true },
      'node_modules/q': { version: '1.0.0', dev: true },
      'node_modules/z': { version: '1.0.0', dev: true },
    },
  }
  const pruned = prune(lock, { name: 'a-course', version: '1', dependencies: { a: '1' } })

  test('keeps what they need, each where Node finds it, and drops the rest', () => {
    expect(Object.keys(pruned.packages ?? {})).toEqual([
      '',
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/b',
      'node_modules/c',
      'node_modules/o',
      'node_modules/p',
    ])
  })

  test('marks anew what is optional or a peer, and nothing is for development', () => {
    const marks = Object.entries(pruned.packages ?? {}).flatMap(
      ([place, { dev, devOptional, optional, peer }]) =>
        dev || devOptional || optional || peer ? [[place, { dev, devOptional, optional, peer }]] : [],
    )
    expect(marks).toEqual([
      ['node_modules/o', { optional: true }],
      ['node_modules/p', { peer: true }],
    ])
  })

  test('has no download address, in this checkout', async () => {
    const { handout } = await buildHandout(checkout, { labs: null, title: null })
    const real = JSON.parse(String(handout.files.get('package-lock.json')))
    const slim = JSON.parse(String(handout.files.get('package.json')))
    expect(real.packages[''].dependencies).toEqual(slim.dependencies)
    expect(Object.keys(real.packages)).not.toContain('node_modules/knip')
    expect(JSON.stringify(real)).not.toMatch(/"resolved"/)
  })
})

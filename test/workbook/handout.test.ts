import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { unseal } from '../../workbook/course/seal.ts'
import { buildHandout } from '../../workbook/handout/build.ts'
import { goodCourse } from './good-course.ts'

/** What is in a student's edition, and what is not. Nothing is written here: a handout is made in memory. */

const course = goodCourse()
const { write, edit } = course

async function build(options: { labs?: readonly string[]; title?: string; solutions?: boolean } = {}) {
  const { labs = null, title = null, solutions = false } = options
  const { handout, leftOut, needed } = await buildHandout(course.path, { labs, title, solutions })
  const text = (file: string): string => String(handout.files.get(file))
  return { names: [...handout.files.keys()].sort(), text, leftOut, needed, marker: handout.marker }
}

describe('the list of what students get', () => {
  test('holds the lab, the kit, the pages and the bundle, and no other file', async () => {
    write('LICENSE', 'MIT')
    write('docs/1-first.md', '# First\n')
    write('docs/figures/a.svg', '<svg/>')
    write('docs/figures/a.json', '{}')
    write('docs/demos/a.ts', '// A demo.\n')
    write('docs/ko/1-first.md', '# First\n')
    write('labs/42-greeting/README.ko.md', '# Lab 42\n')
    expect((await build()).names).toEqual([
      'LICENSE',
      'README.md',
      'docs/1-first.md',
      'docs/demos/a.ts',
      'docs/figures/a.json',
      'docs/figures/a.svg',
      'docs/inventory.md',
      'docs/ko/1-first.md',
      'handout.json',
      'labs/42-greeting/.starter',
      'labs/42-greeting/README.ko.md',
      'labs/42-greeting/README.md',
      'labs/42-greeting/greeting.ts',
      'labs/42-greeting/predictions.md',
      'labs/kit/README.md',
      'package-lock.json',
      'package.json',
      'suites/42-greeting.mjs',
      'tsconfig.json',
    ])
  })

  test('holds the references only where the teacher says so, sealed with their suites', async () => {
    const sealed = 'suites/42-greeting.reference'
    expect((await build()).names).not.toContain(sealed)
    const { names, text } = await build({ solutions: true })
    expect(names).toContain(sealed)
    expect(text(sealed)).toMatch(/^[0-9a-f\n]+$/)
    const suite = Buffer.from(text('suites/42-greeting.mjs'))
    const reference = readFileSync(path.join(course.path, 'solutions/42-greeting/greeting.ts'), 'utf8')
    expect(unseal(text(sealed), suite)).toBe(reference)
    expect(unseal(text(sealed), Buffer.concat([suite, Buffer.from(' ')]))).toBeNull()
    expect(
      unseal(
        text(sealed).replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
        suite,
      ),
    ).toBeNull()
    expect(unseal('', suite)).toBeNull()
  })

  test.each([
    'labs/42-greeting/answers.ts',
    'labs/42-greeting/notes.md',
    'labs/42-greeting/old/greeting.ts',
    'labs/kit/answers.md',
    'labs/kit/more/serve.ts',
    'labs/answers.ts',
    'labs/drafts/greeting.ts',
    'docs/answers.md',
    'docs/2-second.txt',
    'docs/figures/plan.md',
    'docs/demos/answers.md',
    'docs/drafts/1-first.md',
  ])('leaves %s out, and tells it', async (file) => {
    write(file, 'mine\n')
    const { names, leftOut } = await build()
    expect(names).not.toContain(file)
    expect(leftOut).toEqual([file])
  })

  test.each(['docs/teachers.md', 'docs/figures/record.ts', 'labs/42-greeting/.backup/greeting.ts'])(
    'leaves %s out, and tells nobody: it is known',
    async (file) => {
      write(file, 'mine\n')
      const { names, leftOut } = await build()
      expect(names).not.toContain(file)
      expect(leftOut).toEqual([])
    },
  )

  test('a link is left out, wherever it leads', async () => {
    write('docs/1-first.md', '# First\n')
    symlinkSync('1-first.md', path.join(course.path, 'docs/2-second.md'))
    symlinkSync('../../solutions/42-greeting', path.join(course.path, 'labs/kit/more'))
    expect((await build()).leftOut).toEqual(['labs/kit/more', 'docs/2-second.md'])
  })
})

describe('files that the learner works in', () => {
  test('come as nobody has touched them', async () => {
    cpSync(
      path.join(course.path, 'solutions/42-greeting/greeting.ts'),
      path.join(course.path, 'labs/42-greeting/greeting.ts'),
    )
    edit('labs/42-greeting/predictions.md', '- [ ] b.', '- [x] b.')
    const { text, marker } = await build()
    expect(text('labs/42-greeting/greeting.ts')).toBe(text('labs/42-greeting/.starter'))
    expect(text('labs/42-greeting/predictions.md')).toContain('- [ ] b.')
    expect(text('labs/42-greeting/predictions.md')).not.toContain('[x]')
    expect(Object.keys(marker.learner)).toEqual([
      'labs/42-greeting/greeting.ts',
      'labs/42-greeting/predictions.md',
    ])
  })
})

describe('the choice of labs', () => {
  const addLab = (): void => {
    for (const name of ['README.md', 'predictions.md', 'greeting.ts', '.starter'])
      write(
        `labs/43-more/${name}`,
        readFileSync(path.join(course.path, 'labs/42-greeting', name), 'utf8')
          .replace('needs: []', "needs: ['42']")
          .replace('# Lab 42', '# Lab 43'),
      )
    write(
      'test/labs/43-more/suite.test.ts',
      "import { lab } from '../../../workbook/grading/lab.ts'\nlab('43-more', () => undefined)\n",
    )
  }

  test('holds these and no others', async () => {
    addLab()
    const { names, marker, needed, leftOut } = await build({ labs: ['42'] })
    expect(names.filter((name) => name.includes('43'))).toEqual([])
    expect([marker.labs, needed, leftOut]).toEqual([['42-greeting'], [], []])
  })

  test('brings the labs that they need, and tells it', async () => {
    addLab()
    const { marker, needed } = await build({ labs: ['more'] })
    expect([marker.labs, needed]).toEqual([['42-greeting', '43-more'], ['42']])
  })

  test('of a lab that does not exist is refused', async () => {
    await expect(build({ labs: ['44'] })).rejects.toMatchObject({ code: 'E_UNKNOWN_LAB' })
  })

  test('a link to a lab that did not come is its text', async () => {
    addLab()
    write(
      'docs/1-first.md',
      '# First\n\n[here](../labs/42-greeting/README.md#requirements), [there](../labs/43-more/README.md) [in `code`](../workbook/x.ts), [top](#first),\n[far](https://a.example/43)\n\n```md\n[there](../labs/43-more/README.md)\n```\n',
    )
    expect((await build({ labs: ['42'] })).text('docs/1-first.md')).toBe(
      '# First\n\n[here](../labs/42-greeting/README.md#requirements), there in `code`, [top](#first),\n[far](https://a.example/43)\n\n```md\n[there](../labs/43-more/README.md)\n```\n',
    )
  })
})

describe('what the handout says of itself', () => {
  test('is the version and the title', async () => {
    const { marker, text } = await build({ title: 'Networks I' })
    expect(marker).toMatchObject({ format: 1, course: 'a-course', version: '1.2.3', title: 'Networks I' })
    expect(text('README.md')).toMatch(/^# Networks I\n/)
    expect(text('README.md')).toContain('[lab 42](labs/42-greeting/README.md)')
  })

  test('is made the same way twice', async () => {
    const [one, other] = [await build(), await build()]
    expect(one.names.map(one.text)).toEqual(other.names.map(other.text))
  })

  test('its commands are the student’s, and its packages what they need', async () => {
    write('workbook/cli/start.mjs', "import a from 'a'\nexport { a }\n")
    const slim = JSON.parse((await build()).text('package.json'))
    expect(slim.scripts).toEqual({ grade: 'node workbook/cli/start.mjs grade' })
    expect(slim.dependencies).toEqual({ a: '^1.0.0' })
  })

  test('a package that the lockfile does not hold is told', async () => {
    write('workbook/cli/start.mjs', "import a from 'a'\nexport { a }\n")
    write('package-lock.json', '{ "packages": { "": {} } }')
    await expect(build()).rejects.toMatchObject({ code: 'E_LOCK' })
  })
})

describe('a suite as a bundle', () => {
  test('has no comment, no types and no name of its own, and takes lab() from the tool', async () => {
    edit(
      'test/labs/42-greeting/suite.test.ts',
      "lab('42-greeting'",
      "// Hidden.\nconst unmistakable: string = 'a text'\nlab('42-greeting'",
    )
    const code = (await build()).text('suites/42-greeting.mjs')
    expect(code).toMatch(/^import\{lab as \w+\}from"\.\.\/workbook\/grading\/lab\.ts";/)
    expect(code).not.toMatch(/unmistakable|Hidden|sourceMapping|\bstring\b/)
  })

  test('has what it makes beside the program in a second one, with the kit folded in', async () => {
    write('labs/kit/more.ts', "export const more = 'from the kit'\n")
    write(
      'test/labs/42-greeting/fixture.ts',
      "// Hidden.\nexport { more } from '../../../labs/kit/more.ts'\n",
    )
    const code = (await build()).text('suites/42-greeting.fixture.mjs')
    expect(code).toContain('"from the kit"')
    expect(code).not.toMatch(/Hidden|import/)
  })

  test('has how the lab is tried by hand in a third one', async () => {
    write(
      'test/labs/42-greeting/by-hand.ts',
      "// Hidden.\nimport { ways } from '../../../workbook/grading/ways.ts'\nexport default { ways }\n",
    )
    const code = (await build()).text('suites/42-greeting.by-hand.mjs')
    expect(code).toMatch(/^import\{ways as \w+\}from"\.\.\/workbook\/grading\/ways\.ts";/)
    expect(code).not.toContain('Hidden')
  })
})

import { describe, expect, test } from 'vitest'
import { changeOf, isSame, placeOf } from '../../workbook/bench/survey/change.ts'
import { Kills } from '../../workbook/bench/survey/kills.ts'
import { mutantsOf, textWith } from '../../workbook/bench/survey/mutants.ts'
import { readReasons } from '../../workbook/bench/survey/reasons.ts'
import { readReferences } from '../../workbook/bench/survey/reference.ts'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import { faultOf, temporaryRoot } from './course-fixtures.ts'

describe('small changes', () => {
  test('are made in the text, one at a time, in the order of their places', async () => {
    expect(await textsOf('export const over = (a: number) => a > 1 || a < -1\n')).toEqual([
      'export const over = () => undefined\n',
      'export const over = (a: number) => true\n',
      'export const over = (a: number) => false\n',
      'export const over = (a: number) => (a > 1 && a < -1)\n',
      'export const over = (a: number) => false || a < -1\n',
      'export const over = (a: number) => a >= 1 || a < -1\n',
      'export const over = (a: number) => a <= 1 || a < -1\n',
      'export const over = (a: number) => a > 1 || false\n',
      'export const over = (a: number) => a > 1 || a <= -1\n',
      'export const over = (a: number) => a > 1 || a >= -1\n',
      'export const over = (a: number) => a > 1 || a < +1\n',
    ])
  })

  test('leave texts as they are', async () => {
    expect(await textsOf("export const texts = ['a', `b${1 - 2}`]\n")).toEqual([
      'export const texts = []\n',
      "export const texts = ['a', `b${1 + 2}`]\n",
    ])
  })

  test('keep the operators around them where they were', async () => {
    const texts = await textsOf('export const both = !(a || b) && c\n')
    expect(texts).toContain('export const both = (a || b) && c\n')
    expect(texts).toContain('export const both = !((a && b)) && c\n')
  })
})

describe('a change', () => {
  test('is named by its line before and after, and the declaration around it', async () => {
    expect(await changesOf(PROGRAM)).toContainEqual({
      within: 'serve',
      before: 'if (closed) return',
      after: 'if (true) return',
      line: 4,
      column: 7,
    })
  })

  test('of several lines shows the first and the last', async () => {
    expect(await changesOf(PROGRAM)).toContainEqual({
      within: 'serve',
      before: 'export async function serve(closed: boolean): Promise<void> { … }',
      after: 'export async function serve(closed: boolean): Promise<void> {}',
      line: 3,
      column: 61,
    })
  })

  test('keeps its name when lines come before it and a formatter changes the white space', async () => {
    const edited = `// More.\n\n${PROGRAM.replaceAll('  ', '\t\t')}`
    const [before, after] = [await changesOf(PROGRAM), await changesOf(edited)]
    expect(after).toHaveLength(before.length)
    expect(before.every((each, index) => isSame(each, after[index] ?? each))).toBe(true)
  })
})

describe('reasons', () => {
  const course = temporaryRoot()
  const read = (text: string) => {
    course.write('test/labs/42-greeting/survivors.md', text)
    return readReasons(course.path, '42-greeting')
  }

  test('are none where there is no file', () => {
    expect(readReasons(course.path, '42-greeting')).toEqual([])
  })

  test('stand below the changes that share them, up to the next block or heading', () => {
    const hunk = (name: string): string => `@@ serve\n-  if (${name})  return\n+  if (true) return\n`
    const text = `# Why\n\n${block(hunk('a') + hunk('b'))}Nobody\ncalls it.\n\n## More\n\n${block(hunk('c'))}\nNever.\n`
    expect(read(text)).toEqual([
      {
        within: 'serve',
        before: 'if (a) return',
        after: 'if (true) return',
        line: 4,
        why: 'Nobody calls it.',
      },
      {
        within: 'serve',
        before: 'if (b) return',
        after: 'if (true) return',
        line: 7,
        why: 'Nobody calls it.',
      },
      { within: 'serve', before: 'if (c) return', after: 'if (true) return', line: 17, why: 'Never.' },
    ])
  })

  test.each([
    ['no reason', block('@@ a\n-b\n+c\n'), '5: expected the reason below the block, found an empty line'],
    ['no declaration', block('-b\n+c\n', WHY), '2: expected "@@ " and the declaration around the change'],
    ['no change', block('@@ a\n-b\n', WHY), '4: expected "+" and the line with the change, found "```"'],
    [
      'an empty block',
      block('', WHY),
      '2: expected "@@ " and the declaration around the change, found "```"',
    ],
    ['no end', '```diff\n@@ a\n-b', '4: expected the reason below the block'],
  ])('with %s are refused, with the line', (_, text, told) => {
    const place = `test/labs/42-greeting/survivors.md:${told}`
    expect(faultOf(() => read(text))).toContain(`E_COURSE_SURVIVORS ${place}`)
  })

  test.each(readCourse(root).labs.map((lab) => [lab.id, lab] as const))(
    'of lab %s name changes that can be made',
    async (id, lab) => {
      const references = await readReferences(root, lab)
      const changes = references.flatMap(({ text, mutants }) =>
        mutants.map((mutant) => changeOf(text, mutant)),
      )
      const unknown = readReasons(root, id).filter((reason) => !changes.some((each) => isSame(each, reason)))
      expect(unknown).toEqual([])
    },
  )
})

test('what has killed a neighbour is tried first, and everything once', () => {
  const all = ['R1', 'R2', 'R3', 'R4'].map((requirement) => {
    return { lab: '42-greeting', requirement, title: 'a claim', body: async () => undefined }
  })
  const kills = new Kills(all)
  const order = (at: number): string =>
    kills
      .orderFor(at)
      .map(({ requirement }) => requirement)
      .join(' ')
  expect(order(0)).toBe('R1 R2 R3 R4')
  for (const [at, index] of [
    [10, 2],
    [20, 1],
    [21, 1],
    [40, 3],
  ] as const) {
    const by = all[index]
    if (by) kills.add(at, by)
  }
  expect([order(0), order(22), order(50)]).toEqual(['R3 R2 R4 R1', 'R2 R3 R4 R1', 'R4 R2 R3 R1'])
})

// --- internal ---

const PROGRAM = `import { once } from 'node:events'

export async function serve(closed: boolean): Promise<void> {
  if (closed) return
  await once(closed, 'end')
}
`

const WHY = 'Never.\n'

function block(changes: string, why = ''): string {
  return `\`\`\`diff\n${changes}\`\`\`\n${why}`
}

async function textsOf(text: string): Promise<string[]> {
  return (await mutantsOf('program.ts', text)).map((mutant) => textWith(text, mutant))
}

async function changesOf(text: string) {
  const mutants = await mutantsOf('program.ts', text)
  return mutants.map((mutant) => ({ ...changeOf(text, mutant), ...placeOf(text, mutant) }))
}

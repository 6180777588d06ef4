import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root as checkout } from '../../workbook/bundle/root.ts'
import type { Figure } from '../../workbook/figure/figure.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { buildHandout } from '../../workbook/handout/build.ts'
import { findLeaks } from '../../workbook/invariants/leaks.ts'
import { goodCourse } from './good-course.ts'

/** A handout gives nothing away: each place where an answer could stand is tried. */

const course = goodCourse()
const { write, edit, findings } = course

const SOLUTION = 'solutions/42-greeting/greeting.ts'
const README = 'labs/42-greeting/README.md'
const SUITE = 'test/labs/42-greeting/suite.test.ts'
const FIGURE: Figure = {
  format: 1,
  title: 'A close',
  description: 'A FIN.',
  lanes: [
    { id: 'a', name: 'client' },
    { id: 'b', name: 'server' },
  ],
  source: { how: 'computed', command: 'npm run figures -- close', on: '' },
  unit: 'order',
  events: [{ kind: 'segment', from: 'a', to: 'b', sent: 0, arrived: 1, label: 'FIN', type: 'fin' }],
}
/** The part that CONTRIBUTING.md has the learner write. */
const ANSWER = `const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.write(\`hello from \${options.name}\\r\\n\`)
    socket.once('end', () => socket.end()).resume()
  })`
const TEN = 'no 10 tokens in a row of a solution or a wrong program'
const THIRTY = 'no 30 tokens in a row of a solution or a wrong program'

function leak(file: string, line: number | RegExp, limit: string, start: string): RegExp {
  return new RegExp(
    `^${file}:${typeof line === 'number' ? line : line.source}: expected ${limit}, found of ${SOLUTION}: ${start.replace(/[$()[\]{}.]/g, '\\$&')}`,
  )
}

test('the answer of these tests is a part of the solution', () => {
  expect(readFileSync(path.join(course.path, SOLUTION), 'utf8')).toContain(ANSWER)
})

describe('an answer is found', () => {
  const page = (text: string): void => write('docs/glossary.md', text)
  const cases: ReadonlyArray<readonly [place: string, plant: () => void, finding: RegExp]> = [
    [
      'in a block of code on a page',
      () => page(`# Words\n\n\`\`\`ts\n${ANSWER}\n\`\`\`\n`),
      leak('docs/glossary.md', 4, TEN, 'const server = net . createServer ('),
    ],
    [
      'in a quote on a page',
      () => page(`# Words\n\n> [!TRY] It\n>\n> \`\`\`ts\n${ANSWER.replace(/^ */gm, '> ')}\n> \`\`\`\n`),
      leak('docs/glossary.md', 6, TEN, 'const server = net . createServer ('),
    ],
    [
      'inside a sentence, behind an apostrophe',
      () =>
        page("# Words\n\nIt's `socket.once('end', () => socket.end()).resume()` that does it, isn't it?\n"),
      leak('docs/glossary.md', 3, TEN, "socket . once ( 'end' , ( ) => socket"),
    ],
    [
      'in a hint',
      () =>
        edit(
          README,
          'Which event tells you',
          "Try `socket.once('end', () => socket.end())`. Which event tells you",
        ),
      leak(README, /\d+/, TEN, "socket . once ( 'end' , ( ) => socket"),
    ],
    [
      'in what a learner predicts',
      () =>
        edit(
          'labs/42-greeting/predictions.md',
          'the client\n',
          "the client: `socket.once('end', () => socket.end())`\n",
        ),
      leak('labs/42-greeting/predictions.md', 8, TEN, "socket . once ( 'end' , ( ) => socket"),
    ],
    [
      'in a figure',
      () => {
        const figure = { ...FIGURE, description: ANSWER }
        write('docs/figures/close.json', JSON.stringify(figure))
        write('docs/figures/close.svg', drawFigure(figure))
      },
      leak('docs/figures/close.svg', /\d+/, TEN, 'const server = net . createServer ('),
    ],
    [
      'in a suite, whose names are shortened in the bundle',
      () =>
        edit(
          SUITE,
          "lab('42-greeting'",
          `import net from 'node:net'\nexport const serve = (options: { name: string }) => {\n${ANSWER}\nreturn server }\nlab('42-greeting'`,
        ),
      /^suites\/42-greeting\.mjs: expected no 30 tokens .*: \{ (?:const|var|let) server = net \. createServer \(/,
    ],
    [
      'in what a suite imports',
      () =>
        edit(
          SUITE,
          "lab('42-greeting'",
          `import * as reference from '../../../${SOLUTION}'\nexport { reference }\nlab('42-greeting'`,
        ),
      /^suites\/42-greeting\.mjs: expected no 30 tokens /,
    ],
    [
      'in what a suite makes beside the program',
      () =>
        write(
          'test/labs/42-greeting/fixture.ts',
          `import net from 'node:net'\nexport const serve = (options: { name: string }) => {\n${ANSWER}\nreturn server }\n`,
        ),
      /^suites\/42-greeting\.fixture\.mjs: expected no 30 tokens /,
    ],
    [
      'in the tool',
      () => write('workbook/cli/start.mjs', `export const greet = (net, options) => {\n${ANSWER}\n}\n`),
      leak('workbook/cli/start.mjs', 1, THIRTY, '{ const server = net . createServer ('),
    ],
  ]

  test.each(cases)('%s', async (_place, plant, finding) => {
    plant()
    expect(await findings()).toEqual([expect.stringMatching(finding)])
  })

  test('of a wrong program, and the finding names it', async () => {
    const wrong = 'test/labs/42-greeting/wrong/hangs-up.patch'
    edit(wrong, '    socket.end().resume()', "setImmediate(() => socket.destroy(new Error('too late')))")
    write('docs/glossary.md', "# Words\n\n    setImmediate(() => socket.destroy(new Error('too late')))\n")
    expect(await findings()).toEqual([expect.stringContaining(`found of ${wrong}: setImmediate`)])
  })
})

describe('what everybody has is no leak', () => {
  test.each([
    ['the kit', 'labs/kit/serve.ts'],
    ['a demo', 'docs/demos/serve.ts'],
  ])('code of %s, on a page', async (_from, file) => {
    write(
      file,
      `import net from 'node:net'\nexport const serve = (options: { name: string }) => {\n${ANSWER}\nreturn server }\n`,
    )
    write('docs/glossary.md', `# Words\n\n\`\`\`ts\n${ANSWER}\n\`\`\`\n`)
    expect(await findings()).toEqual([])
  })

  test('code of the page of the lab, outside its hints', async () => {
    edit(README, '## Run it', `\`\`\`ts\n${ANSWER}\n\`\`\`\n\n## Run it`)
    write('docs/glossary.md', `# Words\n\n\`\`\`ts\n${ANSWER}\n\`\`\`\n`)
    expect(await findings()).toEqual([])
  })

  test('nine tokens in a row', async () => {
    write('docs/glossary.md', "# Words\n\n    socket.once('end', () =>\n")
    expect(await findings()).toEqual([])
  })
})

describe('a handout with something that is none of the course’s answers is found out', () => {
  const NO = 'nothing of the kind in a handout'
  test.each([
    ['suites/42-greeting.mjs', (code: string) => `${code}// as in the solution\n`, 'a comment in a suite'],
    ['suites/42-greeting.mjs', (code: string) => `/* legal */${code}`, 'a comment in a suite'],
    ['suites/42-greeting.mjs', (code: string) => `${code}//# sourceMappingURL=a.mjs.map\n`, 'a source map'],
    ['workbook/cli/start.mjs', (code: string) => `${code}\n//# sourceMappingURL=data:a\n`, 'a source map'],
    ['suites/42-greeting.mjs.map', () => '{}', 'a file of the full checkout'],
    ['test/labs/42-greeting/suite.test.ts', () => 'export {}\n', 'a file of the full checkout'],
    ['solutions/42-greeting/greeting.ts', () => 'export {}\n', 'a file of the full checkout'],
    ['workbook/invariants/all.ts', () => 'export {}\n', 'a file of the full checkout'],
    ['.git/HEAD', () => 'ref: refs/heads/main\n', 'a file of the full checkout'],
  ])('%s', async (file, change, found) => {
    write('workbook/cli/start.mjs', 'export const ready = true\n')
    const { handout } = await buildHandout(course.path, { labs: null, title: null })
    const files = new Map(handout.files)
    files.set(file, Buffer.from(change(String(files.get(file) ?? ''))))
    expect(await findLeaks(course.path, handout.files)).toEqual([])
    expect(await findLeaks(course.path, files)).toContainEqual(
      expect.objectContaining({ file, expected: NO, found }),
    )
  })
})

test('a suite that does not parse is told, and stops nothing', async () => {
  edit(SUITE, 'async ({', 'async (({')
  expect(await findings()).toContainEqual(
    expect.stringMatching(
      /^labs: expected a course to make a handout of, found test\/labs\/42-greeting\/suite\.test\.ts cannot be bundled: /,
    ),
  )
})

test('this course gives nothing away', async () => {
  const { handout } = await buildHandout(checkout, { labs: null, title: null })
  expect(await findLeaks(checkout, handout.files)).toEqual([])
})

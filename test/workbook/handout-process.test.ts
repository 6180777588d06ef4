import fs from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import type { Run } from './checkout.ts'
import { handOut, newFolder, newVersion, run, withPlace } from './handout-place.ts'
import { GREETING } from './greeting-lab.ts'

/** The student's edition, made by the command and used as a student uses it. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const SUITE = 'test/labs/42-greeting/suite.test.ts'

const test = withPlace()

describe.concurrent('a handout', () => {
  test('grades an untouched copy as the full checkout does', async ({ checkout, place, expect }) => {
    const folder = await handOut(checkout, place)
    const [here, there] = await Promise.all([
      checkout.run('grade --json --seed 7'),
      run(folder, 'grade --json --seed 7'),
    ])
    expect(told(there)).toEqual(told(here))
    expect(JSON.parse(there.stdout).labs.map(({ state }: { state: string }) => state)).toEqual([
      'not started',
      'not started',
    ])
    expect([there.code, there.stderr]).toEqual([1, ''])
  })

  test('passes what passes, and its report is the same', async ({ checkout, place, expect }) => {
    const folder = await handOut(checkout, place)
    const solution = checkout.read('solutions/01-seven-steps/fetch-once.ts')
    for (const root of [checkout.root, folder]) {
      fs.writeFileSync(path.join(root, 'labs/01-seven-steps/fetch-once.ts'), solution)
      fs.writeFileSync(path.join(root, ENTRY), GREETING)
    }
    const [here, there] = await Promise.all([
      checkout.run('grade --json --seed 7'),
      run(folder, 'grade --json --seed 7'),
    ])
    expect(told(there)).toEqual(told(here))
    expect([there.code, JSON.parse(there.stdout).passed]).toEqual([0, true])
  })

  test('fails what fails with the same words, and shows nothing of the suite', async ({
    checkout,
    place,
    expect,
  }) => {
    const folder = await handOut(checkout, place)
    const wrong = GREETING.replace("socket.once('end', () => socket.end())", 'socket.end()')
    for (const root of [checkout.root, folder]) fs.writeFileSync(path.join(root, ENTRY), wrong)
    const [here, there] = await Promise.all([
      checkout.run('grade 42 --seed 7'),
      run(folder, 'grade 42 --seed 7'),
    ])
    expect(there.stdout).toContain('✗ R2')
    expect(withoutLadder(there.stdout)).toBe(withoutLadder(here.stdout))
    expect(there.stdout).not.toMatch(/suites|takeThrough|expectBytes/)
    expect(there.code).toBe(1)
  })

  test('grades a suite that makes something beside the program', async ({ checkout, place, expect }) => {
    checkout.write(
      'test/labs/42-greeting/fixture.ts',
      'export const half = (whole: number): number => whole / 2\n',
    )
    checkout.write(
      SUITE,
      checkout
        .read(SUITE)
        .replace(
          'await client.fin()',
          "expectEqual(await learner.make('half', 84), 42, 'half of 84')\n    await client.fin()",
        )
        .replace(
          'connect, random }) => {\n    const server',
          'connect, random, expectEqual }) => {\n    const server',
        ),
    )
    const folder = await handOut(checkout, place)
    fs.writeFileSync(path.join(folder, ENTRY), GREETING)
    const { code, stdout } = await run(folder, 'grade 42')
    expect(checkout.read(SUITE)).toContain('expectEqual })')
    expect(stdout).toContain('All 2 requirements passed')
    expect(code).toBe(0)
  })

  test('has the commands of a student, a title in every report, and no references', async ({
    checkout,
    place,
    expect,
  }) => {
    const folder = await handOut(checkout, place, '--title Networks')
    const { version } = JSON.parse(checkout.read('package.json'))
    fs.writeFileSync(path.join(folder, ENTRY), GREETING)
    const passed = await run(folder, 'grade 42 --junit r.xml')
    expect(passed.stdout).toContain(`Networks · the socket workbook ${version}`)
    expect(passed.stdout).not.toContain('npm run solution')
    expect(fs.readFileSync(path.join(folder, 'r.xml'), 'utf8')).toContain(
      `<testsuites name="socket-workbook ${version} Networks"`,
    )
    expect((await run(folder, 'solution 42')).stderr).toBe(
      'This edition holds no solutions; your teacher has them.\nNext: npm run grade -- 42\n(E_NO_SOLUTION)\n',
    )
    const solutions = await run(folder, 'grade 42 --solutions')
    expect(solutions.stdout).toContain("is missing: a student's edition holds")
    expect([passed.code, solutions.code]).toEqual([0, 2])
    expect((await run(folder, 'list')).stdout).toContain('✓ 42  A server that speaks first')
    expect((await run(folder, 'hint 42 R2')).stdout).toContain('Hint 1 of 2')
    expect((await run(folder, 'reset 42')).stdout).toContain(`${ENTRY} is the starter again.`)
    expect((await run(folder, 'check')).stderr).not.toMatch(/npm run (?:check|bench|handout|batch) /)
    fs.rmSync(path.join(folder, 'suites/42-greeting.mjs'))
    const gone = await run(folder, 'grade 42 --json')
    expect(JSON.parse(gone.stdout)).toMatchObject({ course: version, title: 'Networks' })
    expect(gone.stdout).toContain('suites/42-greeting.mjs is missing: this lab cannot be graded.')
    expect(gone.code).toBe(2)
  })
})

describe.concurrent('the command', () => {
  test('says what is wrong with its flags', async ({ checkout, expect }) => {
    const cases = [
      ['handout', 'Where to? Name a folder with --out.', 'E_NO_FOLDER'],
      ['handout --out mine', 'mine lies in this checkout, and would become a part of it.', 'E_OUT_INSIDE'],
      ['handout --out /', 'holds something else than a handout: nothing was written.', 'E_OUT_TAKEN'],
      ['handout --out ../other --labs 77', 'No lab is called "77".', 'E_UNKNOWN_LAB'],
      ['handout --out ../other --autograder moss', '--autograder takes gradescope, actions', 'E_AUTOGRADER'],
      ['update', 'Which folder?', 'E_NO_FOLDER'],
      ['update /', 'is no handout: it has no handout.json.', 'E_NOT_A_HANDOUT'],
      ['update .', 'This is the folder itself', 'E_OUT_INSIDE'],
    ] as const
    for (const [command, said, code] of cases) {
      const { stderr, code: exit } = await checkout.run(command)
      expect(stderr).toContain(said)
      expect(stderr).toContain(`(${code})`)
      expect(exit).toBe(2)
    }
  })

  test('writes nothing where an answer would leak, and tells the place', async ({
    checkout,
    place,
    expect,
  }) => {
    const answer = checkout.read('solutions/42-greeting/greeting.ts')
    checkout.write('docs/1-first.md', `# First\n\n\`\`\`ts\n${answer}\`\`\`\n`)
    const folder = newFolder(place)
    const { code, stderr } = await checkout.run(`handout --out ${folder}`)
    expect(stderr).toContain('docs/1-first.md:')
    expect(stderr).toContain('Nothing was written: the handout would give something away.')
    expect(stderr).toContain('(E_LEAK)')
    expect([code, fs.existsSync(folder)]).toEqual([2, false])
  })

  test('a second time keeps what was written there, and names what stays in the checkout', async ({
    checkout,
    place,
    expect,
  }) => {
    const folder = await handOut(checkout, place)
    fs.writeFileSync(path.join(folder, ENTRY), GREETING)
    checkout.write('labs/42-greeting/notes.txt', 'mine')
    checkout.write('labs/kit/more.ts', 'export const more = 1\n')
    const { code, stdout } = await checkout.run(`handout --out ${folder}`)
    expect(stdout).toContain(
      'Left out, because they are on no list of what students get:\n  labs/42-greeting/notes.txt\n',
    )
    expect(fs.readFileSync(path.join(folder, ENTRY), 'utf8')).toBe(GREETING)
    expect(fs.existsSync(path.join(folder, 'labs/kit/more.ts'))).toBe(true)
    expect(code).toBe(0)
  })
})

describe.concurrent('an update', () => {
  test("from the checkout brings its news into a student's copy", async ({ checkout, place, expect }) => {
    const folder = await handOut(checkout, place, '--title Networks')
    fs.writeFileSync(path.join(folder, ENTRY), GREETING)
    checkout.write(SUITE, checkout.read(SUITE).replace('the greeting comes unasked', 'the greeting is there'))
    checkout.write('labs/42-greeting/.starter', `${checkout.read('labs/42-greeting/.starter')}// More.\n`)
    newVersion(checkout)
    const { code, stdout } = await checkout.run(`update ${folder}`)
    expect(stdout).toMatch(
      /^Brought up to date from version \S+: \d+ files changed\.\nWhat was there before is kept in \.backup\/update-/,
    )
    expect(stdout).toContain(`the starter has changed, see .starter beside each:\n  ${ENTRY}\n`)
    expect(code).toBe(0)
    const graded = await run(folder, 'grade 42 --json')
    expect(JSON.parse(graded.stdout)).toMatchObject({ course: '99.0.0', title: 'Networks', passed: true })
    expect(graded.stdout).toContain('the greeting is there')
  })

  test('from a newer handout does the same', async ({ checkout, place, expect }) => {
    const older = await handOut(checkout, place)
    fs.writeFileSync(path.join(older, ENTRY), GREETING)
    newVersion(checkout)
    const newer = await handOut(checkout, place)
    // Its student has begun, too: that work is nobody else's.
    fs.writeFileSync(path.join(newer, ENTRY), '// another student\n')
    const { code, stdout } = await run(newer, `update ${older}`)
    expect(stdout).toContain('Brought up to date')
    expect(fs.readFileSync(path.join(older, ENTRY), 'utf8')).toBe(GREETING)
    expect(JSON.parse(fs.readFileSync(path.join(older, 'handout.json'), 'utf8')).version).toBe('99.0.0')
    expect(code).toBe(0)
    const back = await run(older, `update ${newer}`)
    expect(back.stdout).toBe(`Nothing had to be changed.\nNext: npm run grade   (in ${newer})\n`)
  })
})

// --- what the tests share ---

/**
 * What a report says, without what no run repeats: how long it took, which ports the system gave, and in
 * which order two ends of a connection acted at the same time.
 */
function told({ stdout }: Run): unknown {
  return JSON.parse(stdout, (name, value: unknown) => {
    if (name === 'milliseconds' || name === 'wire') return null
    return typeof value === 'string' ? withoutPorts(value) : value
  })
}

function withoutLadder(text: string): string {
  const lines = text.split('\n').filter((line) => !line.includes('│'))
  return withoutPorts(lines.join('\n'))
}

function withoutPorts(text: string): string {
  return text.replace(/\b\d{4,5}\b/g, 'N')
}

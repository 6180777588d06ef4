import { describe } from 'vitest'
import { test, type Checkout } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'

/** What a learner has reached is remembered, and nothing that a learner wrote is ever lost. */

const FOLDER = 'labs/42-greeting'
const ENTRY = `${FOLDER}/greeting.ts`
const LOST = 'Your progress could not be written to .progress.json (EISDIR); the verdicts stand.\n'

describe.concurrent('hint', () => {
  test('says a little, then more, and says when that was all', async ({ checkout, expect }) => {
    const first = '  1. When does a server first hear of a client?\n'
    const second = '  2. Look at what net.createServer calls you with.\n'
    const requirement = '42 R1  Every client is greeted with one line before it has said anything.\n\n'
    const all = `${requirement}${first}${second}\nHint 2 of 2. That was the last one. The page: ${FOLDER}/README.md\n`
    const says = async () => (await checkout.run('hint 42 R1')).stdout
    expect(await says()).toBe(`${requirement}${first}\nHint 1 of 2. One more: npm run hint -- 42 R1\n`)
    expect(await says()).toBe(all)
    expect(await says()).toBe(all)
  })

  test('takes the first requirement that does not pass yet', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING.replace("once('end'", "on('data'"))
    await checkout.run('grade 42')
    expect((await checkout.run('hint 42')).stdout).toMatch(/^42 R2 /)
  })
})

describe.concurrent('list', () => {
  test('shows what passed, what is begun, and where to go on', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    await checkout.run('grade 42')
    expect((await checkout.run('list')).stdout).toBe(`\
○ 01  The seven steps of a transaction *  not started  75 min
✓ 42  A server that speaks first          passed       30 min   after 01

* 1 lab that everybody should do, 75 min in all; the others go deeper.
Next: read labs/01-seven-steps/README.md, open labs/01-seven-steps/fetch-once.ts, then npm run grade -- 01
`)
  })

  test.for(['{ broken', '[]', '{"format":1,"verdicts":{"42-greeting":"R1"},"hints":{}}'])(
    'begins afresh where the progress is damaged: %s',
    async (damaged, { checkout, expect }) => {
      checkout.write('.progress.json', damaged)
      const { code, stdout, stderr } = await checkout.run('list')
      expect(stdout).toContain('○ 42  A server that speaks first          not started')
      expect(stderr).toBe(
        '.progress.json is damaged and begun afresh: npm run grade finds again what passes.\n',
      )
      expect(code).toBe(0)
    },
  )
})

describe.concurrent('where progress cannot be written', () => {
  test('a verdict stands all the same', async ({ checkout, expect }) => {
    checkout.makeFolder('.progress.json')
    const { code, stdout, stderr } = await checkout.run('grade 42 R1')
    expect(stdout).toContain('○ R1')
    expect(code).toBe(1)
    expect(stderr.split(LOST)).toHaveLength(2)
  })

  test('a hint is given all the same', async ({ checkout, expect }) => {
    checkout.makeFolder('.progress.json')
    const { code, stdout, stderr } = await checkout.run('hint 42 R1')
    expect(stdout).toContain('Hint 1 of 2.')
    expect(code).toBe(0)
    expect(stderr.split(LOST)).toHaveLength(2)
  })
})

describe.concurrent('reset', () => {
  test('brings the starter back, keeps the work with its date, and says where', async ({
    checkout,
    expect,
  }) => {
    checkout.write(ENTRY, '// my work\n')
    checkout.write(
      '.progress.json',
      '{"format":1,"verdicts":{"42-greeting":{"R1":"passed","R2":"passed"}},"hints":{}}',
    )
    const { code, stdout } = await checkout.run('reset 42')
    const [kept = ''] = checkout.names(`${FOLDER}/.backup`)
    expect(kept).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-greeting\.ts$/)
    expect(stdout).toBe(
      `${ENTRY} is the starter again. Your file is kept as ${FOLDER}/.backup/${kept}.\nNext: npm run grade -- 42\n`,
    )
    expect(checkout.read(`${FOLDER}/.backup/${kept}`)).toBe('// my work\n')
    expect(checkout.read(ENTRY)).toBe(checkout.read(`${FOLDER}/.starter`))
    expect((await checkout.run('list')).stdout).toContain(
      '○ 42  A server that speaks first          not started',
    )
    expect(code).toBe(0)
  })

  test('of an untouched lab keeps nothing', async ({ checkout, expect }) => {
    expect(await checkout.run('reset 42')).toEqual({
      code: 0,
      stdout: `${ENTRY} is the starter already.\n`,
      stderr: '',
    })
    expect(checkout.exists(`${FOLDER}/.backup`)).toBe(false)
  })

  test('brings a lost file back', async ({ checkout, expect }) => {
    checkout.remove(ENTRY)
    const { code, stdout } = await checkout.run('reset 42')
    expect(stdout).toBe(`${ENTRY} is the starter again.\nNext: npm run grade -- 42\n`)
    expect(checkout.read(ENTRY)).toBe(checkout.read(`${FOLDER}/.starter`))
    expect(code).toBe(0)
  })

  test('without a starter to go back to leaves the work alone', async ({ checkout, expect }) => {
    checkout.write(ENTRY, '// my work\n')
    checkout.remove(`${FOLDER}/.starter`)
    const { code, stderr } = await checkout.run('reset 42')
    expect(stderr).toBe(
      `${FOLDER}/.starter is missing, so there is nothing to go back to.\nNext: git checkout -- ${FOLDER}/.starter\n(E_NO_STARTER)\n`,
    )
    expect(checkout.read(ENTRY)).toBe('// my work\n')
    expect(code).toBe(2)
  })
})

describe.concurrent('a prediction', () => {
  const PREDICTIONS = 'labs/01-seven-steps/predictions.md'

  test('is told when it is new, and not at each run', async ({ checkout, expect }) => {
    const [entry, solution] = ['labs', 'solutions'].map((folder) => `${folder}/01-seven-steps/fetch-once.ts`)
    checkout.write(entry ?? '', checkout.read(solution ?? ''))
    const open = checkout.read(PREDICTIONS)
    checkout.write(PREDICTIONS, open.replace('- [ ] a.', '- [x] a.'))
    const told = async (): Promise<boolean> =>
      (await checkout.run('grade 01')).stdout.includes('Your predictions')
    expect([await told(), await told()]).toEqual([true, false])
    checkout.write(PREDICTIONS, open.replace('- [ ] b.', '- [x] b.'))
    expect([await told(), await told()]).toEqual([true, false])
    const { stdout } = await checkout.run('grade 01 --json')
    expect(JSON.parse(stdout).labs[0].predictions[0]).toMatchObject({ id: 'P1', predicted: 'b' })
  })
})

describe.concurrent('solution', () => {
  const shows = (checkout: Checkout) => checkout.run('solution 42')

  test('stays closed until the lab passes', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING.replace("once('end'", "on('data'"))
    expect(await shows(checkout)).toEqual({
      code: 1,
      stdout: 'The reference opens when the lab passes: 1 of 2 so far.\nNext: npm run grade -- 42\n',
      stderr: '',
    })
  })

  test('opens to whoever passes', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    const { code, stdout } = await shows(checkout)
    const file = 'solutions/42-greeting/greeting.ts'
    expect(stdout).toBe(`${checkout.read(file)}\n${file}: compare it with yours.\n`)
    expect(code).toBe(0)
  })

  test('is not here in an edition without solutions', async ({ checkout, expect }) => {
    checkout.remove('solutions')
    const { code, stderr } = await shows(checkout)
    expect(stderr).toBe(
      'This edition holds no solutions; your teacher has them.\nNext: npm run grade -- 42\n(E_NO_SOLUTION)\n',
    )
    expect(code).toBe(2)
  })
})

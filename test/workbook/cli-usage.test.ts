import { describe } from 'vitest'
import { test } from './checkout.ts'

/** Slips of the hand: what cannot be done is said in words, with the next command, and exits with 2. */

const GRADE =
  'npm run grade -- [LAB [R…]] [--seed N] [--json] [--junit FILE] [--gradescope FILE] [--solutions]'

const SLIPS = [
  [
    'grade 99',
    'No lab is called "99". The nearest: 42-greeting. To see all labs: npm run list\n(E_UNKNOWN_LAB)',
  ],
  [
    'grade greting',
    'No lab is called "greting". The nearest: 42-greeting, 01-seven-steps. To see all labs: npm run list\n(E_UNKNOWN_LAB)',
  ],
  ['grade --fast', `Unknown option '--fast'.\nNext: ${GRADE}\n(E_UNKNOWN_FLAG)`],
  ['grade 01 R9', 'Lab 01 has R1 to R8, and no R9.\nNext: npm run grade -- 01 R1\n(E_UNKNOWN_REQUIREMENT)'],
  ['grade r3', 'r3 of which lab?\nNext: npm run grade -- LAB R3\n(E_NO_LAB)'],
  ['grade 01 --seed x', 'A seed is a whole number, not "x".\nNext: npm run grade -- LAB --seed 42\n(E_SEED)'],
  ['grade 01 --seed', `Option '--seed <value>' argument missing.\nNext: ${GRADE}\n(E_FLAG)`],
  ['grade --seed --json', `Option '--seed' argument is ambiguous.\nNext: ${GRADE}\n(E_FLAG)`],
  ['hint', 'Which lab?\nNext: npm run hint -- LAB; npm run list shows them\n(E_NO_LAB)'],
  ['hint R2', 'R2 of which lab?\nNext: npm run hint -- LAB R2\n(E_NO_LAB)'],
  ['hint 01 R9', 'Lab 01 has R1 to R8, and no R9.\nNext: npm run hint -- 01 R1\n(E_UNKNOWN_REQUIREMENT)'],
  ['hint 01 R1 R2', 'One requirement at a time.\nNext: npm run hint -- 01 R1\n(E_ONE_REQUIREMENT)'],
  ['survey r1', 'r1 of which lab?\nNext: npm run survey -- LAB R1\n(E_NO_LAB)'],
  ['survey 42 R9', 'Lab 42 has R1 to R2, and no R9.\nNext: npm run survey -- 42 R1\n(E_UNKNOWN_REQUIREMENT)'],
  ['reset 01 42', 'One lab at a time.\nNext: npm run reset -- 01\n(E_ONE_LAB)'],
  ['reset 01 R3', 'This goes for a whole lab, not for R3.\nNext: npm run reset -- 01\n(E_WHOLE_LAB)'],
  ['solution 01 R3', 'This goes for a whole lab, not for R3.\nNext: npm run solution -- 01\n(E_WHOLE_LAB)'],
  ['debug 01', 'Which requirement of lab 01?\nNext: npm run debug -- 01 R1\n(E_NO_REQUIREMENT)'],
  [
    'debug 01 R1 --port 99999',
    'A port is a number from 1 to 65535, not 99999.\nNext: npm run debug -- LAB R [--seed N] [--port N]\n(E_PORT)',
  ],
] as const

describe.concurrent('a command that cannot be done', () => {
  test.for(SLIPS)('%s', async ([args, said], { checkout, expect }) => {
    expect(await checkout.run(args)).toEqual({ code: 2, stdout: '', stderr: `${said}\n` })
    expect(checkout.exists('.progress.json')).toBe(false)
  })

  test('which does not exist lists those that do', async ({ checkout, expect }) => {
    const { code, stdout, stderr } = await checkout.run('garde 01')
    expect(stderr).toMatch(/^There is no command "garde"\. There are:\n(?: {2}npm run \S+ +\w.*\n)+/)
    expect(stderr).toMatch(/^ {2}npm run grade +grades your programs/m)
    expect(stderr).toMatch(/\nNext: npm run grade\n\(E_UNKNOWN_COMMAND\)\n$/)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('because npm has taken the flag shows where the bare -- goes', async ({ checkout, expect }) => {
    const { code, stderr } = await checkout.run('grade 01 42', { npm_config_seed: 'true' })
    expect(stderr).toContain(
      'npm took --seed for a flag of its own. Flags come behind a bare --, as in: npm run grade -- --seed',
    )
    expect(code).toBe(2)
  })

  test('before npm ci says so', async ({ checkout, expect }) => {
    checkout.remove('node_modules')
    const { code, stderr } = await checkout.run('grade')
    expect(stderr).toBe(
      `The packages are not installed.\nNext: npm ci --include=dev   (in ${checkout.root})\n(E_PACKAGES)\n`,
    )
    expect(code).toBe(2)
  })
})

test('every command explains itself', async ({ checkout, expect }) => {
  const { code, stdout } = await checkout.run('reset --help')
  expect(stdout).toBe(
    'reset: puts the starter back and keeps a dated copy of your file\nnpm run reset -- LAB [--yes]\n',
  )
  expect(code).toBe(0)
})

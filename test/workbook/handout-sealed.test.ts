import fs from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { GREETING } from './greeting-lab.ts'
import { handOut, newVersion, run, withPlace } from './handout-place.ts'

/** `npm run handout -- --with-solutions`, and what a student finds there. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const test = withPlace()

describe.concurrent('a sealed reference', () => {
  test('opens for whoever passes, and for nobody before', async ({ checkout, place, expect }) => {
    const folder = await handOut(checkout, place, '--with-solutions')
    const closed = await run(folder, 'solution 42')
    expect(closed.stdout).toMatch(/^The reference opens when the lab passes: 0 of 2 so far\.\n/)
    expect(closed.code).toBe(1)
    fs.writeFileSync(path.join(folder, ENTRY), GREETING)
    expect((await run(folder, 'grade 42')).stdout).toContain('compare   npm run solution -- 42')
    const { code, stdout } = await run(folder, 'solution 42')
    const reference = checkout.read('solutions/42-greeting/greeting.ts')
    expect(stdout).toBe(`${reference}\nThe reference of lab 42: compare it with yours.\n`)
    expect(code).toBe(0)
    fs.appendFileSync(path.join(folder, 'suites/42-greeting.mjs'), '\n')
    const { code: refused, stderr } = await run(folder, 'solution 42')
    expect(stderr).toContain('suites/42-greeting.reference does not open')
    expect(stderr).toContain('(E_SEAL)')
    expect(refused).toBe(2)
  })

  test('stays with an update, and never comes where it was left out', async ({ checkout, place, expect }) => {
    const [sealed, bare] = [
      await handOut(checkout, place, '--with-solutions'),
      await handOut(checkout, place),
    ]
    newVersion(checkout)
    for (const folder of [sealed, bare]) await checkout.run(`update ${folder}`)
    const there = [sealed, bare].map((folder) =>
      fs.existsSync(path.join(folder, 'suites/42-greeting.reference')),
    )
    expect(there).toEqual([true, false])
    const { code, stderr } = await run(bare, 'solution 42')
    expect(stderr).toContain('This edition holds no solutions; your teacher has them.')
    expect(code).toBe(2)
  })
})

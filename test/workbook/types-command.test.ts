import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { test, type Checkout } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'

/** Types that do not fit are told, and cost no verdict. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const MISFIT = `${GREETING}\nexport const wrong: number = 'not a number'\nenum Kind { A }\nvoid Kind\n`
const PLACE = `${ENTRY}:${GREETING.split('\n').length + 1}:14`

function withTypes(checkout: Checkout, text: string): void {
  for (const file of ['tsconfig.json', 'labs/tsconfig.json'])
    checkout.write(file, readFileSync(path.join(root, file), 'utf8'))
  checkout.write(ENTRY, text)
}

describe.concurrent('types', () => {
  test('stand with file, line and message under the report, and the verdict is what it was', async ({
    checkout,
    expect,
  }) => {
    withTypes(checkout, MISFIT)
    const { code, stdout } = await checkout.run('grade 42')
    expect(stdout).toContain('All 2 requirements passed, 3 of 3 points')
    expect(stdout).toContain(`types     ${PLACE}\n`)
    expect(stdout).toContain("TS2322: Type 'string' is not assignable to type 'number'.")
    expect(stdout).toContain('it costs no verdict: npm run types -- 42')
    expect(code).toBe(0)
  })

  test('are listed by a command of their own', async ({ checkout, expect }) => {
    withTypes(checkout, MISFIT)
    const { code, stdout } = await checkout.run('types 42')
    expect(stdout).toMatch(/TS2322[\s\S]*TS1294[\s\S]*2 places where types do not fit\.\n$/)
    expect(code).toBe(1)
  })

  test('that fit are no news', async ({ checkout, expect }) => {
    withTypes(checkout, GREETING)
    expect((await checkout.run('types 42')).stdout).toBe('All types fit.\n')
    expect((await checkout.run('grade 42')).stdout).not.toContain('types ')
  })

  test('of a copy without TypeScript are asked of nobody', async ({ checkout, expect }) => {
    const { code, stderr } = await checkout.run('types 42')
    expect(stderr).toContain('E_NO_TYPESCRIPT')
    expect(code).toBe(2)
  })
})

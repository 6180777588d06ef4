import { expect } from 'vitest'
import { INVARIANTS } from '../../workbook/invariants/all.ts'
import { test } from './checkout.ts'

test('check runs everything, whatever fails, and tells place, fault and remedy', async ({ checkout }) => {
  checkout.write('labs/42-greeting/notes.txt', 'mine')
  checkout.write('workbook/wrong.ts', "export const wrong: number = 'text'\n")
  checkout.write('tsconfig.json', '{ "files": ["workbook/wrong.ts"], "compilerOptions": { "noEmit": true } }')
  const { code, stdout, stderr } = await checkout.run('check')
  const headlines = stdout.split('\n').filter((line) => /^[✓✗]/.test(line))
  expect(headlines.map((line) => /^[✓✗] (.*?) {2}/.exec(line)?.[1])).toEqual([
    'types',
    'types of the browser',
    'lint',
    'format',
    'dead code',
    'pages of the labs',
    ...INVARIANTS.map(({ name }) => name),
  ])
  expect(stdout).toMatch(
    /^✗ types {2}.*\n {2}workbook\/wrong\.ts\(1,14\): error TS2322: .*\n(?: {2}.*\n)* {2}next {6}mend them, then npx tsc -p \.\n/m,
  )
  expect(stdout).toMatch(/^✗ labs' folders {2}1 finding, \d+ ms$/m)
  expect(stdout).toContain(`
  labs/42-greeting/notes.txt
    expected  only README.md, greeting.ts, .starter, predictions.md
    found     a stray file
    next      Remove it, or move it out of labs/.
`)
  expect(stdout).toMatch(/^✓ hints {2}\d+ ms$/m)
  expect(stdout).toMatch(
    /\n\d+ of \d+ do not hold\. That solutions pass, [^]{0,120} is proven by npm test\.\n$/,
  )
  expect([code, stderr]).toEqual([1, ''])
})

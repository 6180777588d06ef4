import { expect, test } from 'vitest'
import { lab } from '../../workbook/grading/lab.ts'

test('two checks of a requirement cannot have the same title', () => {
  const twice = (second: string) => () =>
    lab('42-greeting', ({ check }) => {
      for (const requirement of ['R1', second]) check(requirement, 'it greets', () => Promise.resolve())
    })
  expect(twice('R1')).toThrow('R1 has two checks called "it greets": give each a title of its own')
  expect(twice('R2')).not.toThrow('two checks')
})

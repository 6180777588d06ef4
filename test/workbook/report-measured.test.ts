import { expect, test } from 'vitest'
import { makeCourse, makeLab, makeResult, pass, problem, see } from './report-fixtures.ts'

const MEASURED = ['8 round trips: four calls, one after the other', '3 round trips: one call']

function seen(...checks: Parameters<typeof makeResult>[1][number][]): string {
  const rest = makeLab().requirements.slice(checks.length)
  return see(makeCourse(makeResult(makeLab(), [...checks, ...rest.map(() => [pass('another')])])))
}

test('figures of the run stand under the requirements, one a line', () => {
  expect(seen([pass('a'), pass('b', { measured: MEASURED })], [pass('c', { measured: ['2 sockets'] })]))
    .toContain(`
Measured on your own wire
  R1  8 round trips: four calls, one after the other
      3 round trips: one call
  R2  2 sockets
`)
})

test('figures of a requirement that has not passed are not shown', () => {
  const report = seen([pass('a', { measured: MEASURED }), problem('b', 'failed')])
  expect(report).not.toContain('Measured')
  expect(report).not.toContain('8 round trips')
})

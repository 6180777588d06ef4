import { expect, test } from 'vitest'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { makeFigure } from './figure-fixtures.ts'
import { goodCourse } from './good-course.ts'

/** What a code host shows is drawn from the record beside it. */

const { write, remove, findings } = goodCourse()

const RECORD = 'docs/figures/example.json'
const DRAWING = 'docs/figures/example.svg'
const AGAIN = 'Draw it again: npm run figures -- example'

function writeBoth(): void {
  write(RECORD, JSON.stringify(makeFigure()))
  write(DRAWING, drawFigure(makeFigure()))
}

test('a record and its drawing belong together', async () => {
  writeBoth()
  expect(await findings()).toEqual([])
})

test.each<[string, () => void, string]>([
  [
    'a drawing of another record',
    () => write(RECORD, JSON.stringify(makeFigure({ title: 'Another' }))),
    `${DRAWING}:1: expected the drawing of ${RECORD}, found a line that differs. ${AGAIN}`,
  ],
  [
    'a record without its drawing',
    () => remove(DRAWING),
    `${DRAWING}: expected the drawing of ${RECORD}, found no such file. ${AGAIN}`,
  ],
  [
    'a drawing without its record',
    () => remove(RECORD),
    `${RECORD}: expected the record behind example.svg, found no such file. Record it, npm run figures -- example, or remove the drawing.`,
  ],
  [
    'a broken record',
    () => write(RECORD, '{\n  "format": 2\n}'),
    `${RECORD}:2: expected "format" to be 1, found 2. Correct the record, or record it again: npm run figures.`,
  ],
])('%s is found', async (_, harm, said) => {
  writeBoth()
  harm()
  expect(await findings()).toEqual([said])
})

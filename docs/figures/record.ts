/**
 * `npm run figures [-- NAME…]` records the figures of the pages again, all or some: real runs on the
 * loopback, packets captured with tshark, or computed in virtual time. It writes `NAME.json`, the
 * record, and `NAME.svg`, the drawing.
 */
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { nearest } from '../../workbook/course/nearest.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { canCapture } from './capture.ts'
import { makeFigure, type Recipe } from './recipe.ts'
import { RECIPES } from './recipes.ts'

const names = process.argv.slice(2)
const known = RECIPES.map(({ name }) => name)
const unknown = names.find((name) => !known.includes(name))

if (unknown === undefined) {
  for (const recipe of RECIPES) if (names.length === 0 || names.includes(recipe.name)) await record(recipe)
} else {
  const meant = nearest(unknown, known, 3).join(', ')
  process.stderr.write(`There is no figure ${JSON.stringify(unknown)}. The nearest: ${meant}\n`)
  process.stderr.write(`All of them: ${known.join(', ')}\n`)
  process.exitCode = 2
}

async function record(recipe: Recipe): Promise<void> {
  if (recipe.how === 'captured' && !canCapture()) {
    process.stderr.write(`${recipe.name}  kept as it is: tshark may not capture on the loopback here\n`)
    process.exitCode = 2
    return
  }
  const figure = await makeFigure(recipe, `${os.type()} ${os.release().split('.', 2).join('.')}`)
  const file = (ending: string): string => path.join(import.meta.dirname, `${recipe.name}.${ending}`)
  writeFileSync(file('json'), `${JSON.stringify(figure, null, 2)}\n`)
  writeFileSync(file('svg'), drawFigure(figure))
  process.stdout.write(`${recipe.name.padEnd(24)} ${recipe.how}, ${figure.events.length} events\n`)
}

/**
 * `npm run figures [-- NAME…]` records the figures of the pages again, all or some: real runs on the
 * loopback, packets captured with tshark, or computed in virtual time. It writes `NAME.json`, the
 * record, and `NAME.svg`, the drawing. Traces, which pages quote, are texts: `NAME.txt`.
 */
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { nearest } from '../../workbook/course/nearest.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { canCapture } from './capture.ts'
import { makeFigure, type Recipe } from './recipe.ts'
import { RECIPES } from './recipes.ts'
import type { Trace } from './trace.ts'
import { TRACES } from './traces.ts'

const names = process.argv.slice(2)
const known = [...RECIPES, ...TRACES].map(({ name }) => name)
const unknown = names.find((name) => !known.includes(name))

if (unknown === undefined) {
  const wanted = ({ name }: Recipe | Trace): boolean => names.length === 0 || names.includes(name)
  for (const recipe of RECIPES.filter(wanted)) await record(recipe)
  for (const trace of TRACES.filter(wanted)) await print(trace)
} else {
  const meant = nearest(unknown, known, 3).join(', ')
  process.stderr.write(`There is no figure ${JSON.stringify(unknown)}. The nearest: ${meant}\n`)
  process.stderr.write(`All of them: ${known.join(', ')}\n`)
  process.exitCode = 2
}

async function record(recipe: Recipe): Promise<void> {
  if (recipe.how === 'captured' && !canCapture()) return keep(recipe.name)
  const figure = await makeFigure(recipe, `${os.type()} ${os.release().split('.', 2).join('.')}`)
  const file = (ending: string): string => path.join(import.meta.dirname, `${recipe.name}.${ending}`)
  writeFileSync(file('json'), `${JSON.stringify(figure, null, 2)}\n`)
  writeFileSync(file('svg'), drawFigure(figure))
  process.stdout.write(`${recipe.name.padEnd(24)} ${recipe.how}, ${figure.events.length} events\n`)
}

async function print(trace: Trace): Promise<void> {
  if (!canCapture()) return keep(trace.name)
  const text = await trace.record()
  writeFileSync(path.join(import.meta.dirname, `${trace.name}.txt`), text)
  process.stdout.write(`${trace.name.padEnd(24)} captured, ${text.trimEnd().split('\n').length} lines\n`)
}

function keep(name: string): void {
  process.stderr.write(`${name}  kept as it is: tshark may not capture on the loopback here\n`)
  process.exitCode = 2
}

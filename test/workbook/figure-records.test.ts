import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { makeFigure } from '../../docs/figures/recipe.ts'
import { RECIPES } from '../../docs/figures/recipes.ts'
import { TRACES } from '../../docs/figures/traces.ts'
import { committedFigures, FIGURES } from './figure-fixtures.ts'

/** The records of the pages can be made again, and come out the same. */

const REPEATABLE = RECIPES.filter(({ how }) => how !== 'captured')

test('every record has its recipe, and every recipe its record and drawing', () => {
  const files = readdirSync(FIGURES).filter((name) => /\.(?:json|svg)$/.test(name))
  const wanted = RECIPES.flatMap(({ name }) => [`${name}.json`, `${name}.svg`])
  expect(files.sort()).toEqual(wanted.sort())
})

test('every trace has its recipe, and every recipe its trace', () => {
  const files = readdirSync(FIGURES).filter((name) => name.endsWith('.txt'))
  expect(files.sort()).toEqual(TRACES.map(({ name }) => `${name}.txt`).sort())
})

test('in the traces: three segments of handshake, the second half 40 ms late, two FINs', () => {
  const [handshake, stall, close] = ['handshake', 'stall', 'close'].map((name) =>
    readFileSync(path.join(FIGURES, `trace-${name}.txt`), 'utf8').split('\n'),
  )
  const flags = (lines: readonly string[] = []): Array<string | undefined> =>
    lines.flatMap((line) => /Flags \[(\S+)\]/.exec(line)?.[1] ?? [])
  expect(flags(handshake).slice(0, 4)).toEqual(['S', 'S.', '.', 'P.'])
  expect(flags(close)).toEqual(['F.', '.', 'F.', '.'])
  expect(Number.parseFloat(stall?.[2] ?? '')).toBeGreaterThanOrEqual(0.04)
})

test.each(REPEATABLE)('$name: recorded again, byte for byte the same', async (recipe) => {
  const again = await makeFigure(recipe, '')
  const committed = readFileSync(path.join(FIGURES, `${recipe.name}.json`), 'utf8')
  expect(`${JSON.stringify(again, null, 2)}\n`).toBe(committed)
})

test.each([
  ['page-serial', 8],
  ['page-parallel', 4],
  ['page-persistent', 5],
  ['page-pipelined', 3],
])('%s ends with its %i round trips', (name, roundTrips) => {
  const last = figureOf(name).events.at(-1)
  expect(last).toMatchObject({
    kind: 'note',
    at: roundTrips,
    label: `the page is whole: ${roundTrips} round trips`,
  })
})

test.each([
  ['narrow-serial', 12],
  ['narrow-parallel', 8],
])('%s ends with its %i round trips, of which six carry segments', (name, roundTrips) => {
  const { events } = figureOf(name)
  const label = `all images are whole: ${roundTrips} round trips`
  expect(events.at(-1)).toMatchObject({ kind: 'note', at: roundTrips, label })
  expect(events.filter((event) => 'label' in event && event.label.endsWith(' of 2')).length).toBe(6)
})

test('slow start doubles: 10, 20, 40, 80 segments', () => {
  const counts = figureOf('slow-start').events.map((event) =>
    event.kind === 'segment' ? event.count : undefined,
  )
  expect(counts.filter((count) => count !== undefined)).toEqual([10, 20, 40, 80])
})

test('the captured stall takes 40 ms or more, and its cure a fraction', () => {
  const span = (name: string): number => {
    const times = figureOf(name).events.flatMap((event) => (event.kind === 'segment' ? [event.sent] : []))
    return Math.max(...times) - Math.min(...times)
  }
  expect(span('nagle-stall')).toBeGreaterThanOrEqual(40)
  expect(span('nagle-cured')).toBeLessThan(20)
})

test('no port and no date stands in a record that only counts', () => {
  const counting = committedFigures().filter(({ figure }) => figure.unit !== 'ms')
  expect(counting.length).toBeGreaterThan(20)
  for (const { figure } of counting)
    expect(JSON.stringify(figure)).not.toMatch(/:\d{4,5}\b(?!0)|\b20\d\d-\d\d/)
})

function figureOf(name: string) {
  const found = committedFigures().find((each) => each.name === name)
  if (!found) throw new Error(`there is no figure ${name}`)
  return found.figure
}

import { inspect } from 'node:util'
import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { windowOf } from './model.ts'

/** The windows that a receiver may advertise: a table of all small ones, and others drawn. */

export interface Row {
  readonly free: number
  readonly lastAdvertised: number
  readonly buffer: number
  readonly mss: number
}

/** Every filling of these buffers, and every window that may be left: a buffer that has become smaller, too. */
function rowsOf(buffer: number, sizes: readonly number[]): Row[] {
  const upTo = Array.from({ length: buffer + 1 }, (_, at) => at)
  return sizes.flatMap((mss) =>
    upTo.flatMap((free) => upTo.map((lastAdvertised) => ({ free, lastAdvertised, buffer, mss }))),
  )
}

export const WINDOWS: Conversations<Row> = {
  scripts: {
    'a buffer of one segment and less': [...rowsOf(1, [1, 5]), ...rowsOf(2, [1, 2, 3])],
    'a buffer of a few segments': rowsOf(7, [1, 3]),
    'a buffer of two segments and less': [...rowsOf(5, [2, 3, 9]), ...rowsOf(6, [3, 4])],
  },
  drawn: 1,
  draw: (random) =>
    Array.from({ length: 30 }, () => {
      const buffer = random.integer(1_000, 70_000)
      const mss = random.integer(500, 9_000)
      const lastAdvertised = random.integer(0, buffer)
      const step = random.pick([mss, Math.floor(buffer / 2), Math.ceil(buffer / 2)]) + random.integer(-1, 1)
      return { buffer, mss, lastAdvertised, free: Math.min(buffer, lastAdvertised + step) }
    }),
  play: expectWindows,
}

export async function expectWindows(c: Check, rows: readonly Row[]): Promise<void> {
  const calls = rows.map((row) => c.learner.call<number>('advertise', row))
  for (const [at, row] of rows.entries()) {
    const seen = await calls[at]
    if (seen === windowOf(row)) continue
    await c.learner.idle()
    c.fail(`${inWords(row)}: ${windowOf(row)}`, inspect(seen), rowsAround(at, rows, calls))
  }
}

/** What the rows before and behind have given: which of them are right tells which rule was meant. */
function rowsAround(at: number, rows: readonly Row[], calls: ReadonlyArray<Call<number>>): string[] {
  const lines = rows.map((row, index) => {
    const outcome = calls[index]?.outcome
    const yours = outcome?.ok ? inspect(outcome.value) : 'nothing'
    return [row.mss, row.buffer, row.lastAdvertised, row.free, windowOf(row), yours].map(String)
  })
  const head = ['MSS', 'buffer', 'advertised', 'free', 'right', 'yours']
  const shown = [head, ...lines.slice(Math.max(0, at - 3), at + 6)]
  const widths = head.map((_, column) => Math.max(...shown.map((line) => line[column]?.length ?? 0)))
  return shown.map((line) => line.map((value, column) => value.padStart(widths[column] ?? 0)).join('  '))
}

function inWords({ free, lastAdvertised, buffer, mss }: Row): string {
  const opens =
    free >= lastAdvertised ? `open by ${free - lastAdvertised}` : `shrink by ${lastAdvertised - free}`
  const least = `it would ${opens}, and opens by ${Math.min(mss, Math.ceil(buffer / 2))} at least`
  return `the window where ${free} are free and ${lastAdvertised} advertised, MSS ${mss}, buffer ${buffer} (${least})`
}

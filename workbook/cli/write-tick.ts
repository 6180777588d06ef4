import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LAB_FOLDER } from '../course/readme.ts'
import { withTick } from '../course/tick-prediction.ts'
import type { Tick } from '../site/serve/ticks.ts'

/**
 * Writes a tick into the lab's predictions.md.
 *
 * @returns Why it could not be written; null where it was.
 */
export function writeTick(root: string, tick: Tick): string | null {
  // The name comes from a page: it must not lead elsewhere.
  if (!LAB_FOLDER.test(tick.lab)) return 'There is no such lab.'
  const file = `labs/${tick.lab}/predictions.md`
  const place = path.join(root, file)
  try {
    const text = withTick(readFileSync(place, 'utf8'), tick)
    if (text === null) return `${file} has no box ${tick.choice} under ${tick.question}: reload the page.`
    writeFileSync(place, text)
    return null
  } catch (error) {
    return `${file} could not be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`
  }
}

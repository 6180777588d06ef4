import path from 'node:path'
import type { Brought } from '../handout/bring.ts'
import { count } from '../report/words.ts'

/** A folder as the person at the keyboard means it: npm starts us in the root, wherever they are. */
export function folderOf(given: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), given)
}

/** What an update did, a line each. */
export function brought({
  before,
  changed,
  backup,
  restarted,
  orphaned,
  moved,
  keptLabs,
}: Brought): string[] {
  if (changed === 0) return ['Nothing had to be changed.']
  return [
    `Brought up to date from version ${before?.version ?? ''}: ${count(changed, 'file')} changed.`,
    ...(backup === null ? [] : [`What was there before is kept in ${backup}`]),
    ...listOf('Yours, and kept as they are; the starter has changed, see .starter beside each:', restarted),
    ...listOf('Yours, and kept, although this edition has no use for them:', orphaned),
    ...listOf('Yours, of a lab that has another name now; they are in the backup:', moved),
    ...listOf('Labs that are not in this edition, and stay:', keptLabs),
  ]
}

/** A heading and its items, or nothing without items. */
export function listOf(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [heading, ...items.map((item) => `  ${item}`)]
}

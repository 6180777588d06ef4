import type { Step } from './play.ts'

/** What scripts are written with: pages in pieces, and tables. */

export type Scripts = Readonly<Record<string, readonly Step[]>>

export const tag = (number: number): string => `<img src="$${number}">`
const tags = (count: number): string[] => Array.from({ length: count }, (_, index) => tag(index + 1))
/** Every tag in a piece of its own, behind a beginning and before an end without images. */
export const page = (count: number): string[] => ['<h1>Quay</h1>', ...tags(count), '<p>That is all.</p>']
/** All tags in one piece. */
export const album = (count: number): string[] => [tags(count).join('\n'), '<p>That is all.</p>']

export function table<T>(rows: readonly T[], called: (row: T) => string, steps: (row: T) => Step[]): Scripts {
  return Object.fromEntries(rows.map((row) => [called(row), steps(row)]))
}

export const ENDS = ['fin', 'reset', 'garbage'] as const

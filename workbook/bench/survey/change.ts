import type { Mutant } from './mutants.ts'

/** A change as a reader names it: by its line before and after, which an edit elsewhere leaves as it is. */
export interface Change {
  /** Name of the outermost declaration in which it stands. */
  readonly within: string
  /** The line, or from the first line to the last one, with … for what stands between. */
  readonly before: string
  readonly after: string
}

/** From 1, both. */
export interface Place {
  readonly line: number
  readonly column: number
}

export function changeOf(text: string, { start, end, replacement }: Mutant): Change {
  const [head = ''] = text.slice(0, start).split('\n').slice(-1)
  const [tail = ''] = text.slice(end).split('\n')
  const line = (middle: string): string => squeezed(`${head}${folded(middle)}${tail}`)
  return {
    within: declarationAround(text, start),
    before: line(text.slice(start, end)),
    after: line(replacement),
  }
}

export function placeOf(text: string, { start }: Mutant): Place {
  const lines = text.slice(0, start).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

export function isSame(one: Change, other: Change): boolean {
  return one.within === other.within && one.before === other.before && one.after === other.after
}

/** White space counts for nothing, so that a formatter changes no change. */
export function squeezed(line: string): string {
  return line.replace(/\s+/g, ' ').trim()
}

// --- internal ---

const DECLARATION = /^(?:export )?(?:default )?(?:async )?(?:function\*?|class|const|let) ([\w$]+)/gm

function declarationAround(text: string, at: number): string {
  const [line = ''] = text.slice(at).split('\n')
  const above = [...(text.slice(0, at) + line).matchAll(DECLARATION)]
  return above.at(-1)?.[1] ?? 'the top'
}

/** `{ … }`: what a block holds is no part of the name of its change. */
function folded(text: string): string {
  const [first = '', ...more] = text.split('\n')
  return more.length === 0 ? first : `${first} … ${more.at(-1)}`
}

import { applyPatch, createTwoFilesPatch } from 'diff'
import type { WrongProgram } from './wrong-program.ts'

/** How far a line of context may have moved or changed when a patch is renewed; a patch is otherwise held to the letter. */
const RENEWAL_FUZZ = 2

/** What stands above the diff. */
export type Header = Pick<WrongProgram, 'mistake' | 'first' | 'also' | 'says' | 'beforeNode'>

/**
 * A wrong program as a patch file.
 *
 * @param entry - Name of the program's file, which the diff names.
 */
export function patchFile(header: Header, entry: string, reference: string, text: string): string {
  const { mistake, first, also, says, beforeNode } = header
  const lines = [
    mistake,
    `fails: ${first}`,
    ...(also.length > 0 ? [`also: ${also.join(' ')}`] : []),
    ...(says === null ? [] : [`says: ${says}`]),
    ...(beforeNode === null ? [] : [`before: node ${beforeNode}`]),
  ]
  return `${lines.join('\n')}\n\n${diffOf(entry, reference, text)}`
}

/** The same mistake in today's reference, if it can be found there; null if it has to be made again. */
export function renewed(program: WrongProgram, entry: string, reference: string): string | null {
  const text = applyPatch(reference, program.body, { fuzzFactor: RENEWAL_FUZZ })
  return text === false ? null : patchFile(program, entry, reference, text)
}

// --- internal ---

function diffOf(entry: string, reference: string, text: string): string {
  const patch = createTwoFilesPatch(`a/${entry}`, `b/${entry}`, reference, text, undefined, undefined, {
    context: 3,
  })
  // Without the line of equals signs, which git does not write either.
  return patch.replace(/^=+\n/, '')
}

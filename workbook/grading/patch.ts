import { applyPatch, parsePatch, type StructuredPatch } from 'diff'

/** Why a patch does not apply: the line of the patch where its first misfit begins (1-based), and what it expects. */
export interface Misfit {
  readonly line: number
  readonly expected: string
  readonly found: string
}

/**
 * Applies a unified diff to a text.
 *
 * @param firstLine - Where the diff begins in its file (1-based), for the line of a misfit.
 * @returns The changed text, or why it does not apply.
 */
export function applyDiff(text: string, diff: string, firstLine: number): string | Misfit {
  let patches: StructuredPatch[]
  try {
    patches = parsePatch(diff)
  } catch (error) {
    return { line: firstLine, expected: 'a unified diff', found: (error as Error).message }
  }
  const [patch, ...further] = patches
  if (!patch || patch.hunks.length === 0 || further.length > 0)
    return {
      line: firstLine,
      expected: 'a unified diff of one file',
      found: `one of ${patches.length} files`,
    }
  const changed = applyPatch(text, patch)
  return changed === false ? misfit(text, patch, diff, firstLine) : changed
}

// --- internal ---

/** The first hunk that does not apply by itself. */
function misfit(text: string, patch: StructuredPatch, diff: string, firstLine: number): Misfit {
  const starts = diff
    .split('\n')
    .flatMap((line, index) => (line.startsWith('@@ ') ? [index + firstLine] : []))
  const at = patch.hunks.findIndex((hunk) => applyPatch(text, { ...patch, hunks: [hunk] }) === false)
  const hunk = patch.hunks[Math.max(at, 0)]
  const old = hunk?.lines.filter((line) => /^[ -]/.test(line)).map((line) => line.slice(1)) ?? []
  const here = new Set(text.split('\n'))
  const missing = old.find((line) => !here.has(line)) ?? old[0] ?? ''
  return {
    line: starts[Math.max(at, 0)] ?? firstLine,
    expected: 'lines of the reference',
    found: missing.trim(),
  }
}

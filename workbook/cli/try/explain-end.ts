import path from 'node:path'
import type { Lab } from '../../course/lab.ts'
import { Conviction } from '../../grading/conviction.ts'
import type { Compiled } from '../../learner/compile.ts'
import { LearnerEnded } from '../../learner/end.ts'
import { TODO_CODE, type PackedError } from '../../learner/messages.ts'
import { learnerFrames } from '../../learner/stack.ts'
import { printable } from '../../wire/columns.ts'

/** Why a program that was tried came to its end, for whoever wrote it. */
export function explainEnd(error: unknown, compiled: Compiled, root: string, lab: Lab): string[] {
  const found = findingOf(error)
  if (!found) throw error
  const { said, stack } = found
  const frames = learnerFrames(stack, compiled).map((frame) => {
    const file = path.relative(root, frame.file).split(path.sep).join('/')
    return `at        ${printable(frame.function || '(anonymous)')}  ${printable(file)}:${frame.line}:${frame.column}`
  })
  return [...said, ...frames.slice(0, MOST_FRAMES), `next      npm run grade -- ${lab.number}`]
}

// --- internal ---

const MOST_FRAMES = 5

interface Found {
  readonly said: string[]
  readonly stack: string
}

function findingOf(error: unknown): Found | null {
  if (error instanceof LearnerEnded) {
    const { kind, saw, stack } = error.end
    return { said: [`Your program has ended (${kind}): ${saw}`], stack }
  }
  if (error instanceof Conviction) {
    const { kind, expected, saw, stack = '' } = error.finding
    if (kind === 'not-started') return { said: [`This part is not written yet: ${saw}`], stack }
    return { said: [`expected  ${expected}`, `saw       ${saw}`], stack }
  }
  return thrownWhileLoading(error)
}

/** What the program threw at its top level comes as the mark of an error (learner/pack.ts). */
function thrownWhileLoading(error: unknown): Found | null {
  const { error: packed } = error as { error?: PackedError }
  if (!packed || typeof packed.message !== 'string') return null
  const { name, message, code, stack } = packed
  if (code === TODO_CODE) return { said: [`This part is not written yet: ${message}`], stack }
  return { said: [`Your program does not load: ${name}: ${message}`], stack }
}

import { VISIBILITIES, type GradescopeOptions, type Visibility } from '../report/gradescope.ts'
import type { Input } from './command.ts'
import type { Selection } from './selection.ts'
import { UsageError } from './usage-error.ts'

const EXAMPLE =
  'npm run grade -- --gradescope results.json --visibility visible,R3=after_due_date --hide 12:R5'

/** What a teacher decides about Gradescope's report. */
export const GRADESCOPE_FLAGS = {
  gradescope: { type: 'string' },
  visibility: { type: 'string' },
  hide: { type: 'string' },
  stdout: { type: 'string' },
} as const

/**
 * Reads `--visibility after_due_date,R1=visible`, `--hide R3,12:R5` and `--stdout visible`. What names a
 * requirement counts more than what names none; `--hide` counts most.
 *
 * @throws UsageError
 */
export function readGradescope(flags: Input['flags'], { labs }: Selection): GradescopeOptions {
  const known = new Set(
    labs.flatMap(({ lab }) => lab.requirements.flatMap(({ id }) => [id, `${lab.number}:${id}`])),
  )
  const own: Record<string, Visibility> = {}
  let visibility: Visibility = 'visible'
  for (const word of wordsOf(flags['visibility'])) {
    const [first = '', second] = word.split('=')
    if (second === undefined) visibility = readVisibility(first)
    else own[readRequirement(first, known)] = readVisibility(second)
  }
  for (const word of wordsOf(flags['hide'])) own[readRequirement(word, known)] = 'hidden'
  return { visibility, own, stdout: readStdout(flags['stdout']) }
}

// --- internal ---

function wordsOf(flag: string | boolean | undefined): string[] {
  return typeof flag === 'string' ? flag.split(',').filter(Boolean) : []
}

function readVisibility(word: string): Visibility {
  const found = VISIBILITIES.find((each) => each === word)
  if (found) return found
  throw new UsageError(
    'E_VISIBILITY',
    `A visibility is one of ${VISIBILITIES.join(', ')}, not ${JSON.stringify(word)}.`,
    EXAMPLE,
  )
}

/** `r3` or `12:r3`; one that no graded lab has would hide nothing, and nobody would know. */
function readRequirement(word: string, known: ReadonlySet<string>): string {
  const id = word.toUpperCase()
  if (known.has(id)) return id
  throw new UsageError('E_UNKNOWN_REQUIREMENT', `No lab that is graded has a requirement ${word}.`, EXAMPLE)
}

function readStdout(given: string | boolean | undefined): GradescopeOptions['stdout'] {
  if (given === undefined) return 'hidden'
  if (given === 'visible' || given === 'hidden') return given
  throw new UsageError(
    'E_VISIBILITY',
    `--stdout is visible or hidden, not ${JSON.stringify(given)}.`,
    EXAMPLE,
  )
}

import { Instrumenter } from '@stryker-mutator/instrumenter'

/** A small change of a program, as Stryker makes it. */
export interface Mutant {
  /** Of what is replaced, in the text: from `start` up to and not including `end`. */
  readonly start: number
  readonly end: number
  /** What stands there then. */
  readonly replacement: string
  /** The kind of change, in Stryker's words: `ConditionalExpression`. */
  readonly mutator: string
}

/** All small changes of a program but those of its string literals, which are texts; in the order of their places. */
export async function mutantsOf(file: string, text: string): Promise<Mutant[]> {
  const { mutants } = await new Instrumenter(SILENT).instrument(
    [{ name: file, content: text, mutate: true }],
    {
      plugins: null,
      excludedMutations: ['StringLiteral'],
      ignorers: [],
    },
  )
  const lines = startsOfLines(text)
  const offset = ({ line, column }: Position): number => (lines[line] ?? text.length) + column
  return mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ location, replacement, mutatorName: mutator }) => {
      const [start, end] = [offset(location.start), offset(location.end)]
      return { start, end, mutator, replacement: asOperand(mutator, replacement) }
    })
    .sort((one, other) => one.start - other.start)
}

/** The program with the change. */
export function textWith(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end)
}

// --- internal ---

/** From 0, both. */
interface Position {
  readonly line: number
  readonly column: number
}

const nothing = (): void => undefined
const no = (): boolean => false
const SILENT: ConstructorParameters<typeof Instrumenter>[0] = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
}

/** Where each line begins. */
function startsOfLines(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
}

/** Mutators whose result may bind less tightly than what stood there: `!(a || b)` becomes `a || b`. */
const LOOSER = new Set(['LogicalOperator', 'BooleanLiteral', 'MethodExpression'])

/** Stryker replaces a node of the tree; in the text, parentheses keep the operators around it where they were. */
function asOperand(mutator: string, replacement: string): string {
  return LOOSER.has(mutator) && /\s/.test(replacement) ? `(${replacement})` : replacement
}

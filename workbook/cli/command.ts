import type { ParseArgsConfig } from 'node:util'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** For example `npm run hint -- LAB [R]`. */
  readonly usage: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** It runs programs against sockets, which not every machine lets it do (ground.ts). */
  readonly grades?: true
  /** @returns The exit code: 0 all well, 1 not all passed, 2 cannot be done. */
  run(input: Input): Promise<number>
}

export interface Input {
  /** Words that are no flags: a lab, requirements. */
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
}

/** @throws UsageError for a flag that the command does not know, or one without its value. */
export function parseInput(command: Command, args: readonly string[]): Input {
  refuseSwallowedFlags(command)
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: command.options,
      allowPositionals: true,
    })
    return { words: positionals, flags: values as Input['flags'] }
  } catch (error) {
    // Node's sentence names the flag; what follows it is advice for programmers.
    const [said = ''] = (error as Error).message.split(/\.\s+(?:To specify|Did you)/)
    const code =
      (error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? 'E_UNKNOWN_FLAG' : 'E_FLAG'
    throw new UsageError(code, said.replace(/\.$/, '') + '.', command.usage)
  }
}

// --- internal ---

/** npm has a flag of this name itself, so that it may be set for good reasons. */
const NPMS_OWN = new Set(['json'])

/** Without `--` before them npm takes flags for its own, and would start the command without them. */
function refuseSwallowedFlags({ name, options, usage }: Command): void {
  const swallowed = Object.keys(options).find(
    (flag) => !NPMS_OWN.has(flag) && process.env[`npm_config_${flag}`],
  )
  if (swallowed === undefined) return
  const message = `npm took --${swallowed} for a flag of its own. Flags come behind a bare --, as in: npm run ${name} -- --${swallowed}`
  throw new UsageError('E_NPM_FLAG', message, usage)
}

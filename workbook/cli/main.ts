import { CourseError } from '../course/course-error.ts'
import { UnknownLabError } from '../course/course.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { check } from './check.ts'
import { parseInput, type Command } from './command.ts'
import { debug } from './debug.ts'
import { grade } from './grade.ts'
import { hint } from './hint.ts'
import { list } from './list.ts'
import { reset } from './reset.ts'
import { solution } from './solution.ts'
import { UsageError } from './usage-error.ts'

const COMMANDS: readonly Command[] = [grade, debug, list, hint, reset, solution, check]

killTheRestAtExit()
// An interrupted run ends like any other, so that what it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
process.exitCode = await main(process.argv.slice(2))
// Vitest keeps a few handles; the report is out, and nobody waits for them.
process.exit()

// --- internal ---

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  try {
    const command = COMMANDS.find((each) => each.name === name)
    if (!command) throw new UsageError('E_UNKNOWN_COMMAND', `There is no command ${JSON.stringify(name)}.`, 'npm run list')
    return await command.run(parseInput(command, args))
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message} (${error.code})\nNext: ${error.next}`
  if (error instanceof UnknownLabError || error instanceof CourseError) return `${error.message} (${error.code})`
  const { stack, code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return 'The disk is full: free some space and run the command again. Nothing was lost. (ENOSPC)'
  return `This should not happen: a fault of the workbook's. Please report it with these lines.\n${stack ?? String(error)}`
}

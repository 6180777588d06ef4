import { killTheRestAtExit } from '../learner/pids.ts'
import { parseInput, type Command } from './command.ts'
import { debug } from './debug.ts'
import { docs, docsBuild } from './docs.ts'
import { explain } from './explain.ts'
import { grade } from './grade.ts'
import { requireGround } from './ground.ts'
import { hint } from './hint.ts'
import { ladder } from './ladder.ts'
import { list } from './list.ts'
import { reset } from './reset.ts'
import { solution } from './solution.ts'
import { TEACHER_COMMANDS } from './teacher.ts'
import { print } from './terminal.ts'
import { tryByHand } from './try.ts'
import { types } from './types.ts'
import { watch } from './watch.ts'
import { update } from './update.ts'
import { UsageError } from './usage-error.ts'

/** What teachers and maintainers need besides stands in teacher.ts, which a handout replaces. */
const LEARNERS: readonly Command[] = [
  watch,
  grade,
  debug,
  tryByHand,
  types,
  ladder,
  list,
  hint,
  reset,
  solution,
  update,
  docs,
  docsBuild,
]
const COMMANDS: readonly Command[] = [...LEARNERS, ...TEACHER_COMMANDS]

killTheRestAtExit()
// A reader that has gone (`| head`) is no fault: print() hears of it, and an event without a listener would be a crash.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
// An interrupted run ends like any other, so that what it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
// Vitest would print what nobody awaits, and end with 1: the code of a program that does not pass.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, giveUp)
process.exitCode = await main(process.argv.slice(2))
// Vitest keeps a few handles; the report is out, and nobody waits for them.
process.exit()

// --- internal ---

function giveUp(error: unknown): never {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(2)
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  try {
    const command = COMMANDS.find((each) => each.name === name)
    if (!command) throw new UsageError('E_UNKNOWN_COMMAND', unknownCommand(name), 'npm run grade')
    if (args.includes('--help') || args.includes('-h')) {
      await print(`${command.name}: ${command.summary}\n${command.usage}\n`)
      return 0
    }
    const input = parseInput(command, args)
    if (command.grades) await requireGround()
    return await command.run(input)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}

function unknownCommand(name: string): string {
  const width = Math.max(...COMMANDS.map((each) => each.name.length))
  const known = COMMANDS.map((each) => `  npm run ${each.name.padEnd(width)}  ${each.summary}`)
  return [`There is no command ${JSON.stringify(name)}. There are:`, ...known].join('\n')
}

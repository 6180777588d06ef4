import { once } from 'node:events'
import net from 'node:net'
import type { Command, Input } from './command.ts'
import { renderResult } from '../report/terminal.ts'
import { readSeed } from './grade.ts'
import { gradeLabs, type GradeOptions } from './grade-labs.ts'
import { selectOne } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const usage = 'npm run debug -- LAB R [--seed N] [--port N]'
/** Where editors look for Node's inspector. */
const INSPECTOR_PORT = 9229

export const debug: Command = {
  name: 'debug',
  grades: true,
  summary: 'runs one requirement under the inspector and stops at your breakpoints',
  usage,
  options: { seed: { type: 'string' }, port: { type: 'string' } },
  async run({ words, flags }: Input): Promise<number> {
    const { course, lab, requirements } = selectOne(words, 'debug', 1)
    const again = `npm run debug -- ${lab.number} ${requirements[0] ?? 'R1'}`
    if (requirements.length === 0)
      throw new UsageError('E_NO_REQUIREMENT', `Which requirement of lab ${lab.number}?`, again)
    const seed = readSeed(flags['seed'])
    const debugPort = readPort(flags['port'])
    await refuseTakenPort(debugPort, again)
    await print(
      `Waiting for a debugger on 127.0.0.1:${debugPort} at each check: "Attach to npm run debug" in VS Code,\n` +
        `chrome://inspect, or node inspect 127.0.0.1:${debugPort}. It stops at the first line of your export.\n` +
        'Nothing has a time limit; the verdict is unofficial.\n',
    )
    const result = await gradeLabs(
      { course, labs: [{ lab, requirements }] },
      { seed, debugPort, ...tellEachWait(debugPort) },
    )
    await print(
      `${renderResult(result, terminal())}Unofficial: run npm run grade -- ${words.join(' ')} for the verdict.\n`,
    )
    return 0
  },
}

// --- internal ---

/** Each check has a process of its own, which waits again: who has just gone on should know that. */
function tellEachWait(port: number): Pick<GradeOptions, 'onCheck' | 'onPlan'> {
  let [all, done] = [0, 0]
  return {
    onPlan: (planned) => void (all = planned.length),
    onCheck({ title, verdict }) {
      const next = ++done < all ? ` Waiting for the debugger again on 127.0.0.1:${port}.` : ''
      void print(`Check ${done} of ${all}, ${title}: ${verdict.kind}.${next}\n`)
    },
  }
}

function readPort(given: string | boolean | undefined): number {
  if (given === undefined) return INSPECTOR_PORT
  const port = Number(given)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new UsageError('E_PORT', `A port is a number from 1 to 65535, not ${String(given)}.`, usage)
}

/** Node would go on without its inspector, and everybody would wait for a debugger that cannot come. */
async function refuseTakenPort(port: number, again: string): Promise<void> {
  const server = net.createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    const message = `Port ${port} is taken: another debugger, or another npm run debug, may be running.`
    throw new UsageError(
      'E_PORT_TAKEN',
      message,
      `${again} --port ${port === INSPECTOR_PORT ? INSPECTOR_PORT + 1 : INSPECTOR_PORT}`,
    )
  }
  await new Promise((resolve) => server.close(resolve))
}

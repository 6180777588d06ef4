import type { Command, Input } from './command.ts'
import { renderResult } from '../report/terminal.ts'
import { readSeed } from './grade.ts'
import { gradeLabs } from './grade-labs.ts'
import { select } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const usage = 'npm run debug -- LAB R [--seed N] [--port N]'
/** Where editors look for Node's inspector. */
const INSPECTOR_PORT = 9229

export const debug: Command = {
  name: 'debug',
  summary: 'runs one requirement under the inspector and stops at your breakpoints',
  usage,
  options: { seed: { type: 'string' }, port: { type: 'string' } },
  async run({ words, flags }: Input): Promise<number> {
    const selection = select(words)
    const [chosen, ...others] = selection.labs
    if (!chosen || others.length > 0 || chosen.requirements.length !== 1) {
      throw new UsageError('E_DEBUG', 'Debugging takes one lab and one requirement.', usage)
    }
    const debugPort = readPort(flags['port'])
    await print(
      `Waiting for a debugger on 127.0.0.1:${debugPort} at each check: "Attach to npm run debug" in VS Code,\n` +
        `chrome://inspect, or node inspect 127.0.0.1:${debugPort}. Nothing has a time limit; the verdict is unofficial.\n`,
    )
    const result = await gradeLabs(selection, { seed: readSeed(flags['seed']), debugPort })
    await print(`${renderResult(result, terminal())}Unofficial: run npm run grade -- ${words.join(' ')} for the verdict.\n`)
    return 0
  },
}

function readPort(given: string | boolean | undefined): number {
  if (given === undefined) return INSPECTOR_PORT
  const port = Number(given)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new UsageError('E_PORT', `A port is a number from 1 to 65535, not ${String(given)}.`, usage)
}

import { spawn } from 'node:child_process'
import { ended, type Run } from './checkout.ts'

/** Runs a program in a folder, with nothing of the test's own environment but PATH and HOME. */
export function spawnIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { PATH = '', HOME = '' } = process.env
  return ended(
    spawn(command, args, { cwd: folder, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
}

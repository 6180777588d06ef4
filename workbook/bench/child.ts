import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** Programs of the bench that need TypeScript at run time, as every suite does: they run under tsx. */

/** @param program - File in this folder. */
export function startProgram(root: string, program: string, args: readonly string[]): ChildProcess {
  const file = path.join(root, 'workbook/bench', program)
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'] as const
  return spawn(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root, stdio: [...stdio] })
}

/** Runs a program that prints for itself, with a plan of what it is to do; its exit code. */
export async function runProgram(root: string, program: string, plan: object): Promise<number> {
  const ended = await once(startProgram(root, program, [JSON.stringify(plan)]), 'exit')
  const [code, signal] = ended as [number | null, NodeJS.Signals | null]
  if (code === null) process.stderr.write(`workbook/bench/${program} was ended by ${String(signal)}.\n`)
  return code ?? 2
}

/** In the child: resolves once the parent has it. */
export function tellParent(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve())
    else resolve()
  })
}

/** In the child: ends with its parent, however that ended. */
export function stayWithParent(): void {
  process.once('disconnect', () => process.exit(130))
}

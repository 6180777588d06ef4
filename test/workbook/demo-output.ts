import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const ROOT = path.resolve(import.meta.dirname, '..', '..')

/** What `npm run demo -- NAME` prints; the error output is empty, and the exit code 0, or this throws. */
export async function outputOf(name: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'docs/demos/run.ts', name], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const exit = once(child, 'exit')
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  if (code !== 0 || err !== '') throw new Error(`demo ${name} ended with ${String(code)}:\n${err}${out}`)
  return out
}

/** The rows of a printed table whose first column begins so: their cells. */
export function cellsOf(output: string, firstCell: string): string[] {
  const line = output.split('\n').find((each) => each.trimStart().startsWith(firstCell))
  if (line === undefined) throw new Error(`no line begins with ${firstCell}:\n${output}`)
  return line.trim().split(/ {2,}/)
}

import { spawn } from 'node:child_process'
import path from 'node:path'
import { root } from '../bundle/root.ts'

/** A package that looks at the code, as `npm run check` runs it. */
export interface Tool {
  /** What it proves. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What to do where it fails. */
  readonly next: string
}

export const TOOLS: readonly Tool[] = [
  { name: 'types', command: 'tsc', args: ['-p', '.'], next: 'mend them, then npx tsc -p .' },
  {
    name: 'types of the browser',
    command: 'tsc',
    args: ['-p', 'workbook/site/client'],
    next: 'mend them, then npx tsc -p workbook/site/client',
  },
  { name: 'lint', command: 'oxlint', args: [], next: 'mend them, then npx oxlint' },
  { name: 'format', command: 'oxfmt', args: ['--check'], next: 'npm run fmt' },
  {
    name: 'dead code',
    command: 'knip',
    args: ['--no-config-hints'],
    next: 'remove it, then npx knip --no-config-hints',
  },
]

export interface ToolResult {
  readonly passed: boolean
  /** What it printed. */
  readonly output: string
  readonly milliseconds: number
}

/** Runs a tool in the checkout. Never throws: a tool that is not there has not passed. */
export function runTool({ command, args }: Tool): Promise<ToolResult> {
  const started = performance.now()
  const child = spawn(path.join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const result = (passed: boolean): ToolResult => ({
    passed,
    output,
    milliseconds: performance.now() - started,
  })
  return new Promise((resolve) => {
    child.once('error', ({ message }) => {
      output += `${message}\n${command} is not installed: npm ci`
      resolve(result(false))
    })
    child.once('close', (code) => resolve(result(code === 0)))
  })
}

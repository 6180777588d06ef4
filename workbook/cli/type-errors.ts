import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import type { Lab } from '../course/lab.ts'

/** A place where TypeScript finds that types do not fit. */
export interface TypeError {
  /** Relative to the course. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

const COMPILER = path.join(root, 'node_modules/typescript/bin/tsc')
const PROJECT = path.join(root, 'labs/tsconfig.json')
/** The compiler takes half a second; whoever waits for it longer has other worries. */
const PATIENCE_MILLISECONDS = 20_000

/**
 * Asks TypeScript about the learner's own files, in a process of its own, beside whatever else goes on.
 *
 * @returns Null where the compiler, or its settings, are not there, or it does not answer.
 */
export function typeErrorsOf(labs: readonly Lab[]): Promise<TypeError[] | null> {
  if (!existsSync(COMPILER) || !existsSync(PROJECT)) return Promise.resolve(null)
  const folders = labs.map(({ id }) => `labs/${id}/`)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [COMPILER, '--pretty', 'false', '-p', PROJECT], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MILLISECONDS,
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text))
    child.once('error', () => resolve(null))
    child.once('close', (code, signal) => {
      const found = parse(said)
      // It fails for other reasons too, and then names no place.
      const understood = code === 0 || found.length > 0
      resolve(
        signal || !understood ? null : found.filter(({ file }) => folders.some((it) => file.startsWith(it))),
      )
    })
  })
}

// --- internal ---

/** `labs/NN-name/entry.ts(12,5): error TS2322: Type …`; what explains it further is indented. */
function parse(output: string): TypeError[] {
  return output.split(/\r?\n/).flatMap((text) => {
    const found = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(text)
    if (!found) return []
    const [, file = '', line, column, message = ''] = found
    return [{ file, line: Number(line), column: Number(column), message }]
  })
}

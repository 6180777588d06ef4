import { build } from 'esbuild'
import path from 'node:path'
import type { Lab } from '../../course/lab.ts'
import { suiteFilesOf } from '../../course/suite-files.ts'
import type { TryClient, TryIt, TryServer } from '../../grading/try-it.ts'
import { UsageError } from '../usage-error.ts'

/** @throws UsageError `E_NO_TRY` for a lab that has nothing to try. */
export async function loadTryIt(root: string, lab: Lab): Promise<TryIt> {
  const { byHand: file } = suiteFilesOf(root, lab.id)
  if (file === null) {
    const message = `Lab ${lab.number} has nothing to try by hand.`
    throw new UsageError('E_NO_TRY', message, `npm run grade -- ${lab.number}`)
  }
  const { default: ways } = (await importTypeScript(path.join(root, file))) as { default?: TryIt }
  if (ways && Object.keys(ways).length > 0) return ways
  throw new UsageError(
    'E_NO_TRY',
    `${file} exports no default with a way to try the lab.`,
    'please report it',
  )
}

/** @throws UsageError `E_UNKNOWN_WAY` */
export function findWay(
  ways: TryIt,
  lab: Lab,
  wanted: string | undefined,
): readonly [name: string, way: TryServer | TryClient] {
  const all = Object.entries(ways)
  const found = wanted === undefined ? all[0] : all.find(([name]) => name === wanted)
  if (found) return found
  const names = all.map(([name]) => name).join(', ')
  const message = `Lab ${lab.number} can be tried as ${names}, not as ${JSON.stringify(wanted)}.`
  throw new UsageError('E_UNKNOWN_WAY', message, `npm run try -- ${lab.number} ${all[0]?.[0] ?? ''}`)
}

// --- internal ---

/** This process is plain Node, which reads no TypeScript before version 22. */
async function importTypeScript(file: string): Promise<unknown> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  return await import(`data:text/javascript;base64,${code}`)
}

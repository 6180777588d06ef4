import { build } from 'esbuild'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { readTextFile } from '../course/text-file.ts'
import type { Finding, Invariant } from './invariant.ts'

/** Starter and solution export what the page names: suites call nothing else. */
export const exportsAgree: Invariant = {
  name: 'exports of starters and solutions',
  async find({ root, labs }) {
    const findings = labs.flatMap((lab) =>
      [`labs/${lab.id}/.starter`, `solutions/${lab.id}/${lab.entry}`].map((file) => findIn(root, lab, file)),
    )
    return (await Promise.all(findings)).flat()
  },
}

// --- internal ---

async function findIn(root: string, { id, exports }: Lab, file: string): Promise<Finding[]> {
  if (!existsSync(path.join(root, file))) return []
  const found = await exportsOf(readTextFile(root, file))
  if (found !== null && [...found].sort().join() === [...exports].sort().join()) return []
  return [
    {
      file,
      line: null,
      expected: `the exports that labs/${id}/README.md names: ${exports.join(', ')}`,
      found: found === null ? 'a syntax error' : found.join(', ') || 'none',
      next: found === null ? 'npx tsc -p . shows the place.' : 'Correct the file, or `exports` in the page.',
    },
  ]
}

/** The values that a module exports, without its types; null where it does not parse. */
async function exportsOf(contents: string): Promise<string[] | null> {
  try {
    const { metafile } = await build({
      stdin: { contents, loader: 'ts' },
      write: false,
      metafile: true,
      format: 'esm',
      logLevel: 'silent',
      tsconfigRaw: '{}',
    })
    return Object.values(metafile.outputs).flatMap((output) => output.exports)
  } catch {
    return null
  }
}

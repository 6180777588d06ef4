import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { graderFilesOf } from '../course/suite-files.ts'

/** Of everything in the course that a verdict or its points rest on: suites, pages and kit of these labs. */
export function suitesHash(root: string, labs: readonly Lab[]): string {
  const hash = createHash('sha256')
  for (const file of [...labs.flatMap((lab) => filesOf(root, lab)), ...filesIn(root, 'labs/kit')].sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

// --- internal ---

function filesOf(root: string, { id }: Lab): string[] {
  return [...graderFilesOf(root, id), `labs/${id}/README.md`]
}

function filesIn(root: string, folder: string): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`)
}

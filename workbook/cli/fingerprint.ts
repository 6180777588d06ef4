import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { graderFilesOf } from '../course/suite-files.ts'

/**
 * Stands for what a verdict on the learner's file depends on: the lab's programs, the kit, the suite.
 * The same text saved again has the same one. Never throws: a file that has just gone is not there.
 */
export function fingerprintOf(root: string, lab: Lab): string {
  const programs = [`labs/${lab.id}`, 'labs/kit'].flatMap((folder) => programsIn(root, folder))
  return fingerprint(root, [...programs, ...graderFilesOf(root, lab.id)])
}

/** Stands for the suite alone. */
export function suiteFingerprint(root: string, lab: Lab): string {
  return fingerprint(root, graderFilesOf(root, lab.id))
}

// --- internal ---

function fingerprint(root: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(textOf(root, file))
  return hash.digest('hex').slice(0, 16)
}

function programsIn(root: string, folder: string): string[] {
  const names = namesIn(root, folder).filter((name) => name.endsWith('.ts'))
  return names.map((name) => `${folder}/${name}`)
}

function namesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(path.join(root, folder)).sort()
  } catch {
    return []
  }
}

function textOf(root: string, file: string): string {
  try {
    return existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
  } catch {
    return ''
  }
}

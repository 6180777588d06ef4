import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Output } from './site.ts'

/** A folder that holds something of somebody else's. */
export class ForeignFolderError extends Error {
  override readonly name = 'ForeignFolderError'
  readonly code = 'E_OUT_FOLDER'

  constructor(folder: string) {
    super(`${folder} is not empty, and no site was built there.`)
  }
}

/**
 * Writes the site into a folder. Files of the site that stood there before and are no longer part of it
 * are removed; nothing else is.
 *
 * @param folder - Absolute path; made if it is not there.
 * @throws ForeignFolderError when the folder holds anything but an earlier site.
 */
export function writeSite(output: Output, folder: string): void {
  const before = filesBefore(folder)
  for (const file of before.filter((each) => !output.has(each))) removeFile(folder, file)
  const written = new Set(before)
  for (const [file, content] of output) {
    const place = path.join(folder, file)
    const text = content()
    if (written.has(file) && existsSync(place) && readFileSync(place, 'utf8') === text) continue
    mkdirSync(path.dirname(place), { recursive: true })
    writeFileSync(place, text)
  }
  writeFileSync(path.join(folder, LIST), `${JSON.stringify([...output.keys()].sort(), null, 1)}\n`)
}

// --- internal ---

/** Which files are ours, for the next build. */
const LIST = '.site-files.json'

function filesBefore(folder: string): string[] {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return []
  if (!existsSync(path.join(folder, LIST))) throw new ForeignFolderError(folder)
  const listed = JSON.parse(readFileSync(path.join(folder, LIST), 'utf8')) as string[]
  // A list that somebody has edited must not lead out of the folder.
  return listed.filter((file) => path.posix.normalize(file) === file && !/^(?:\.\.|\/)/.test(file))
}

function removeFile(folder: string, file: string): void {
  rmSync(path.join(folder, file), { force: true })
  for (let parent = path.dirname(file); parent !== '.'; parent = path.dirname(parent)) {
    const place = path.join(folder, parent)
    if (!existsSync(place) || readdirSync(place).length > 0) return
    rmdirSync(place)
  }
}

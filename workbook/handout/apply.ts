import fs from 'node:fs'
import path from 'node:path'
import { MARKER_FILE } from '../course/marker.ts'
import { HandoutError } from './handout-error.ts'

/** The acts on the disk that may fail half-way; tests let them fail. */
export interface Disk {
  write(file: string, bytes: Buffer): void
  copy(from: string, to: string): void
  rename(from: string, to: string): void
  remove(file: string): void
}

const DISK: Disk = {
  write: (file, bytes) => fs.writeFileSync(file, bytes),
  copy: (from, to) => fs.copyFileSync(from, to),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.rmSync(file),
}

/**
 * Makes the changes in a folder. First everything new is written beside, then everything that will be
 * replaced is copied to the backup; only then file after file takes its place, each in one step and the
 * marker last. Whenever it is interrupted, each file is the old one or the new one, the old ones are in the
 * backup, and the next run completes it.
 *
 * @returns The backup's folder relative to `folder`, or null where nothing was replaced.
 * @throws HandoutError `E_LINK` before anything is done, `E_WRITE_BESIDE` with nothing changed,
 *   `E_INTERRUPTED` half-way.
 */
export function applyChanges(
  folder: string,
  changes: ReadonlyMap<string, Buffer | null>,
  disk: Disk = DISK,
): string | null {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  const [backup, staging] = [`.backup/update-${stamp}`, `.backup/update-${stamp}.new`]
  for (const file of changes.keys()) {
    refuseLinks(folder, file)
    refuseOddFile(folder, file)
  }
  refuseLinks(folder, `${backup}/x`)
  forgetStaging(folder)
  const replaced = [...changes.keys()].filter((file) => fs.existsSync(path.join(folder, file)))
  prepare(folder, { changes, replaced, backup, staging }, disk)
  takePlace(folder, { changes, backup, staging }, disk)
  clear(folder, staging)
  return replaced.length > 0 ? backup : null
}

// --- internal ---

interface Work {
  readonly changes: ReadonlyMap<string, Buffer | null>
  readonly backup: string
  readonly staging: string
}

/** A folder that is a link would let us write where nobody expects it. */
function refuseLinks(folder: string, file: string): void {
  const parts = file.split('/').slice(0, -1)
  for (const [index] of parts.entries()) {
    const above = parts.slice(0, index + 1).join('/')
    const stats = fs.lstatSync(path.join(folder, above), { throwIfNoEntry: false })
    if (!stats || stats.isDirectory()) continue
    const message = `${above} is no folder of its own, but ${stats.isSymbolicLink() ? 'a link' : 'a file'}.`
    throw new HandoutError('E_LINK', message, 'put it aside, then run the command again')
  }
}

/**
 * What is replaced is copied to the backup: of a link that would be what it leads to, and a pipe would keep us for ever.
 *
 * @throws HandoutError `E_LINK`
 */
export function refuseOddFile(folder: string, file: string): void {
  const stats = fs.lstatSync(path.join(folder, file), { throwIfNoEntry: false })
  if (!stats || stats.isFile()) return
  const message = `${path.join(folder, file)} is ${kindOf(stats)}, and should be a file.`
  throw new HandoutError('E_LINK', message, 'put it aside, then run the command again')
}

function kindOf(stats: fs.Stats): string {
  if (stats.isDirectory()) return 'a folder'
  return stats.isSymbolicLink() ? 'a link' : 'a device, a pipe or a socket'
}

/** Of a run that was killed before its files took their places. */
function forgetStaging(folder: string): void {
  const backups = path.join(folder, '.backup')
  if (!fs.existsSync(backups)) return
  for (const name of fs.readdirSync(backups)) {
    if (/^update-.+\.new$/.test(name)) fs.rmSync(path.join(backups, name), { recursive: true, force: true })
  }
}

/** Needs all the room on the disk that the update will need. */
function prepare(folder: string, work: Work & { readonly replaced: readonly string[] }, disk: Disk): void {
  const { changes, replaced, backup, staging } = work
  try {
    for (const [file, bytes] of changes) {
      if (bytes) disk.write(inFolder(folder, `${staging}/${file}`), bytes)
    }
    for (const file of replaced) disk.copy(path.join(folder, file), inFolder(folder, `${backup}/${file}`))
  } catch (error) {
    for (const each of [staging, backup]) clear(folder, each)
    const message = `Nothing was changed: the new files could not be written (${reason(error)}).`
    const next = 'make room on the disk, or look at the permissions, then run the command again'
    throw new HandoutError('E_WRITE_BESIDE', message, next, { cause: error })
  }
}

function takePlace(folder: string, { changes, backup, staging }: Work, disk: Disk): void {
  const marker = [...changes].filter(([file]) => file === MARKER_FILE)
  const others = [...changes].filter(([file]) => file !== MARKER_FILE)
  for (const [file, bytes] of [...others, ...marker]) {
    try {
      if (bytes) disk.rename(path.join(folder, staging, file), inFolder(folder, file))
      else removeWithFolder(folder, file, disk)
    } catch (error) {
      const message = `The update stopped at ${file} (${reason(error)}). Nothing is lost: what was replaced is in ${backup}.`
      throw new HandoutError('E_INTERRUPTED', message, 'run the command again: it goes on where it stopped', {
        cause: error,
      })
    }
  }
}

/** Folders that nothing stands in any more go too. */
function removeWithFolder(folder: string, file: string, disk: Disk): void {
  disk.remove(path.join(folder, file))
  for (let above = path.dirname(file); above !== '.'; above = path.dirname(above)) {
    if (fs.readdirSync(path.join(folder, above)).length > 0) return
    fs.rmdirSync(path.join(folder, above))
  }
}

/** With `.backup` itself, where nothing else is in it. */
function clear(folder: string, inBackup: string): void {
  fs.rmSync(path.join(folder, inBackup), { recursive: true, force: true })
  const backups = path.join(folder, '.backup')
  if (fs.existsSync(backups) && fs.readdirSync(backups).length === 0) fs.rmdirSync(backups)
}

function inFolder(folder: string, file: string): string {
  const absolute = path.join(folder, file)
  fs.mkdirSync(path.dirname(absolute), { recursive: true })
  return absolute
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import { readCourse } from '../course/course.ts'
import { readMarker, type Marker } from '../course/marker.ts'
import { sealedReferenceOf } from '../course/suite-files.ts'
import { bringUpdate, readHandout } from '../handout/bring.ts'
import type { Handout } from '../handout/handout.ts'
import { brought, folderOf } from './brought.ts'
import type { Command, Input } from './command.ts'
import { makeHandout } from './teacher.ts'
import { print } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const usage = 'npm run update -- FOLDER [--labs 01,03] [--title TEXT]'

export const update: Command = {
  name: 'update',
  summary: "brings this edition into a student's older copy, and keeps what the student wrote",
  usage,
  options: { labs: { type: 'string' }, title: { type: 'string' } },
  async run({ words, flags }: Input): Promise<number> {
    const folder = readFolder(words)
    const before = readMarker(folder)
    if (!before) {
      const message = `${folder} is no handout: it has no handout.json.`
      throw new UsageError('E_NOT_A_HANDOUT', message, "name the folder of a student's copy")
    }
    const lock = readLock(folder)
    const result = bringUpdate(folder, before, await newer(before, flags))
    const packages = readLock(folder) !== lock && existsSync(path.join(folder, 'node_modules'))
    const next = packages ? 'npm ci && npm run grade' : 'npm run grade'
    await print(`${[...brought(result), `Next: ${next}   (in ${folder})`].join('\n')}\n`)
    return 0
  },
}

// --- internal ---

function readFolder([word, ...more]: readonly string[]): string {
  if (word === undefined || more.length > 0)
    throw new UsageError('E_NO_FOLDER', "Which folder? Name one student's copy.", usage)
  const folder = folderOf(word)
  if (folder !== root) return folder
  throw new UsageError('E_OUT_INSIDE', 'This is the folder itself: nothing to bring.', usage)
}

/** A full checkout makes it; a newer handout is it. */
async function newer(before: Marker, flags: Input['flags']): Promise<Handout> {
  const own = readMarker(root)
  if (own) return readHandout(root, own)
  if (!makeHandout)
    throw new UsageError('E_NO_MARKER', 'handout.json is missing here.', 'unpack the handout afresh')
  const { labs, title } = flags
  const wanted = typeof labs === 'string' ? labs.split(',').filter(Boolean) : labsOf(before)
  const named = typeof title === 'string' ? title : before.title
  return (await makeHandout({ labs: wanted, title: named, solutions: hasSeals(before) })).handout
}

/** What the teacher has decided stays decided. */
function hasSeals({ files, labs }: Marker): boolean {
  return labs.some((id) => sealedReferenceOf(id) in files)
}

/** The labs that the student has, by their numbers: names may have changed. */
function labsOf({ labs }: Marker): string[] {
  const known = new Set(readCourse(root).labs.map(({ number }) => number))
  return labs.map((id) => id.slice(0, 2)).filter((number) => known.has(number))
}

function readLock(folder: string): string {
  const file = path.join(folder, 'package-lock.json')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

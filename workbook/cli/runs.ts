import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import type { Lab } from '../course/lab.ts'
import { addToRecord, recordFromText, recordToText, type LabRecord } from '../report/record.ts'
import type { CourseResult } from '../report/result.ts'
import { writeWhole } from './atomic-write.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Selection } from './selection.ts'

/** The last run of each lab, in a folder that git ignores: `npm run ladder` draws from it. */
const FOLDER = path.join(root, '.workbook/runs')

/** What is to be graded, as it is before the run: what changes meanwhile was not graded. */
export function fingerprintsOf({ labs }: Selection): ReadonlyMap<string, string> {
  return new Map(labs.map(({ lab }) => [lab.id, fingerprintOf(root, lab)]))
}

/** Called when the report is out, so that nobody waits for it. A record that cannot be written is none. */
export function keepRuns({ labs, seed }: CourseResult, fingerprints: ReadonlyMap<string, string>): void {
  const when = new Date().toISOString()
  for (const result of labs.filter(({ requirements }) => requirements.length > 0)) {
    const { lab } = result
    const run = { when, seed, of: fingerprints.get(lab.id) ?? '' }
    writeWhole(fileOf(lab), recordToText(addToRecord(readRun(lab), result, run)))
  }
}

/** @returns Null where there is no record, or a broken one. */
export function readRun(lab: Lab): LabRecord | null {
  try {
    return recordFromText(readFileSync(fileOf(lab), 'utf8'))
  } catch {
    return null
  }
}

// --- internal ---

function fileOf({ id }: Lab): string {
  return path.join(FOLDER, `${id}.json`)
}

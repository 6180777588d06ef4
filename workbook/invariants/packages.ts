import { readTextFile } from '../course/text-file.ts'
import { admits } from './node-range.ts'
import type { Finding, Invariant } from './invariant.ts'

/** `npm ci` works wherever the packages can be had, and with the oldest Node that we promise. */
export const packages: Invariant = {
  name: 'packages',
  find({ root }) {
    const { engines } = JSON.parse(readTextFile(root, 'package.json')) as { engines?: { node?: string } }
    const oldest = /^>=(\d+\.\d+)$/.exec(engines?.node ?? '')?.[1]
    if (oldest === undefined) return [noFloor(engines?.node)]
    const lock = JSON.parse(readTextFile(root, LOCK)) as { packages?: Record<string, LockedPackage> }
    return Object.entries(lock.packages ?? {}).flatMap(([name, locked]) => {
      return [...addressed(name, locked), ...tooNew(name, locked, oldest)]
    })
  },
}

// --- internal ---

const LOCK = 'package-lock.json'

interface LockedPackage {
  readonly resolved?: string
  readonly engines?: { readonly node?: string }
}

function noFloor(found = 'none'): Finding {
  const next = 'Name the oldest Node that the workbook runs on.'
  return {
    file: 'package.json',
    line: null,
    expected: '"engines": { "node": ">=20.19" } or the like',
    found,
    next,
  }
}

function addressed(name: string, { resolved }: LockedPackage): Finding[] {
  if (resolved === undefined) return []
  const next = 'npm install --package-lock-only writes the file anew; .npmrc leaves addresses out.'
  return [{ file: LOCK, line: null, expected: `no \`resolved\` address for ${name}`, found: resolved, next }]
}

function tooNew(name: string, { engines }: LockedPackage, oldest: string): Finding[] {
  const range = engines?.node
  if (range === undefined || admits(range, oldest)) return []
  const next = 'Take an older version of the package, or raise `engines` in package.json.'
  return [
    {
      file: LOCK,
      line: null,
      expected: `${name || 'the workbook'} to run on Node ${oldest}`,
      found: `it needs ${range}`,
      next,
    },
  ]
}

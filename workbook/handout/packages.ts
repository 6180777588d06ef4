import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isUsed, prune, type Lock } from './lock.ts'
import { HandoutError } from './handout-error.ts'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** Commands that a student's edition has, where the full checkout has them. */
const SCRIPTS = new Set(
  'grade start watch debug try types ladder list hint reset solution docs docs:build demo update'.split(' '),
)

/** Fields that say the same in both editions. */
const KEPT = ['name', 'version', 'private', 'description', 'license', 'type', 'engines', 'allowScripts']

export function readPackage(root: string): PackageJson {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as PackageJson
}

/** The student's commands → how each is started. */
export function studentScripts({ scripts = {} }: PackageJson): Record<string, string> {
  return Object.fromEntries(Object.entries(scripts).filter(([name]) => SCRIPTS.has(name)))
}

/**
 * package.json and package-lock.json with the packages that the student's edition needs, and no others.
 * All of them are plain dependencies: `NODE_ENV=production` must not leave them out.
 *
 * @param imported - Packages that its files import.
 * @throws HandoutError `E_LOCK` where the lockfile does not hold one of them.
 */
export function pickPackages(root: string, imported: ReadonlySet<string>): Map<string, Buffer> {
  const full = readPackage(root)
  const scripts = studentScripts(full)
  const all = { ...full.devDependencies, ...full.dependencies }
  const needed = new Set([...imported, ...commandsOf(scripts), ...FOR_EDITORS])
  const dependencies = Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name)))
  const kept = KEPT.filter((field) => full[field] !== undefined).map((field) => [field, full[field]])
  const slim = { ...Object.fromEntries(kept), scripts, dependencies }
  const lock = readLock(root)
  const pruned = prune(lock, { name: full.name, version: full.version, dependencies, ...rootFacts(full) })
  const missing = Object.keys(dependencies).find((name) => !isUsed(pruned, name))
  if (missing !== undefined) {
    const message = `package-lock.json does not hold ${missing}, which package.json names.`
    throw new HandoutError('E_LOCK', message, 'npm install --package-lock-only')
  }
  return new Map([
    ['package.json', json(slim)],
    ['package-lock.json', json(pruned)],
  ])
}

// --- internal ---

/** An editor shows with them what `node:net` offers, and `npm run types` where types do not fit. */
const FOR_EDITORS = ['@types/node', 'typescript']

/** `tsx docs/demos/run.ts` needs tsx. */
function commandsOf(scripts: Readonly<Record<string, string>>): string[] {
  return Object.values(scripts).map((script) => script.split(' ')[0] ?? '')
}

/** npm writes these of package.json into the lockfile's own entry. */
function rootFacts({ license, engines }: PackageJson) {
  return { ...(license !== undefined && { license }), ...(engines !== undefined && { engines }) }
}

function readLock(root: string): Lock {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lock
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}

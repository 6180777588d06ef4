/**
 * Bundles a part of the workbook to plain JavaScript, cached by content. Plain JavaScript itself: it
 * runs before anything that reads TypeScript does. Vitest loads four times faster this way than under
 * a loader (docs/architecture.md, "Two ways to run TypeScript").
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(fileURLToPath(import.meta.url), '../../..')

const workbook = path.join(root, 'workbook')
const DAY_MILLISECONDS = 86_400_000
/** Packages in the older format ask for Node's own modules by require(). */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)`

/**
 * @param {Record<string, { entry: string, format: 'esm' | 'cjs' }>} parts - Output name → entry file
 *   below workbook/.
 * @returns {Promise<Record<string, string>>} Output name → absolute path of the bundle.
 */
export async function bundle(parts) {
  const cache = cacheFolder()
  const folder = path.join(cache, contentHash())
  const paths = Object.fromEntries(Object.keys(parts).map((name) => [name, path.join(folder, name)]))
  const missing = Object.keys(parts).filter((name) => !existsSync(paths[name]))
  if (missing.length === 0) return paths
  const { build } = await import('esbuild')
  const building = `${folder}.${process.pid}.${process.hrtime.bigint()}`
  mkdirSync(building, { recursive: true })
  await Promise.all(missing.map((name) => build(options(parts[name], path.join(building, name)))))
  mkdirSync(folder, { recursive: true })
  for (const name of missing) renameSync(path.join(building, name), paths[name])
  rmSync(building, { recursive: true, force: true })
  forgetOldBundles(cache, folder)
  return paths
}

/** Links followed: the learner process is permitted to read the bundle where it really stands. */
function cacheFolder() {
  return path.join(realpathSync(path.join(root, 'node_modules')), '.cache/socket-workbook')
}

function options({ entry, format }, outfile) {
  return {
    entryPoints: [path.join(workbook, entry)],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Packages of many small files load three times faster from one. These two must be what they are:
    // Vitest holds state that its threads share, and esbuild stands beside its program.
    external: ['esbuild', 'vitest'],
    banner: format === 'esm' ? { js: REQUIRE } : {},
    sourcemap: format === 'esm' ? 'inline' : false,
    sourcesContent: false,
    logLevel: 'silent',
  }
}

function contentHash() {
  const hash = createHash('sha256').update(process.version)
  hash.update(readFileSync(path.join(root, 'package-lock.json')))
  for (const file of sources(workbook)) hash.update(file).update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => /\.m?ts$|\.mjs$/.test(file))
    .sort()
    .map((file) => path.join(folder, file))
}

/** Bundles of an older workbook, a day after they were last made: another run may still use one. */
function forgetOldBundles(cache, current) {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name)
    // Another run may just have taken its own away.
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (Date.now() - made > DAY_MILLISECONDS && folder !== current)
      rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * `npm run demo -- NAME` runs one of the small programs in this folder; without a name it lists them by chapter.
 * A demo is a module that does its work when it is loaded and whose first comment line says what it shows.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { listDemos } from './parts/list-demos.ts'

const here = import.meta.dirname
const names = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== path.basename(import.meta.filename))
  .map((file) => file.slice(0, -'.ts'.length))
const [name] = process.argv.slice(2)

if (name !== undefined && names.includes(name)) {
  await import(`./${name}.ts`)
} else {
  const known = name === undefined
  if (!known) process.stderr.write(`There is no demo ${JSON.stringify(name)}. There are:\n`)
  process.stdout.write(
    `${listDemos(here, names, process.stdout.columns ?? 80).join('\n')}\n`,
  )
  process.exitCode = known ? 0 : 2
}

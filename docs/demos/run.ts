/**
 * `npm run demo -- NAME` runs one of the small programs in this folder; without a name it lists them.
 * A demo is a module that does its work when it is loaded and whose first comment line says what it shows.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

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
  for (const each of names)
    process.stdout.write(`npm run demo -- ${each.padEnd(18)} ${summaryOf(each)}\n`)
  process.exitCode = known ? 0 : 2
}

/** The first comment line of a demo, without its marks. */
function summaryOf(demo: string): string {
  const [line = ''] = readFileSync(path.join(here, `${demo}.ts`), 'utf8').split('\n')
  return line.replace(/^\/\/\s*/, '')
}

/**
 * Starts the command line: looks whether it can run here, bundles it when its sources have changed,
 * and hands over. Plain JavaScript, so that the check comes before anything newer than the check.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle, root } from '../bundle/bundle.mjs'
import { CLI_BUNDLE } from '../bundle/parts.mjs'

const OLDEST = [20, 19]

const problem = cannotRun()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(2)
}

const paths = await bundle(CLI_BUNDLE)
process.env.WORKBOOK_ROOT = root
process.env.WORKBOOK_HOST = paths['host.cjs']
await import(pathToFileURL(paths['cli.mjs']).href)

function cannotRun() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return `The workbook needs Node ${OLDEST.join('.')} or later; this is ${process.version}. Get it from https://nodejs.org.`
  }
  if (process.platform === 'win32') {
    return 'The workbook runs on Linux, macOS and WSL2. On Windows, run "wsl --install", then clone and start it inside WSL.'
  }
  if (!existsSync(path.join(root, 'node_modules/esbuild'))) {
    return `The packages are not installed. Run: npm ci   (in ${root})`
  }
  return null
}

/**
 * Starts the command line: looks whether it can run here, bundles it when its sources have changed,
 * and hands over. Plain JavaScript, so that the check comes before anything newer than the check.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle, root } from '../bundle/bundle.mjs'
import { CLI_BUNDLE } from '../bundle/parts.mjs'

const problem = cannotRun()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(2)
}

const paths = await bundle(CLI_BUNDLE).catch(giveUp)
process.env.WORKBOOK_ROOT = root
process.env.WORKBOOK_HOST = paths['host.cjs']
process.env.WORKBOOK_COMPILER = paths['compiler.cjs']
await import(pathToFileURL(paths['cli.mjs']).href)

function cannotRun() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode()
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return `The workbook needs Node ${oldestMajor}.${oldestMinor} or later; this is ${process.version}. Get it from https://nodejs.org.`
  }
  if (process.platform === 'win32') {
    return 'The workbook runs on Linux, macOS and WSL2. On Windows, run "wsl --install", then clone and start it inside WSL.'
  }
  if (!existsSync(path.join(root, 'node_modules/esbuild'))) {
    return `The packages are not installed. Run: npm ci   (in ${root})`
  }
  return null
}

/** `>=20.19` in package.json: npm warns by it, too. */
function oldestNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return engines.node.match(/\d+/g).map(Number)
}

/** For example a full disk, or packages that somebody else has installed where we may not write. */
function giveUp({ message }) {
  process.stderr.write(`The workbook could not be made ready: ${message}\nNext: npm ci   (in ${root})\n`)
  process.exit(2)
}

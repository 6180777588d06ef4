/**
 * Starts the command line: looks whether it can run here, bundles it when its sources have changed,
 * and hands over. Plain JavaScript, so that the check comes before anything newer than the check.
 */
import { pathToFileURL } from 'node:url'
import { bundle, root } from '../bundle/bundle.mjs'
import { CLI_BUNDLE } from '../bundle/parts.mjs'
import { cannotRun, whyNotReady } from './ready.mjs'

const problem = cannotRun(root)
if (problem) giveUp(problem)

const paths = await bundle(CLI_BUNDLE).catch((error) => giveUp(whyNotReady(error, root)))
process.env.WORKBOOK_ROOT = root
process.env.WORKBOOK_HOST = paths['host.cjs']
process.env.WORKBOOK_COMPILER = paths['compiler.cjs']
await import(pathToFileURL(paths['cli.mjs']).href).catch((error) => giveUp(whyNotReady(error, root)))

function giveUp(said) {
  process.stderr.write(`${said}\n`)
  process.exit(2)
}

/**
 * What has to hold before anything of the workbook can be loaded, and what is said where it does not. Plain
 * JavaScript, as start.mjs is. Each sentence ends with the next step and a stable code.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** @returns {string | null} Why nothing can run here, with the next step. */
export function cannotRun(root) {
  const { engines, dependencies = {}, devDependencies = {} } = packageOf(root)
  return (
    oldNode(engines.node) ?? windows() ?? walled() ?? missing(root, { ...dependencies, ...devDependencies })
  )
}

/** What is said where the bundle could not be made: a full disk, a folder of somebody else's. */
export function whyNotReady({ message, code }, root) {
  const cache = path.join(root, 'node_modules/.cache')
  const kind = code ?? CODES.find(([said]) => said.test(message))?.[1]
  if (kind === 'ENOSPC' || kind === 'EDQUOT')
    return told(
      `The disk is full: ${cache} could not be written.`,
      'free some space, then run it again',
      kind,
    )
  if (kind === 'EACCES' || kind === 'EPERM' || kind === 'EROFS') {
    const next = `work in a copy of your own: cp -R ${root} FOLDER, then npm ci there`
    return told(`${cache} cannot be written by you: it is another user's, or read-only.`, next, kind)
  }
  if (kind === 'EMFILE' || kind === 'ENFILE')
    return told('Too few files may be open at a time here.', 'ulimit -n 1024, or open another terminal', kind)
  return told(`The workbook could not be made ready: ${message}`, `${INSTALL}   (in ${root})`, 'E_BUNDLE')
}

// --- internal ---

/** `NODE_ENV=production` keeps npm from installing what a checkout needs, and this overrules it. */
const INSTALL = 'npm ci --include=dev'

/** What a process that was started says instead of a code. */
const CODES = [
  [/no space left on device/i, 'ENOSPC'],
  [/permission denied/i, 'EACCES'],
  [/read-only file system/i, 'EROFS'],
  [/too many open files/i, 'EMFILE'],
]

function told(sentence, next, code) {
  return `${sentence}\nNext: ${next}\n(${code})`
}

function packageOf(root) {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
}

/** `>=20.19` in package.json: npm warns by it, too. */
function oldNode(wanted) {
  const [oldestMajor, oldestMinor] = wanted.match(/\d+/g).map(Number)
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null
  const needs = `The workbook needs Node ${oldestMajor}.${oldestMinor} or later; this is ${process.version}.`
  return told(needs, 'get a newer one from https://nodejs.org', 'E_NODE')
}

function windows() {
  if (process.platform !== 'win32') return null
  const next = 'run "wsl --install", then clone and start it inside WSL'
  return told('The workbook runs on Linux, macOS and WSL2.', next, 'E_WINDOWS')
}

/** Node's permission model is for the learner's process; the tool itself starts processes and threads. */
function walled() {
  const denied = ['child', 'worker', 'fs.read', 'fs.write'].filter(
    (each) => process.permission?.has(each) === false,
  )
  if (denied.length === 0) return null
  const sentence = `Node runs with its permission model, which denies the workbook ${denied.join(', ')}.`
  return told(sentence, 'unset NODE_OPTIONS, or take the permission flags out of it', 'E_PERMISSION_MODEL')
}

/** Of the packages of package.json, whether npm has put all of them there. */
function missing(root, packages) {
  const absent = Object.keys(packages).filter((name) => !existsSync(path.join(root, 'node_modules', name)))
  if (absent.length === 0) return null
  const some = absent.length === Object.keys(packages).length ? 'The packages are' : `${absent[0]} is`
  return told(`${some} not installed.`, `${INSTALL}   (in ${root})`, 'E_PACKAGES')
}

import { EventEmitter } from 'node:events'
import { report } from './channel.ts'
import { now } from './clock.ts'
import { forbidden } from './forbidden.ts'

/**
 * The `process` that the learner's program sees: what an ordinary program asks of it, and nothing
 * that leads to the grader or out of the lab. Whatever the program does to it stays without effect.
 */

const OUTSIDE = 'the program stays in its own process'
const GRADER = 'the line to the grader is not part of the lab'

/** What is taken over as it is. */
const SHARED = [
  'arch',
  'cpuUsage',
  'emitWarning',
  'features',
  'hrtime',
  'memoryUsage',
  'nextTick',
  'pid',
  'platform',
  'release',
  'version',
  'versions',
] as const

const REFUSED: Readonly<Record<string, string>> = {
  binding: OUTSIDE,
  chdir: OUTSIDE,
  disconnect: GRADER,
  dlopen: OUTSIDE,
  execve: OUTSIDE,
  getBuiltinModule: 'import the module at the top of the file',
  kill: OUTSIDE,
  loadEnvFile: OUTSIDE,
  send: GRADER,
  setUncaughtExceptionCaptureCallback: 'handle errors where they happen',
  setegid: OUTSIDE,
  seteuid: OUTSIDE,
  setgid: OUTSIDE,
  setgroups: OUTSIDE,
  setuid: OUTSIDE,
}

let isOutputTaken = false

/** Whether the program has had a stream of its output in its hands, and may have changed it. */
export function outputTaken(): boolean {
  return isOutputTaken
}

// The global name will lead to the stand-in.
const real = process

/** Replaces the global `process`; nothing of Node's own looks there. */
export function standInForProcess(): void {
  Object.defineProperty(globalThis, 'process', { value: standIn(), enumerable: false })
  for (const [name, stream] of [
    ['_stdout', 'stdout'],
    ['_stderr', 'stderr'],
  ] as const) {
    const take = (): unknown => {
      isOutputTaken = true
      return real[stream]
    }
    Object.defineProperty(console, name, { get: take, configurable: false })
  }
}

// --- internal ---

function standIn(): EventEmitter {
  const shared = Object.fromEntries(SHARED.map((name) => [name, real[name]]))
  const refused = Object.entries(REFUSED).map(([name, why]) => [name, forbidden(`process.${name}`, why)])
  const own = {
    argv: ['node', '/lab'],
    argv0: 'node',
    cwd: () => '/',
    env: {},
    execArgv: [],
    execPath: 'node',
    exitCode: undefined,
    title: 'node',
    uptime: () => now() / 1000,
    exit: (code = 0) => leave(`process.exit(${String(code)})`),
    reallyExit: (code = 0) => leave(`process.reallyExit(${String(code)})`),
    abort: () => leave('process.abort()'),
    get stdout() {
      isOutputTaken = true
      return real.stdout
    },
    get stderr() {
      isOutputTaken = true
      return real.stderr
    },
  }
  const standing = Object.assign(new EventEmitter(), shared, Object.fromEntries(refused))
  return Object.defineProperties(standing, Object.getOwnPropertyDescriptors(own))
}

function leave(how: string): never {
  report({ event: 'exit', how, stack: String(new Error().stack) })
  return real.exit(1)
}

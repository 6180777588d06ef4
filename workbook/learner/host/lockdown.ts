import buffer from 'node:buffer'
import perfHooks from 'node:perf_hooks'
import timers from 'node:timers'
import { refuseCodeFromText } from './code-from-text.ts'
import { forbidden } from './forbidden.ts'
import { makeLanguageReadOnly } from './intrinsics.ts'
import { standInForProcess } from './stand-in.ts'

/** Takes away what a lab must not use, in a way that tells the learner what to use instead. */

const WIRE = 'you write HTTP yourself, on node:net'

/** The next program in this process would find it. */
const KEEPS_NOTHING = 'keep what you need in a variable'

const GLOBALS: Readonly<Record<string, string>> = {
  EventSource: WIRE,
  fetch: WIRE,
  FormData: WIRE,
  Headers: WIRE,
  Request: WIRE,
  Response: WIRE,
  WebSocket: WIRE,
  // Their work and their messages are on the way where the proof of idleness cannot see them.
  BroadcastChannel: 'the program stays in its own process',
  CompressionStream: 'no lab compresses',
  DecompressionStream: 'no lab compresses',
  MessageChannel: 'the program stays in its own process',
  localStorage: KEEPS_NOTHING,
  sessionStorage: KEEPS_NOTHING,
}

/** They tell real time, keep what an earlier program has measured, or call what it has left behind. */
const MEASURING = 'use performance.now()'
const OF_PERFORMANCE = [
  'clearMarks',
  'clearMeasures',
  'clearResourceTimings',
  'eventLoopUtilization',
  'getEntries',
  'getEntriesByName',
  'getEntriesByType',
  'mark',
  'markResourceTiming',
  'measure',
  'nodeTiming',
  'setResourceTimingBufferSize',
  'timerify',
]
const OF_PERF_HOOKS = [
  'PerformanceObserver',
  'createHistogram',
  'eventLoopUtilization',
  'monitorEventLoopDelay',
  'timerify',
]

export function lockDown(): void {
  // Those that this Node does not have as well: the verdict is the same on every Node.
  for (const [name, instead] of Object.entries(GLOBALS)) replace(globalThis, name, forbidden(name, instead))
  replace(globalThis, 'WebAssembly', new Proxy({}, { get: forbidden('WebAssembly', 'write TypeScript') }))
  // Its locks outlive a program.
  const navigator = forbidden('navigator', 'a lab depends on no machine')
  replace(globalThis, 'navigator', new Proxy({}, { get: navigator, has: navigator, ownKeys: navigator }))
  // They sleep on a clock that is not the grader's.
  for (const name of ['wait', 'waitAsync'])
    replace(Atomics, name, forbidden(`Atomics.${name}`, 'use setTimeout'))
  for (const name of ['active', '_unrefActive', 'enroll', 'unenroll']) {
    if (name in timers) replace(timers, name, forbidden(`timers.${name}`, 'use setTimeout'))
  }
  for (const name of OF_PERFORMANCE) replace(performance, name, forbidden(`performance.${name}`, MEASURING))
  for (const name of OF_PERF_HOOKS) {
    if (name in perfHooks) replace(perfHooks, name, forbidden(name, MEASURING), true)
  }
  replace(globalThis, 'PerformanceObserver', forbidden('PerformanceObserver', MEASURING))
  const file = forbidden('File', 'a lab talks to the wire, not to files')
  replace(globalThis, 'File', file)
  replace(buffer, 'File', file, true)
  refuseCodeFromText()
  standInForProcess()
  makeLanguageReadOnly()
}

// --- internal ---

function replace(target: object, name: string, value: unknown, enumerable = false): void {
  // Deleted first: to define it anew over what is there would load what is there, all of fetch for instance.
  Reflect.deleteProperty(target, name)
  Object.defineProperty(target, name, { value, writable: false, configurable: false, enumerable })
}

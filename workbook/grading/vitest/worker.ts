import { parentPort } from 'node:worker_threads'
import { init, runBaseTests, setupEnvironment } from 'vitest/worker'
import { stockUp, warmUp } from '../../learner/spare.ts'
import { receiveLabs } from '../lab.ts'
import type { News, Order } from './thread.ts'
import { makeTests } from './tests.ts'

/**
 * The program of the thread in which the suites run (thread.ts). It is one bundle, so that Vite has
 * only the suites to transform; and they find their `lab` in it, where it has a receiver.
 */
export { lab } from '../lab.ts'

const port = parentPort
if (!port) throw new Error('this program runs in a thread: start through npm run grade')

// The first learner process starts while Vitest is still loading.
warmUp()
/** The run that goes on, or the next one: only the newest can be cancelled. */
let newest = { run: 0, cancelled: new AbortController() }
const controllerOf = (run: number): AbortController => {
  if (run > newest.run) newest = { run, cancelled: new AbortController() }
  return newest.cancelled
}
receiveLabs((definition) => {
  makeTests(definition, {
    onPlanned: (planned) => port.postMessage({ planned } satisfies News),
    onGraded: (graded) => port.postMessage({ graded } satisfies News),
    signalOf: (run) => controllerOf(run).signal,
  })
})

/** The first is Vitest's for good. It adds others for each run, and takes none of them away. */
const listeners: Array<(message: unknown) => void> = []
port.on('message', (message: unknown) => {
  if (isOrder(message)) return obey(message)
  for (const listener of listeners.slice()) listener(message)
})
init({
  post: (message) => port.postMessage(message),
  on: (listener) => void listeners.push(listener),
  off: (listener) => void listeners.splice(listeners.indexOf(listener), 1),
  teardown: () => void listeners.splice(1),
  setup: setupEnvironment,
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
})

function obey(order: Order): void {
  if ('cancel' in order) controllerOf(order.cancel).abort()
  else void stockUp(order.stock)
}

function isOrder(message: unknown): message is Order {
  return typeof message === 'object' && message !== null && ('cancel' in message || 'stock' in message)
}

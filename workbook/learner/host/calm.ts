import { createHook } from 'node:async_hooks'

/** Says when the event loop has nothing left to do but wait for the grader. */

/** Open handles that only wait. Requests (connect, write, lookup, file) and real timers are work. */
const WAITING = new Set([
  'PipeWrap',
  'TCPSocketWrap',
  'TCPServerWrap',
  'TTYWrap',
  'SignalWrap',
  'UDPWrap',
  'MessagePort',
])
const CALM_TURNS = 3
/**
 * After so many turns in a row with work under way, the next look comes a millisecond later: who waits
 * for a peer, or for the kernel, is not to wait at the cost of the processor. A look decides nothing but
 * when the next one comes.
 */
const BUSY_TURNS = 100

// Captured while nobody can have replaced them.
const activeResources = process.getActiveResourcesInfo.bind(process)
const [nextTurn, inAMillisecond] = [setImmediate, setTimeout]

/** Work in the thread pool that getActiveResourcesInfo does not list: crypto and the like. */
const jobs = new Map<number, { readonly ondone?: unknown }>()
const JOB = /REQUEST|JOB|^WORKER$|^ZLIB$|BLOBREADER/
/** Of crypto's: one with nobody to be told at its end, as in `randomBytes(2)`, is over before its call returns. */
const CRYPTO_JOB = /REQUEST|JOB/

export function watchJobs(): void {
  createHook({
    init(id, type, _trigger, resource) {
      if (JOB.test(type)) jobs.set(id, CRYPTO_JOB.test(type) ? resource : { ondone: null })
    },
    before: (id) => void jobs.delete(id),
    destroy: (id) => void jobs.delete(id),
  }).enable()
}

/** Those who wait for calm. One loop serves them all: a second would see the turns of the first as work. */
let waiting: Array<{ readonly settle: (isCalm: boolean) => void; turns: number }> = []
let calm = 0
let busy = 0
/** The newest word counts: an end may have stopped reading since the first one asked. */
let stalledNow: () => number = () => 0

/**
 * Resolves after three turns of the event loop in a row without any work, or when so many turns have
 * passed in vain.
 *
 * @param stalledWrites - How many pending writes wait for a peer that does not read, just now.
 * @returns Whether there is calm.
 */
export function whenCalm(stalledWrites: () => number, turns = Infinity): Promise<boolean> {
  calm = 0
  stalledNow = stalledWrites
  return new Promise((settle) => {
    if (waiting.push({ settle, turns }) === 1) nextTurn(look)
  })
}

/** Nothing is open but pipes: the line to the grader, standard output and error. */
export function hasOnlyPipes(): boolean {
  return activeResources().every((resource) => resource === 'PipeWrap')
}

// --- internal ---

function look(): void {
  // It says that it is gone when the memory is swept, which may take seconds.
  for (const [id, { ondone }] of jobs) if (ondone === undefined) jobs.delete(id)
  const isQuietNow = jobs.size === 0 && isQuiet()
  calm = isQuietNow ? calm + 1 : 0
  busy = isQuietNow ? 0 : busy + 1
  const isCalm = calm >= CALM_TURNS
  const ready = waiting.filter((waiter) => --waiter.turns <= 0 || isCalm)
  waiting = waiting.filter((waiter) => !ready.includes(waiter))
  if (waiting.length > 0) {
    if (busy < BUSY_TURNS) nextTurn(look)
    // Node counts a timer as work until its call-back has returned.
    else inAMillisecond(() => nextTurn(look), 1)
  }
  for (const { settle } of ready) settle(isCalm)
}

function isQuiet(): boolean {
  let writes = 0
  for (const resource of activeResources()) {
    if (resource.endsWith('WriteWrap')) writes++
    else if (!WAITING.has(resource)) return false
  }
  return writes === 0 || writes <= stalledNow()
}

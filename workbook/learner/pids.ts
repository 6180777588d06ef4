import { BroadcastChannel, threadId } from 'node:worker_threads'

/**
 * Learner processes run under a worker thread, which may be stopped in the middle of a check. Their
 * numbers are told to the main thread, which ends whatever is left when it goes.
 */
export const NEWS_CHANNEL = 'workbook-learner-processes'

export interface News {
  readonly pid: number
  readonly alive: boolean
  /** The thread that has started it. */
  readonly thread: number
}

let channel: BroadcastChannel | null = null

export function announce(pid: number, gone: Promise<void>): void {
  channel ??= open()
  const tell = (alive: boolean): void => channel?.postMessage({ pid, alive, thread: threadId } satisfies News)
  tell(true)
  void gone.then(() => tell(false))
}

/** In the main thread: kills what is left when this process ends. */
export function killTheRestAtExit(): void {
  const alive = new Set<number>()
  const heard = open()
  heard.onmessage = (event) => {
    const { pid, alive: lives } = (event as { data: News }).data
    if (lives) alive.add(pid)
    else alive.delete(pid)
  }
  process.once('exit', () => {
    for (const pid of alive) killGroup(pid)
  })
}

/** Kills a process and all that it has started. */
export function killGroup(pid: number): void {
  signalTo(-pid, 'SIGKILL')
}

/** To one process, or to a group by its negative number. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  // A process that could not start has no number, and 0 would mean the grader's own group.
  if (pid === 0) return
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

/** Whether anybody is left in the process group; signal 0 only asks. */
export function hasMembers(pid: number): boolean {
  try {
    return pid > 0 && process.kill(-pid, 0)
  } catch {
    return false
  }
}

// --- internal ---

function open(): BroadcastChannel {
  const opened = new BroadcastChannel(NEWS_CHANNEL)
  ;(opened as unknown as { unref(): void }).unref()
  return opened
}

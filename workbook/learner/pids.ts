import { BroadcastChannel } from 'node:worker_threads'

/**
 * Learner processes run under a worker thread, which may be stopped in the middle of a check. Their
 * numbers are told to the main thread, which ends whatever is left when it goes.
 */
const CHANNEL = 'workbook-learner-processes'

interface News {
  readonly pid: number
  readonly alive: boolean
}

let channel: BroadcastChannel | null = null

export function announce(pid: number, gone: Promise<void>): void {
  channel ??= open()
  const tell = (alive: boolean): void => channel?.postMessage({ pid, alive } satisfies News)
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

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

function open(): BroadcastChannel {
  const opened = new BroadcastChannel(CHANNEL)
  ;(opened as unknown as { unref(): void }).unref()
  return opened
}

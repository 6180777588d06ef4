import type { Happening, Reply, Request } from '../messages.ts'

/**
 * The line to the grader. The learner's program never sees it: its `process` is a stand-in
 * (stand-in.ts), and each message carries a key that only this module and the grader know.
 */

type Unkeyed = Reply extends infer Each ? (Each extends Reply ? Omit<Each, 'key'> : never) : never

// Captured while nobody can have replaced them.
const ipcSend = process.send?.bind(process)
const emit = process.emit.bind(process) as (name: string, ...args: unknown[]) => boolean
const leave = process.exit.bind(process)

let key = ''

export function sendToGrader(message: Unkeyed, sent?: () => void): void {
  ipcSend?.({ ...message, key }, undefined, undefined, sent)
}

export function report(happening: Happening): void {
  sendToGrader(happening)
}

/** Tells the grader why the process ends, and ends it when the message is out. */
export function endProcess(happening: Happening, code: number): void {
  sendToGrader(happening, () => leave(code))
}

/** Hears the grader for as long as the grader is there. */
export function openChannel(onRequest: (request: Request) => void): void {
  const hear = (name: string, ...args: unknown[]): boolean => {
    if (name === 'disconnect') return leave(0)
    if (name !== 'message') return emit(name, ...args)
    const request = args[0] as Request
    if (request.op === 'hello') key = key || request.key
    onRequest(request)
    return true
  }
  ownWhatIsInherited()
  Object.defineProperty(process, 'emit', { value: hear, writable: false, configurable: false })
  // A listener keeps the channel open, as the process should stay as long as the grader does.
  process.on('message', () => undefined)
}

// --- internal ---

/** What Node calls on `process` must not come from EventEmitter.prototype, which a program can change. */
function ownWhatIsInherited(): void {
  const target = process as unknown as Record<string, unknown>
  for (const name of ['on', 'once', 'off', 'listeners', 'listenerCount', 'removeListener']) {
    Object.defineProperty(process, name, { value: target[name], writable: false, configurable: false })
  }
}

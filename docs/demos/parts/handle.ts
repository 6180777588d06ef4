import net from 'node:net'
import { connect, listen } from './loopback.ts'

/**
 * The object through which Node speaks to the system about one socket. It is internal to Node, and here to be
 * looked at: nothing else tells a program what it really asked of the system.
 */
interface Handle {
  setNoDelay(enable: boolean): number
  writev(...rest: unknown[]): number
  writeBuffer(...rest: unknown[]): number
  writeLatin1String(...rest: unknown[]): number
  writeUtf8String(...rest: unknown[]): number
}

type Method = keyof Handle

/** Counts how often sockets get TCP_NODELAY while `run` runs. */
export function countNoDelay(run: () => Promise<void>): Promise<number> {
  return countCalls(['setNoDelay'], run)
}

/** Counts how many writes reach the system while `run` runs; what is corked reaches it as one. */
export function countSystemWrites(run: () => Promise<void>): Promise<number> {
  return countCalls(['writev', 'writeBuffer', 'writeLatin1String', 'writeUtf8String'], run)
}

// --- internal ---

async function countCalls(
  methods: readonly Method[],
  run: () => Promise<void>,
): Promise<number> {
  const prototype = await handlePrototype()
  let calls = 0
  const restore = methods.map((name) => {
    const original = Object.getOwnPropertyDescriptor(prototype, name)
    const call = prototype[name] as (this: unknown, ...rest: unknown[]) => number
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: function counted(this: unknown, ...rest: unknown[]) {
        // setNoDelay(false) asks for nothing.
        if (rest[0] !== false) calls++
        return call.apply(this, rest)
      },
    })
    return () => {
      if (original) Object.defineProperty(prototype, name, original)
      else Reflect.deleteProperty(prototype, name)
    }
  })
  try {
    await run()
  } finally {
    for (const undo of restore) undo()
  }
  return calls
}

async function handlePrototype(): Promise<Handle> {
  const server = net.createServer()
  const socket = await connect(await listen(server))
  const prototype = Object.getPrototypeOf(Reflect.get(socket, '_handle')) as Handle
  socket.destroy()
  server.close()
  return prototype
}

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { getHeapStatistics } from 'node:v8'
import { UsageError } from './usage-error.ts'

/**
 * What the machine must give before a program can be graded. Without it every verdict would be wrong, and would be told
 * as the learner's. It takes a millisecond.
 *
 * @throws UsageError
 */
export async function requireGround(): Promise<void> {
  for (const refuse of [refuseSmallHeap, refuseLimits]) refuse()
  await refuseLostLoopback()
}

// --- internal ---

/** Vitest's parser reserves ten gigabytes of addresses for each of its small memories, and fills none of them. */
const LEAST_ADDRESS_BYTES = 40_000_000 * 1024
/** Three checks at a time, each with some tens of sockets at both ends. */
const LEAST_FILES = 256
/** With less, V8 ends the process without a word. */
const LEAST_HEAP_BYTES = 85 * 2 ** 20
const LOOPBACK_MILLISECONDS = 60_000

function refuseSmallHeap(): void {
  const { heap_size_limit: limit } = getHeapStatistics()
  if (limit >= LEAST_HEAP_BYTES) return
  const message = `Node may use only ${Math.floor(limit / 2 ** 20)} MiB of memory here, and grading needs more.`
  throw new UsageError('E_HEAP', message, 'unset NODE_OPTIONS, or take --max-old-space-size out of it')
}

/** Node itself raises what may be raised: what it finds here is the most that there is. */
function refuseLimits(): void {
  const addresses = limitOf('Max address space')
  if (addresses < LEAST_ADDRESS_BYTES) {
    const message = `A program may reserve only ${Math.floor(addresses / 2 ** 20)} MiB of memory here (ulimit -v), which is too little for grading.`
    throw new UsageError('E_MEMORY', message, 'ulimit -v unlimited, or open another terminal')
  }
  const files = limitOf('Max open files')
  if (files >= LEAST_FILES) return
  const message = `Only ${files} files and sockets may be open at a time here (ulimit -n), and grading needs ${LEAST_FILES}.`
  throw new UsageError('E_FILES', message, 'ulimit -n 1024, or open another terminal')
}

/** The soft limit that Linux shows; Infinity elsewhere, and where there is none. */
function limitOf(name: string): number {
  try {
    const line = readFileSync('/proc/self/limits', 'latin1')
      .split('\n')
      .find((each) => each.startsWith(name))
    return Number(line?.slice(name.length).trim().split(/\s+/)[0] ?? Infinity) || Infinity
  } catch {
    return Infinity
  }
}

/** Some sandboxes have no loopback, or one that is down: everything listens, and nobody gets there. */
async function refuseLostLoopback(): Promise<void> {
  const server = net.createServer((socket) => socket.on('error', () => undefined).end())
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await reach((server.address() as net.AddressInfo).port)
  } catch (error) {
    const { code = 'no answer' } = error as NodeJS.ErrnoException
    if (code === 'EMFILE') throw error
    const message = `127.0.0.1 cannot be reached on this machine (${code}), and every check is a conversation there.`
    throw new UsageError('E_NO_LOOPBACK', message, 'ip link set lo up, or run it outside of the sandbox')
  } finally {
    server.close()
  }
}

async function reach(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  const late = setTimeout(() => socket.destroy(new Error('late')), LOOPBACK_MILLISECONDS)
  try {
    await once(socket, 'connect')
  } finally {
    clearTimeout(late)
    socket.on('error', () => undefined).destroy()
  }
}

import { connectEnd, type EndOptions, type TcpEnd, type Way } from '../wire/tcp-end.ts'
import type { Session } from './session.ts'

/**
 * On the loopback the kernel connects at once, unless the queue of the server is full; then it asks again for a minute.
 * So what takes this long waits for the program, and once the program is idle it waits in vain.
 */
const LONG_MILLISECONDS = 1_000
/** Each lets our own event loop turn: a connection that the kernel has made meanwhile is seen. */
const PROOFS = 20

/** @throws As connectEnd() does; with the code QUEUE_FULL when the program is proven idle and accepts nobody. */
export async function connectOrGiveUp(
  session: Session,
  port: number,
  options: EndOptions,
  way: Way = {},
): Promise<TcpEnd> {
  const given = new AbortController()
  const settled = new AbortController()
  const watch = async (): Promise<void> => {
    for (let proofs = 0; proofs < PROOFS && !settled.signal.aborted; proofs++) await session.idle()
  }
  const giveUp = (): void => given.abort()
  // Where the program has ended nobody accepts either.
  const late = setTimeout(() => void watch().then(giveUp, giveUp), LONG_MILLISECONDS)
  try {
    return await connectEnd(port, options, way, given.signal)
  } finally {
    settled.abort()
    clearTimeout(late)
  }
}

import { Server, type Socket } from 'node:net'

/** What the servers of the learner's program have read and written. Runs beside the program, in its process. */

const accepted = new Set<Socket>()

const { emit } = Server.prototype
Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
  if (event === 'connection') accepted.add(args[0] as Socket)
  return Reflect.apply(emit, this, [event, ...args]) as boolean
}

/** Bytes that all accepted sockets have taken from the kernel. */
export function bytesTaken(): number {
  return [...accepted].reduce((sum, { bytesRead }) => sum + bytesRead, 0)
}

/** Bytes of theirs that the kernel has taken: what was written less what waits in the program's memory. */
export function bytesLeft(): number {
  return [...accepted].reduce(
    (sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength,
    0,
  )
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Handler, Response } from '../../../labs/kit/http.ts'

/** Live sockets for the exports that take one. Runs beside the learner's program, in its process. */

const EXTRA_BLOCKS = 8

const firstSigns = new WeakMap<Socket, 'end' | 'error'>()

/** A connection to the grader. Nobody reads from it yet, and a reset does not crash the program. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const note = (sign: 'end' | 'error'): void => {
    if (!firstSigns.has(socket)) firstSigns.set(socket, sign)
  }
  socket.on('end', () => note('end'))
  socket.on('error', () => note('error'))
  await once(socket, 'connect')
  return socket
}

/**
 * Writes `block` again and again, past the point where the kernel takes no more: what follows waits
 * in the program's own queue.
 *
 * @returns How many blocks were written.
 */
export function fill(socket: Socket, block: Uint8Array): number {
  let taken = 0
  for (; socket.writableLength === 0; taken++) socket.write(block)
  // Should the kernel find a little more room later, the queue is still not empty.
  for (let extra = 0; extra < EXTRA_BLOCKS; extra++) socket.write(block)
  return taken + EXTRA_BLOCKS
}

/** Reads to the peer's FIN and throws the bytes away, as a program may have done before it closes. */
export async function readToEnd(socket: Socket): Promise<void> {
  socket.resume()
  // With nothing buffered, Node tells the end even to nobody: it may have been told already.
  if (!socket.readableEnded) await once(socket, 'end')
}

/** Which event Node told the end with; null before. */
export function firstSign(socket: Socket): 'end' | 'error' | null {
  return firstSigns.get(socket) ?? null
}

/** Writes until the kernel takes no more, and leaves one block in the program's queue, or little more. */
export async function fillBarely(socket: Socket, block: Uint8Array): Promise<number> {
  for (let taken = 0; ;) {
    for (; socket.writableLength === 0; taken++) socket.write(block)
    for (let turns = 0; turns < 3; turns++) await turn()
    if (socket.writableLength > 0) return taken
  }
}

/** What a program may have done before it closes: ended its output, given up both directions, or written more. */
export function handle(socket: Socket, how: 'end' | 'destroy' | 'pause' | 'write', bytes: Uint8Array): void {
  if (how === 'write') socket.write(bytes)
  else socket[how]()
}

/** In milliseconds; 0 for none. */
export function timeoutOf(socket: Socket): number {
  return socket.timeout ?? 0
}

/** A handler that gives back the same object for every request, at once. */
export function sameAnswer(body: Uint8Array): Handler {
  const response: Response = { version: '1.1', status: 200, reason: 'OK', headers: [['X-Same', 'yes']], body }
  return () => response
}

/** A handler that throws at once for a target that begins with `/throw`. */
export function throwingHandler(body: Uint8Array): Handler {
  return ({ target }) => {
    if (target.startsWith('/throw-nothing')) throw undefined
    if (target.startsWith('/throw')) throw new Error('the handler of the check throws')
    return { version: '1.1', status: 200, reason: 'OK', headers: [], body }
  }
}

import { once } from 'node:events'
import net from 'node:net'
import { Path, type PathFlight, type PathOptions } from '../../workbook/wire/round-trips.ts'
import type { TcpEnd } from '../../workbook/wire/tcp-end.ts'
import { TcpListener } from '../../workbook/wire/tcp-listener.ts'
import { Transcript } from '../../workbook/wire/transcript.ts'

/** A run over a path whose time is counted in round trips. */
export interface PathRun {
  readonly flights: readonly PathFlight[]
  readonly roundTrips: number
}

/** Opens a connection over the path. */
export type Dial = () => Promise<net.Socket>

/**
 * Runs a client over a path with logical time: real sockets on the loopback, on which time moves only
 * when every byte has been read on both sides and the client has nothing left to do.
 */
export async function runOnPath(
  options: Omit<PathOptions, 'onFlight'>,
  client: (dial: Dial) => Promise<void>,
): Promise<PathRun> {
  const flights: PathFlight[] = []
  const path = new Path({ ...options, onFlight: (flight) => void flights.push(flight) })
  const sockets: net.Socket[] = []
  const end = { lane: 'origin', transcript: new Transcript(), onActivity: () => undefined }
  const listener = await TcpListener.open(end, (accepted) => path.accept(accepted))
  const dial = async (): Promise<net.Socket> => {
    const socket = net.connect({ port: listener.port, host: '127.0.0.1', noDelay: true })
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  const run = { done: false }
  const work = client(dial).finally(() => void (run.done = true))
  const moving = moveOn(path, run, () => idle(sockets, listener.ends))
  try {
    // A client that fails ends the run at once, with its error.
    await Promise.race([work, moving])
    await work
    return { flights, roundTrips: path.roundTrips }
  } finally {
    run.done = true
    await moving.catch(() => undefined)
    for (const socket of sockets) socket.destroy()
    for (const accepted of listener.ends) accepted.destroy()
    listener.close()
  }
}

// --- internal ---

/** Turns of the event loop in which a client that has read everything may still go on. */
const QUIET_TURNS = 8

/** Lets the next thing on the path happen whenever the client rests, until the client is done. */
async function moveOn(path: Path, run: { readonly done: boolean }, rests: () => boolean): Promise<void> {
  while (!run.done) {
    for (let turns = 0; turns < QUIET_TURNS && !run.done; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!rests()) turns = 0
    }
    if (!run.done && !(await path.step())) throw new Error('the client waits for something that never comes')
  }
}

/** Whether both ends of every connection agree to the byte. */
function idle(sockets: readonly net.Socket[], ends: readonly TcpEnd[]): boolean {
  const byPort = new Map(ends.map((end) => [end.remotePort, end]))
  return sockets.every((socket) => {
    const end = byPort.get(socket.localPort ?? 0)
    if (!end) return socket.destroyed
    return (
      socket.bytesWritten === end.receivedLength && (socket.destroyed || socket.bytesRead === end.sentLength)
    )
  })
}

// One write is not one read: three writes read at once, one write read in many pieces, and bytes one by one.
import { once } from 'node:events'
import net from 'node:net'
import { accepted, connect, listen } from './parts/loopback.ts'
import { kernelEnd, until } from './parts/proc-net-tcp.ts'
import { print, printTable } from './parts/table.ts'

const server = net.createServer({ pauseOnConnect: true })
const port = await listen(server)

interface Pair {
  readonly writer: net.Socket
  readonly reader: net.Socket
  /** The lengths of what was read so far, one a `data` event. */
  readonly reads: number[]
}

/** A fresh connection whose reader does not read yet. */
async function pair(): Promise<Pair> {
  const arrival = accepted(server)
  const writer = await connect(port, { noDelay: true })
  const reader = await arrival
  const reads: number[] = []
  reader.on('data', (bytes) => reads.push(bytes.length))
  reader.pause()
  return { writer, reader, reads }
}

/** Three segments: the option `noDelay` lets none wait for another. Chapter 2 explains it. */
async function threeWritesReadLate(): Promise<Pair> {
  const { writer, reader, reads } = await pair()
  // #region three-writes
  writer.write('GET /a')
  writer.write('GET /b')
  writer.write('GET /c')
  // #endregion three-writes
  if (process.platform === 'linux') await tellWhatTheKernelHas(writer, reads)
  writer.end()
  await readToTheEnd(reader)
  return { writer, reader, reads }
}

async function tellWhatTheKernelHas(
  writer: net.Socket,
  reads: readonly number[],
): Promise<void> {
  const local = writer.localPort ?? 0
  const unacknowledged = (): number | undefined => kernelEnd(local, port)?.unacknowledged
  await until(() => unacknowledged() === 0)
  const unread = kernelEnd(port, local)?.unread
  print(`written 18 bytes in three pieces: ${unacknowledged()} await acknowledgement,`)
  print(`${unread} lie in the receive queue, and the program has read ${reads.length}.`)
  print()
}

async function oneLargeWrite(): Promise<Pair> {
  const { writer, reader, reads } = await pair()
  writer.end(Buffer.alloc(1_000_000))
  await readToTheEnd(reader)
  return { writer, reader, reads }
}

async function byteByByte(): Promise<Pair> {
  const { writer, reader, reads } = await pair()
  reader.resume()
  // #region byte-by-byte
  for (const letter of 'HELLO') {
    const read = once(reader, 'data')
    writer.write(letter)
    await read
  }
  // #endregion byte-by-byte
  writer.end()
  await readToTheEnd(reader)
  return { writer, reader, reads }
}

async function readToTheEnd(reader: net.Socket): Promise<void> {
  reader.resume()
  await once(reader, 'close')
}

const three = await threeWritesReadLate()
const large = await oneLargeWrite()
const slow = await byteByByte()
printTable(
  ['what was written', 'writes', 'reads', 'longest read'],
  [
    ['three pieces, read late', 3, three.reads.length, Math.max(...three.reads)],
    ['a million bytes at once', 1, large.reads.length, Math.max(...large.reads)],
    [
      'HELLO, each letter once the last was read',
      5,
      slow.reads.length,
      Math.max(...slow.reads),
    ],
  ],
)
server.close()

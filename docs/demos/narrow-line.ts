// Six images over one connection at a time, or several, on a wide line and on a narrow one: round trips, counted.
import net from 'node:net'
import { once } from 'node:events'
import { onLink, type LinkOptions } from './parts/logical-link.ts'
import { printTable } from './parts/print-table.ts'

const IMAGES = 6
/** A head of 42 bytes, and a body: 20 round trips on the narrow line. */
const BYTES = 20_480 - 42
/** Slow start is left out: all of an image may be under way at once. */
const whole = { bytes: BYTES, initialWindow: 100, segmentSize: 5_120 }
const LINES: Readonly<Record<string, LinkOptions>> = {
  'wide: any number': whole,
  'narrow: 1,024': { ...whole, bytesPerRoundTrip: 1_024 },
}

const rows: Array<Array<string | number>> = []
for (const [name, line] of Object.entries(LINES))
  for (const connections of [1, 2, 3, 6])
    rows.push([name, connections, ...(await load(line, connections))])
printTable(
  ['bytes a round trip', 'at a time', 'first bytes of the last', 'all whole'],
  rows,
)

/** After how many round trips the last image has begun to come, and all are whole. */
function load(line: LinkOptions, connections: number): Promise<number[]> {
  return onLink(line, async (port, path) => {
    const begins: number[] = []
    const waiting = Array.from({ length: IMAGES }, (_, index) => `/${index + 1}.png`)
    const worker = async (): Promise<void> => {
      for (let image = waiting.shift(); image !== undefined; image = waiting.shift())
        await get(port, image, () => begins.push(path.roundTrips))
    }
    await Promise.all(Array.from({ length: connections }, worker))
    return [Math.max(...begins), path.roundTrips]
  })
}

/** One image on a connection of its own. */
async function get(port: number, image: string, onBegin: () => void): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  socket.write(
    `GET ${image} HTTP/1.1\r\nHost: harbour.example\r\nConnection: close\r\n\r\n`,
  )
  socket.once('data', onBegin)
  let missing = BYTES + 42
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    missing -= chunk.length
    if (missing <= 0) return void socket.destroy()
  }
}

// The flights in which 100 KB leave a new connection, for four initial windows: counted on a path, not measured.
import type { PathFlight } from '../../workbook/wire/round-trips.ts'
import { connect } from './parts/loopback.ts'
import { onLink } from './parts/logical-link.ts'
import { print, printTable } from './parts/table.ts'

const BYTES = 100_000
/** What fits one segment on a path for packets of 1,500 bytes, with two headers of 20. */
const SEGMENT = 1_460

/** The number of segments in each flight of one answer, whose head is among its bytes. */
async function flightsOf(initialWindow: number): Promise<number[]> {
  const flights: PathFlight[] = []
  const link = {
    wholeBytes: BYTES,
    initialWindow,
    onFlight: (flight: PathFlight) => void flights.push(flight),
  }
  await onLink(link, download)
  const data = flights.filter(({ from, kind }) => from === 'origin' && kind === 'data')
  return data.map(({ bytes }) => Math.ceil(bytes.length / SEGMENT))
}

async function download(port: number): Promise<void> {
  const socket = await connect(port, { noDelay: true })
  socket.write('GET / HTTP/1.1\r\nHost: harbour.example\r\n\r\n')
  await new Promise<void>((resolve) => {
    socket.on('data', () => {
      if (socket.bytesRead === BYTES) resolve()
    })
  })
  socket.destroy()
}

const segments = Math.ceil(BYTES / SEGMENT)
print(`${BYTES} bytes are ${segments} segments of at most ${SEGMENT} bytes.`)
print()
const rows = []
for (const initialWindow of [1, 2, 4, 10]) {
  const flights = await flightsOf(initialWindow)
  rows.push([initialWindow, flights.length, flights.join(' + ')])
}
printTable(['initial window', 'round trips', 'segments in each flight'], rows)
print()
print(`A window that is open already, ${segments} segments or more: 1 round trip.`)

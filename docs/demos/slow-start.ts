// The flights in which 100 KB leave a new connection, for four initial windows: computed, not measured.
import { print, printTable } from './parts/table.ts'

const BYTES = 100_000
/** What fits one segment on a path for packets of 1,500 bytes, with two headers of 20. */
const SEGMENT = 1_460

/**
 * A sender in slow start, told by its acknowledgements: each one that covers a segment lets the window grow by
 * a segment (RFC 5681 §3.1). Nothing is lost, each segment is acknowledged, and the receiver has room.
 *
 * @returns The number of segments in each flight.
 */
function flightsOf(segments: number, initialWindow: number): number[] {
  const flights: number[] = []
  let window = initialWindow
  let waiting = segments
  while (waiting > 0) {
    const flight = Math.min(window, waiting)
    waiting -= flight
    flights.push(flight)
    for (let acknowledged = 0; acknowledged < flight; acknowledged++) window += 1
  }
  return flights
}

const segments = Math.ceil(BYTES / SEGMENT)
print(`${BYTES} bytes are ${segments} segments of at most ${SEGMENT} bytes.`)
print()
const rows = [1, 2, 4, 10].map((initialWindow) => {
  const flights = flightsOf(segments, initialWindow)
  return [initialWindow, flights.length, flights.join(' + ')]
})
printTable(['initial window', 'round trips', 'segments in each flight'], rows)
print()
print(`A window that is open already, ${segments} segments or more: 1 round trip.`)

import { Path, type PathFlight } from '../../../workbook/wire/round-trips.ts'
import { TcpListener } from '../../../workbook/wire/tcp-listener.ts'
import { Transcript } from '../../../workbook/wire/transcript.ts'
import { quiet } from './quiet.ts'

export type LinkOptions = Size & {
  /** Segments that may be under way in a new connection; they have `segmentSize` bytes. */
  readonly initialWindow: number
  /** Bytes of a segment; 1460 if not given. */
  readonly segmentSize?: number
  /** Bytes that all connections together are brought in a round trip; any number if not given. */
  readonly bytesPerRoundTrip?: number
  readonly onFlight?: (flight: PathFlight) => void
  /** Which of the segments from the server is lost; none if not given. */
  readonly loses?: number
  /** What answers whatever arrives, where it is not HTTP/1. */
  readonly answer?: (bytes: Buffer) => Buffer
}

/** Bytes in the body of every answer, or in all of it. */
type Size = { readonly bytes: number } | { readonly wholeBytes: number }

/**
 * Runs a client against a server at a distance. Time on the way there is counted, in round trips, and
 * moves only when the client is proven to wait: a slow machine counts the same as a fast one.
 */
export async function onLink<Result>(
  {
    initialWindow,
    segmentSize = 1460,
    bytesPerRoundTrip = Infinity,
    onFlight,
    loses = 0,
    answer,
    ...size
  }: LinkOptions,
  client: (port: number, path: Path) => Promise<Result>,
): Promise<Result> {
  const response = answerOf(size)
  const path = new Path({
    respond: () => response,
    loses,
    ...(answer && { answer }),
    initialWindow,
    segmentSize,
    bytesPerRoundTrip,
    ...(onFlight && { onFlight }),
  })
  const options = { lane: 'server', transcript: new Transcript(), onActivity: () => {} }
  const listener = await TcpListener.open(options, (end) => path.accept(end))
  let done = false
  const result = client(listener.port, path).finally(() => (done = true))
  for (;;) {
    await quiet()
    if (done || !(await path.step())) break
  }
  listener.close()
  for (const end of listener.ends) end.destroy()
  return await result
}

// --- internal ---

function answerOf(size: Size): Buffer {
  const head = (bytes: number): string =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`
  // A length of five digits, as they all have here.
  const bytes = 'bytes' in size ? size.bytes : size.wholeBytes - head(10_000).length
  return Buffer.from(`${head(bytes)}${'x'.repeat(bytes)}`)
}

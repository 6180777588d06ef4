/** A body that came in chunks (RFC 9112 §7.1). */
export interface ChunkedBody {
  readonly body: Buffer
  /** Bytes that it took on the wire, with sizes and trailer fields: the next message begins behind them. */
  readonly length: number
}

/**
 * Takes a chunked body off the front of `bytes`. Chunk extensions and trailer fields are passed over.
 *
 * @param bytes - What has arrived behind the blank line of the head; further messages may follow.
 * @returns The body, or null while its last byte has not arrived.
 * @throws Error with code `BAD_CHUNK` when this is no chunked body.
 */
export function takeChunked(bytes: Uint8Array): ChunkedBody | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = buffer.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = parseSize(buffer.toString('latin1', at, lineEnd))
    const start = lineEnd + 2
    if (size === 0) return withoutTrailers(buffer, start, Buffer.concat(chunks))
    const end = start + size
    if (buffer.length < end + 2) return null
    if (buffer.toString('latin1', end, end + 2) !== '\r\n')
      throw badChunk('a chunk longer than its size')
    chunks.push(buffer.subarray(start, end))
    at = end + 2
  }
}

// --- internal ---

function parseSize(line: string): number {
  const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1]
  if (size === undefined) throw badChunk(`not a chunk size: ${JSON.stringify(line)}`)
  return Number.parseInt(size, 16)
}

/** Behind the last chunk stand trailer fields, or none, and then a blank line. */
function withoutTrailers(buffer: Buffer, at: number, body: Buffer): ChunkedBody | null {
  // The line break of the size itself is the first half of a blank line without trailers.
  const end = buffer.indexOf('\r\n\r\n', at - 2)
  return end < 0 ? null : { body, length: end + 4 }
}

function badChunk(why: string): Error {
  return Object.assign(new Error(why), { code: 'BAD_CHUNK' })
}

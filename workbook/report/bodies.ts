/** Where bodies end in bytes that people read: what stands behind an end is another message, or too much. */

export interface Part {
  readonly bytes: Buffer
  /** Bytes of the body that ends with it, if something follows. */
  readonly body: number | null
}

const START = /^(?:HTTP\/1\.[01] (\d{3}) ?|[A-Z]+ \S+ HTTP\/1\.[01]\r\n)/
const LENGTH = /^content-length:[ \t]*(\d{1,9})[ \t]*\r$/gim
const CODING = /^transfer-encoding:/im

/** Cuts behind each body whose one Content-Length tells its end, as long as one message follows another. */
export function cutAtBodies(bytes: Buffer): Part[] {
  const body = bodyOf(bytes)
  if (body === null || body.end >= bytes.length) return [{ bytes, body: null }]
  return [{ bytes: bytes.subarray(0, body.end), body: body.length }, ...cutAtBodies(bytes.subarray(body.end))]
}

// --- internal ---

function bodyOf(bytes: Buffer): { readonly length: number; readonly end: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('latin1', 0, Math.max(0, headEnd + 2))
  const [start, status = ''] = START.exec(head) ?? []
  const lengths = [...head.matchAll(LENGTH)].map(([, digits]) => Number(digits))
  const [length = 0] = lengths
  if (start === undefined || lengths.length !== 1 || CODING.test(head) || /^(?:1..|204|304)$/.test(status))
    return null
  // An answer to HEAD has a length and no body: what follows is the next message.
  const next = bytes.toString('latin1', headEnd + 4, headEnd + 11)
  return next.startsWith('HTTP/1.') ? null : { length, end: headEnd + 4 + length }
}

/** Where bodies end in bytes that people read: what stands behind an end is another message, or too much. */

export interface Part {
  readonly bytes: Buffer
  /** Bytes of the body that ends with it, if there is one and something follows. */
  readonly body: number | null
}

const RESPONSE = /^HTTP\/1\.[01] (\d{3})/
const REQUEST = /^[A-Z]+ \S+ HTTP\/1\.[01]\r\n/
const LENGTH = /^content-length:[ \t]*(\d{1,9})[ \t]*\r$/gim
const LENGTH_OR_CODING = /^(?:content-length|transfer-encoding)[ \t]*:/gim

/** Cuts behind each body whose one Content-Length tells its end, as long as one message follows another. */
export function cutAtBodies(bytes: Buffer): Part[] {
  const parts: Part[] = []
  let [begun, at] = [0, 0]
  for (let length = bodyAt(bytes, at); length !== null; length = bodyAt(bytes, at)) {
    at = bytes.indexOf(BLANK, at) + BLANK.length + length
    if (at >= bytes.length) break
    if (length === 0) continue
    parts.push({ bytes: bytes.subarray(begun, at), body: length })
    begun = at
  }
  return [...parts, { bytes: bytes.subarray(begun), body: null }]
}

// --- internal ---

const BLANK = '\r\n\r\n'

/** Bytes of the body of the message that begins here; null where nobody can tell. */
function bodyAt(bytes: Buffer, at: number): number | null {
  const end = bytes.indexOf(BLANK, at)
  if (end === -1) return null
  const head = bytes.toString('latin1', at, end + 2)
  const status = RESPONSE.exec(head)?.[1]
  if (status === undefined && !REQUEST.test(head)) return null
  const said = head.match(LENGTH_OR_CODING)?.length ?? 0
  if (said === 0) return status === undefined || /^(?:1..|204|304)$/.test(status) ? 0 : null
  const [[, digits] = [], ...others] = head.matchAll(LENGTH)
  if (digits === undefined || others.length > 0 || said > 1) return null
  // An answer to HEAD, or a 304, has a length and no body: what follows is the next message.
  const next = bytes.toString('latin1', end + BLANK.length, end + BLANK.length + 7)
  return status === '304' || (status !== undefined && next.startsWith('HTTP/1.')) ? 0 : Number(digits)
}

/** What a query asks for, and the bytes in which it asks. */
export interface Question {
  readonly id: number
  readonly name: string
  /** 1 is A, an IPv4 address. */
  readonly type: number
  /** The question section as it stands in the query: an answer repeats it. */
  readonly bytes: Buffer
}

const HEADER_BYTES = 12
const A = 1
const INTERNET = 1
/** A name that begins with these two bits is a pointer to where it was written before. */
const POINTER = 0xc000

/** A query for the IPv4 address of a name (RFC 1035 §4.1). */
export function encodeQuery(id: number, name: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(id, 0)
  // RD: please look further if you do not know it yourself.
  header.writeUInt16BE(0x0100, 2)
  header.writeUInt16BE(1, 4)
  return Buffer.concat([header, encodeName(name), uint16(A), uint16(INTERNET)])
}

/** Reads the first question; what may stand behind it is passed over. */
export function decodeQuestion(message: Buffer): Question {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length))
    at += 1 + length
  }
  const end = at + 1 + 4
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    bytes: message.subarray(HEADER_BYTES, end),
  }
}

/**
 * An answer with the address, if that was asked for.
 *
 * @param address - Undefined: there is no such name (NXDOMAIN).
 * @param ttl - For how many seconds the answer may be kept.
 */
export function encodeAnswer(
  question: Question,
  address: string | undefined,
  ttl: number,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(question.id, 0)
  // QR: an answer; AA: I have authority; RD as it was asked; and the code, 0 or 3.
  header.writeUInt16BE(0x8500 | (address === undefined ? 3 : 0), 2)
  header.writeUInt16BE(1, 4)
  if (address === undefined || question.type !== A)
    return Buffer.concat([header, question.bytes])
  header.writeUInt16BE(1, 6)
  const bytes = Buffer.from(address.split('.').map(Number))
  const life = Buffer.alloc(4)
  life.writeUInt32BE(ttl)
  const record = [
    uint16(POINTER | HEADER_BYTES),
    uint16(A),
    uint16(INTERNET),
    life,
    uint16(bytes.length),
    bytes,
  ]
  return Buffer.concat([header, question.bytes, ...record])
}

/** The address of the first answer behind the question, or null where there is none. */
export function decodeAddress(message: Buffer): string | null {
  if (message.readUInt16BE(6) === 0) return null
  return [...message.subarray(-4)].join('.')
}

// --- internal ---

/** Each label behind its length, and a label of no bytes at the end. */
function encodeName(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

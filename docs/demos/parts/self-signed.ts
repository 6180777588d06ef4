import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** What a TLS server needs to prove a name: the private key, and a certificate that it has signed itself. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/**
 * Makes a key and a certificate for one DNS name, valid for a day. Node has no call for it, so the
 * certificate is put together here (RFC 5280 §4.1), in DER: every value is a tag, a length and its bytes.
 */
export function selfSigned(name: string): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = sequence(
    tlv(0x31, sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(name)))),
  )
  const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2))
  // subjectAltName: the place where a name counts; [2] is a DNS name.
  const subjectAltName = sequence(
    oid(2, 5, 29, 17),
    tlv(0x04, sequence(tlv(0x82, Buffer.from(name, 'ascii')))),
  )
  const now = Date.now()
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    issuer,
    sequence(time(now - HOUR), time(now + 23 * HOUR)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(subjectAltName)),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  // The 0 says that all bits of the last byte count.
  const bits = tlv(0x03, Buffer.concat([Buffer.from([0]), signature]))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pem(sequence(toBeSigned, ecdsaWithSha256, bits)),
  }
}

// --- internal ---

const HOUR = 3_600_000

function tlv(tag: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(value.length)]), value])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function sequence(...parts: Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts))
}

/** An object identifier: two arcs in the first byte, the others in base 128. */
function oid(first: number, second: number, ...others: number[]): Buffer {
  return tlv(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]))
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f]
  for (let rest = arc >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80)
  return digits
}

/** UTCTime: `YYMMDDhhmmssZ`. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)
  return tlv(0x17, Buffer.from(`${digits}Z`))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

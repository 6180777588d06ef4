import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'

/**
 * A reference that a handout carries closed: `npm run solution` opens it for whoever passes. The key is made of the
 * suite, so a suite that was tampered with opens nothing. A seal deters, and is no wall: whoever takes the tool apart
 * can do what it does.
 */

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** @param suite - The bundle that has to be passed. @returns Hexadecimal digits: in them nobody finds a word. */
export function seal(text: string, suite: Buffer): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, keyOf(suite), iv)
  const closed = Buffer.concat([cipher.update(gzipSync(text)), cipher.final()])
  const digits = Buffer.concat([iv, cipher.getAuthTag(), closed]).toString('hex')
  return `${digits.replace(/.{100}/g, '$&\n').trimEnd()}\n`
}

/** @returns Null where the seal, or the suite, is not what was handed out. */
export function unseal(sealed: string, suite: Buffer): string | null {
  const bytes = Buffer.from(sealed.replace(/\s/g, ''), 'hex')
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(suite), bytes.subarray(0, IV_BYTES))
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const opened = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]
    return gunzipSync(Buffer.concat(opened)).toString('utf8')
  } catch {
    return null
  }
}

// --- internal ---

function keyOf(suite: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', suite, '', 'socket-workbook reference', 32))
}

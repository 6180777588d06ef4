import type { Check } from '../../../workbook/grading/check.ts'
import { latin1, type Fed } from './scenes.ts'

/** Every byte there is, in every place where a text stands. */

type Place = 'method' | 'target' | 'name' | 'value'

const REQUESTS: Readonly<Record<Place, (byte: string) => string>> = {
  method: (byte) => `G${byte}T / HTTP/1.1\r\nHost: a\r\n\r\n`,
  target: (byte) => `GET /a${byte}b HTTP/1.1\r\nHost: a\r\n\r\n`,
  name: (byte) => `GET / HTTP/1.1\r\nHost: a\r\nX${byte}Y: z\r\n\r\n`,
  value: (byte) => `GET / HTTP/1.1\r\nHost: a\r\nX: y${byte}z\r\n\r\n`,
}

const TCHAR = /[\w!#$%&'*+.^`|~-]/

/** A colon ends a name, and a space a method and a target: what is then left is told elsewhere. */
const TAKEN: Readonly<Record<Place, (byte: string, code: number) => boolean>> = {
  method: (byte) => TCHAR.test(byte),
  target: (byte, code) => code > 0x20 && code < 0x7f && byte !== '#',
  name: (byte) => TCHAR.test(byte) || byte === ':',
  value: (_, code) => code === 9 || (code >= 0x20 && code !== 0x7f),
}

export async function expectBytesOf(c: Check, place: Place): Promise<void> {
  const like = await c.learner.construct('MessageParser', 'request', {})
  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
  const behind = 'GET /behind HTTP/1.1\r\nHost: a\r\n\r\n'
  const inputs = bytes.map((byte) => [latin1(REQUESTS[place](byte) + behind)])
  const fed = await c.learner.make<ReadonlyArray<readonly Fed[]>>('feedEach', like, 'request', {}, inputs)
  for (const [code, byte] of bytes.entries()) {
    const error = fed[code]?.[0]?.error ?? null
    const isTaken = TAKEN[place](byte, code)
    const what = `byte 0x${code.toString(16).padStart(2, '0')} in a ${place}`
    const saw = error ? `${String(error.code)}: ${error.said}` : 'no error'
    c.expect((error === null) === isTaken, `${what}: ${isTaken ? 'taken' : 'refused'}`, saw)
  }
}

import type { Response } from '../../../labs/kit/http.ts'
import type { Call } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { cutMessage, type RawMessage } from '../../../workbook/wire/http-message.ts'
import type { Outcome, Replied, SeenConnection } from './state.ts'
import type { Answer } from './steps.ts'

/** The whole requests at the front of what an origin has received, and how many bytes stand behind them. */
export function requestsIn(received: Buffer): Pick<SeenConnection, 'requests' | 'rest'> {
  const messages: RawMessage[] = []
  let rest = received
  for (;;) {
    const found = cutMessage(rest, { kind: 'request', ended: false })
    if (found === 'incomplete' || 'malformed' in found) break
    messages.push(found.message)
    rest = rest.subarray(found.message.raw.length)
  }
  const requests = messages.map(({ words: [method, target, version], headers, body }) => {
    return { method, target, version: version.replace('HTTP/', ''), fields: headers, body }
  })
  return { requests, rest: rest.length }
}

export interface Made {
  readonly replied: Replied
  readonly bytes: Buffer
  /** Where the body begins. */
  readonly head: number
}

/** An answer as it goes to the wire, and as the caller has to get it. */
export function made(random: Random, answer: Answer, method: string): Made {
  const { version = '1.1', status = 200, says = [], end = 'length', size, interim = [], noise } = answer
  const body = random.bytes(size ?? random.integer(1, 200))
  const hasNoBody = method === 'HEAD' || status === 204 || status === 304
  // 204 has no length either; the others may tell how long the body would be (RFC 9110 §8.6).
  const lengths = status === 204 ? [] : lengthsOf(end, body.length)
  const fields = [['X-Mark', random.word()] as const, ...says, ['x-MARK', 'blue'] as const, ...lengths]
  const before = interim.map((code) => headOf('1.1', code, [['X-Early', 'yes']])).join('')
  const head = Buffer.from(before + headOf(version, status, fields))
  const content = hasNoBody ? Buffer.alloc(0) : end === 'chunks' ? inChunks(random, body) : body
  const replied: Replied = {
    version,
    status,
    fields,
    body: hasNoBody ? Buffer.alloc(0) : body,
    end: hasNoBody ? 'no body' : end,
    isHttp: noise === undefined,
    interim,
  }
  const bytes = noise === undefined ? Buffer.concat([head, content]) : Buffer.from(noise)
  return { replied, bytes, head: head.length }
}

export function outcomeOf({ outcome }: Call<Response>): Outcome {
  if (!outcome) return { is: 'pending' }
  if (!outcome.ok) return { is: 'rejected', code: outcome.error.code }
  const { status, headers, body } = (outcome.value ?? {}) as Partial<Response>
  return {
    is: 'resolved',
    status,
    fields: headers,
    body: body instanceof Uint8Array ? Buffer.from(body) : null,
  }
}

// --- internal ---

function headOf(version: string, status: number, fields: Replied['fields']): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/${version} ${status} So`, ...lines, '', ''].join('\r\n')
}

function lengthsOf(end: 'length' | 'chunks' | 'nothing', length: number): Replied['fields'] {
  if (end === 'nothing') return []
  return end === 'length' ? [['Content-Length', `${length}`]] : [['Transfer-Encoding', 'chunked']]
}

/** In any pieces, with an extension and a trailer field. */
function inChunks(random: Random, body: Buffer): Buffer {
  const parts = body.length > 1 ? random.split(body) : [body].filter(({ length }) => length > 0)
  const chunks = parts.flatMap((part) => [
    Buffer.from(`${part.length.toString(16)};x=1\r\n`),
    part,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...chunks, Buffer.from('0\r\nX-Sum: 1\r\n\r\n')])
}

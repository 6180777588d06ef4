import type { Ask, Asked, Cause, Line, Origin, Replied } from './state.ts'

/** What becomes of one connection, of one request, and of one answer. */

/** RFC 9110 §9.2.2. */
export const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

export function reject(ask: Ask, code: string | null, requirement: string, why: string): void {
  ask.wanted = { is: 'rejected', code, cause: { requirement, why } }
}

export function newLine({ number, lines, isLookedUp }: Origin, cause: Cause): Line {
  return {
    number: lines.length + 1,
    origin: number,
    cause,
    carried: [],
    state: 'busy',
    usedAt: 0,
    until: Infinity,
    isHinted: false,
    isOpening: isLookedUp,
    ended: null,
    wasReset: false,
  }
}

export function carry(line: Line, ask: Ask, cause: Cause): void {
  line.state = 'busy'
  line.carried.push({ name: ask.asked.name, cause })
  ask.line = line
}

function tokensOf(fields: Asked['fields']): string[] {
  return fields
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((token) => token.trim().toLowerCase())
}

/** The four steps of RFC 9112 §9.3, on both sides. */
export function whyNotKept(
  fields: Asked['fields'],
  replied: Replied,
  behind: 'bytes' | 'fin' | null,
): Cause | null {
  const says = tokensOf(replied.fields)
  if (tokensOf(fields).includes('close')) return { requirement: 'R5', why: 'the request said close' }
  if (says.includes('close')) return { requirement: 'R5', why: 'the answer said close' }
  if (replied.version === '1.0' && !says.includes('keep-alive'))
    return { requirement: 'R5', why: 'the answer is HTTP/1.0 and says no keep-alive' }
  if (replied.end === 'nothing') return { requirement: 'R5', why: 'the answer went on to the FIN' }
  if (behind === 'bytes') return { requirement: 'R5', why: 'bytes came behind the answer' }
  return behind === 'fin' ? { requirement: 'R8', why: 'FIN came behind the answer' } : null
}

/** In milliseconds; it means something only beside its token. */
export function hintOf(fields: Asked['fields']): number | null {
  if (!tokensOf(fields).includes('keep-alive')) return null
  const values = fields
    .filter(([name]) => name.toLowerCase() === 'keep-alive')
    .flatMap(([, value]) => value.split(','))
  const found = values
    .map((each) => /^\s*timeout\s*=\s*(\d+)\s*$/i.exec(each)?.[1])
    .find((each) => each !== undefined)
  return found === undefined ? null : Number(found) * 1000
}

import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'
import type { Line } from './replies.ts'

/** Requests as somebody has asked for them, and as they have come. */

export interface Asked {
  readonly method: string
  readonly target: string
  readonly lines: readonly Line[]
  readonly body: Buffer
}

/** Field lines with names in lower case; nothing where it is no list of pairs. */
export function partsOf(headers: unknown): string[] {
  if (!Array.isArray(headers)) return []
  return headers.map((pair: unknown) => {
    const [name, value] = Array.isArray(pair) ? (pair as unknown[]) : []
    return `${String(name).toLowerCase()}: ${String(value)}`
  })
}

/** The request line, each field and the body. */
export function expectRequest(c: Check, seen: HttpMessage, asked: Asked, where: string): void {
  c.expectEqual(seen.startLine, `${asked.method} ${asked.target} HTTP/1.1`, `the request line of ${where}`)
  const there = partsOf(seen.headers)
  const missing = asked.lines
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .filter((line) => !there.includes(line))
  c.expectEqual(missing, [], `the fields that are missing in ${where}`)
  c.expect(seen.header('host') !== null, `a Host in ${where}`, 'none')
  c.expectBytes(seen.body, asked.body, `the body of ${where}`)
}

/** Whoever has passed it on before still stands there, and the cache behind them (RFC 9110 §7.6.3). */
export function expectVia(c: Check, seen: HttpMessage, came: readonly Line[], what: string): void {
  const [due, there] = [hopsOf(came), hopsOf(seen.headers)]
  const isThere = due.every((hop) => there.includes(hop)) && there.length > due.length
  const wanted = due.length === 0 ? 'a Via' : `Via ${due.join(', ')}, as it came, and one more`
  c.expect(isThere, `${wanted} in ${what}`, there.join(', ') || 'none')
}

/** The members of Via, on any number of lines. */
const hopsOf = (lines: ReadonlyArray<readonly [string, string]>): string[] =>
  lines
    .filter(([name]) => name.toLowerCase() === 'via')
    .flatMap(([, value]) => value.split(','))
    .map((hop) => hop.trim())

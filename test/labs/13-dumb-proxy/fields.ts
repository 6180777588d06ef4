import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'

/** Which fields of a message come through the proxy, and which do not. */

export type Direction = 'request' | 'response'

export function place(direction: Direction): string {
  return direction === 'request' ? 'in the request at the origin' : 'in the answer at the client'
}

export function absent(c: Check, passed: HttpMessage, direction: Direction, name: string, why: string): void {
  const value = passed.header(name)
  c.expect(value === null, `no ${name} ${place(direction)}: ${why}`, `${name}: ${value}`)
}

export function endToEnd(
  c: Check,
  passed: HttpMessage,
  direction: Direction,
  lines: readonly string[],
): void {
  const lower = (line: string): string => line.replace(/^[^:]+/, (name) => name.toLowerCase())
  const sent = lines.map(lower)
  const seen = passed.headers.map(([name, value]) => lower(`${name}: ${value}`))
  const kept = seen.filter((line) => sent.some((own) => own.split(':')[0] === line.split(':')[0]))
  const at = sent.findIndex((line, index) => line !== kept[index])
  const first = at < 0 ? sent.length : at
  const [wanted, found] = [sent, kept].map((all) => all[first] ?? 'no further line') as [string, string]
  const brief = (line: string): string => JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line)
  const expected = `${brief(wanted)} ${place(direction)}, in its place among the end-to-end fields`
  c.expect(
    at < 0 && kept.length === sent.length,
    expected,
    `${brief(found)} there: it was removed, changed or moved`,
  )
}

export function expectVia(c: Check, passed: HttpMessage, direction: Direction, members: string): void {
  const via = passed.header('via')?.replaceAll('HTTP/', '') ?? null
  const own = via?.startsWith(members) ? via.slice(members.length) : ''
  const expected = `Via ${place(direction)}: ${members} and a name`
  c.expect(/^ [^\s,]+( \([^)]*\))?$/.test(own), expected, via === null ? 'no Via' : `Via: ${via}`)
}

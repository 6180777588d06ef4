import type { Asked, Broken, Outcome, Replied, SeenConnection } from './client-state.ts'
import { tokensOf } from './server-asks.ts'

/** What a request and a response have to be. */

export function unlikeRequest(
  spoken: '1.0' | '1.1',
  asked: Asked,
  request: SeenConnection['requests'][number],
  where: string,
): Broken | null {
  const wrong = (expected: string, saw: string): Broken => ({
    requirement: 'R9',
    expected: `${expected} in ${where}`,
    saw,
  })
  const line = (of: { method: string; target: string }, version: string) =>
    `${of.method} ${of.target} HTTP/${version}`
  if (line(request, request.version) !== line(asked, spoken))
    return wrong(`"${line(asked, spoken)}"`, `"${line(request, request.version)}"`)
  const missing = asked.fields.find(
    ([name, value]) =>
      !request.fields.some((field) => field[0].toLowerCase() === name.toLowerCase() && field[1] === value),
  )
  if (missing) return wrong(`the field ${missing.join(': ')}`, 'it without the field, or with another value')
  const hosts = request.fields.filter(([name]) => name.toLowerCase() === 'host')
  if (spoken === '1.1' && hosts.length === 0)
    return wrong('a Host field', 'none: a server must refuse such a request with 400')
  if (spoken === '1.0' && !tokensOf(request.fields).includes('keep-alive'))
    return wrong('`Connection: keep-alive`: every request of HTTP/1.0 asks anew', 'no such token')
  if (request.body.equals(asked.body)) return null
  return wrong(
    `a body of ${asked.body.length} bytes`,
    `${request.body.length} bytes${request.body.length === asked.body.length ? ' that differ' : ''}`,
  )
}

export function unlikeResponse(
  { status, fields, body }: Pick<Replied, 'status' | 'fields' | 'body'>,
  call: Extract<Outcome, { is: 'resolved' }>,
  of: string,
  requirement: string,
): Broken | null {
  if (call.status !== status)
    return { requirement, expected: `status ${status} in ${of}`, saw: String(call.status) }
  if (JSON.stringify(call.fields) !== JSON.stringify(fields))
    return {
      requirement,
      expected: `the fields of ${of}, in pairs: ${JSON.stringify(fields)}`,
      saw: JSON.stringify(call.fields) ?? 'nothing',
    }
  if (call.body?.equals(body)) return null
  return {
    requirement,
    expected: `${body.length} bytes as the body of ${of}`,
    saw: call.body ? `${call.body.length} bytes that differ` : 'no bytes',
  }
}

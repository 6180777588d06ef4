import type { Headers, Request } from '../../../labs/kit/http.ts'
import type { Broken } from './peer.ts'

/** What a request has to be for the handler, and an answer on the wire. */

export function unlikeRequest(seen: Request, wanted: Request, where: string): Broken | null {
  const wrong = (what: string, expected: string, saw: string): Broken => ({
    requirement: 'R3',
    expected: `${what} ${expected} for the handler of ${where}`,
    saw,
  })
  if (seen.method !== wanted.method) return wrong('the method', wanted.method, seen.method)
  if (!Array.isArray(seen.headers)) return wrong('headers', 'as a list', typeof seen.headers)
  const sorted = (headers: Headers): string => linesOf([...headers].sort(([a], [b]) => ORDER(a) - ORDER(b)))
  if (sorted(seen.headers) !== sorted(wanted.headers))
    return wrong('the fields', linesOf(wanted.headers), linesOf(seen.headers))
  const body = Buffer.from(seen.body)
  if (!body.equals(wanted.body))
    return wrong('a body', `of ${wanted.body.length} bytes, exact`, `${body.length} bytes`)
  return null
}

const HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te']

export function unlikeAnswer(
  section: Headers,
  method: string,
  reply: { readonly status?: number; readonly fields?: Headers; readonly fails?: true },
  length: number,
  where: string,
): Broken | null {
  const wrong = (expected: string, saw: string): Broken => ({
    requirement: 'R4',
    expected: `${expected} on ${where}`,
    saw,
  })
  const status = reply.fails ? 500 : (reply.status ?? 200)
  const [first, ...fields] = section
  if (first?.[0] !== ':status' || first[1] !== `${status}`)
    return wrong(`:status ${status} first`, first ? first.join(': ') : 'nothing')
  for (const [name] of fields) {
    if (name.startsWith(':')) return wrong('no other pseudo-field', name)
    if (name !== name.toLowerCase()) return wrong('names in lower case', name)
    if (HOP.includes(name)) return wrong('no field of one hop', name)
  }
  const isBodiless = method === 'HEAD' || status === 204 || status === 304
  const lengths = fields.filter(([name]) => name === 'content-length').map(([, value]) => value)
  if (!isBodiless && !reply.fails && lengths.some((value) => value !== `${length}`))
    return wrong(`the right Content-Length, ${length}, or none`, lengths.join())
  const given = reply.fails ? [] : (reply.fields ?? [])
  const listed = given
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
  const dropped = [...HOP, 'content-length', ...listed.map((token) => token.trim().toLowerCase())]
  const wanted = given
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !dropped.includes(name))
  const names = wanted.map(([name]) => name)
  const kept = fields.filter(([name]) => names.includes(name))
  if (linesOf(kept) !== linesOf(wanted)) return wrong(`the fields ${linesOf(wanted)}`, linesOf(kept))
  const named = fields.find(([name]) => dropped.includes(name) && name !== 'content-length')
  return named ? wrong(`no ${named[0]}: Connection names it`, named.join(': ')) : null
}

/** What the handler is to be given. */
export function wantedFields(authority: string | null, fields: Headers): Headers {
  const wanted: Array<readonly [string, string]> = []
  if (authority !== null) wanted.push(['host', authority])
  for (const pair of fields)
    if (pair[0] !== 'cookie' && !(pair[0] === 'host' && authority !== null)) wanted.push(pair)
  const crumbs = fields.flatMap(([name, value]) => (name === 'cookie' ? [value] : []))
  if (crumbs.length > 0) wanted.push(['cookie', crumbs.join('; ')])
  return wanted
}

export function parts(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

export function linesOf(headers: Headers): string {
  return (
    headers
      .map(([name, value]) => `${name}: ${value.length > 60 ? `${value.length} bytes` : value}`)
      .join(', ') || 'none'
  )
}

// --- internal ---

/** Host and Cookie stand where the program has put them. */
function ORDER(name: string): number {
  return name === 'host' ? 0 : name === 'cookie' ? 2 : 1
}

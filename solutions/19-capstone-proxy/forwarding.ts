/** What a message loses and gains on its way to the next hop. */
import type { Headers } from '../../labs/kit/http.ts'
import { membersOf, valueOf, type RequestHead } from './reader.ts'

// #region forward
/** What ends at the hop even where nobody names it (RFC 9110 §7.6.1, §11.7). Where the body ends is said anew. */
const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Whoever forwards has to write these: naming them takes nothing away. */
const OUR_OWN = new Set(['host', 'max-forwards', 'via'])

export function forwarded({
  version,
  headers,
}: {
  readonly version: string
  readonly headers: Headers
}): Headers {
  const named = membersOf(headers, 'connection').filter((option) => !OUR_OWN.has(option))
  const kept = headers.filter(([name]) => {
    const lower = name.toLowerCase()
    return !HOP_BY_HOP.has(lower) && !named.includes(lower)
  })
  kept.push(['Via', `${version} workbook`])
  return kept
}
// #endregion forward

// #region aim
/** To whom a request goes, and what it asks for there. */
export interface Aim {
  /** `a.example`, or with a port that is not 80. */
  readonly host: string
  /** In origin form, or `*`. */
  readonly target: string
}

/** The absolute form says more than Host (RFC 9112 §3.2.2). */
export function aimOf({ method, target, headers }: RequestHead): Aim {
  const [, authority, path = ''] = /^http:\/\/([^/?]*)(.*)$/i.exec(target) ?? []
  if (authority === undefined) return { host: withoutPort(valueOf(headers, 'host') ?? ''), target }
  if (path === '' && method === 'OPTIONS') return { host: withoutPort(authority), target: '*' }
  return { host: withoutPort(authority), target: path.startsWith('/') ? path : `/${path}` }
}

function withoutPort(authority: string): string {
  return authority.toLowerCase().replace(/:(?:80)?$/, '')
}

/** The request's fields at the next hop, with the host that it is meant for in front. */
export function fieldsFor(head: RequestHead, { host }: Aim): Headers {
  const others = forwarded(head).filter(([name]) => name.length !== 4 || name.toLowerCase() !== 'host')
  return [['Host', host], ...others.map((line) => oneHopFewer(head, line))]
}
// #endregion aim

// #region max-forwards
/** Null where nobody counts: Max-Forwards speaks to TRACE and OPTIONS alone (RFC 9110 §7.6.2). */
export function hopsLeft({ method, headers }: RequestHead): number | null {
  if (method !== 'TRACE' && method !== 'OPTIONS') return null
  const given = valueOf(headers, 'max-forwards') ?? ''
  return /^\d+$/.test(given) ? Number(given) : null
}

function oneHopFewer(head: RequestHead, line: readonly [string, string]): readonly [string, string] {
  const left = line[0].toLowerCase() === 'max-forwards' ? hopsLeft(head) : null
  return left === null ? line : [line[0], String(Math.min(left - 1, Number.MAX_SAFE_INTEGER))]
}
// #endregion max-forwards

/**
 * What right functions say, as pure functions of the lines that they are given. It knows nothing of sockets, and takes
 * its own way: fields are looked at one by one, each with all that is said about it.
 */

export type Line = readonly [name: string, value: string]
export type Version = '1.0' | '1.1'

export interface Message {
  readonly version: Version
  readonly headers: readonly Line[]
  readonly body: Uint8Array
  readonly method?: string
  readonly target?: string
  readonly status?: number
  readonly reason?: string
}

/** All members of all Connection lines: in lower case, in order, each once. */
export function optionsOf(headers: readonly Line[]): string[] {
  const options: string[] = []
  for (const [name, value] of headers) {
    if (!isNamed(name, 'connection')) continue
    for (const [member] of value.matchAll(/[^,]+/g)) {
      const option = member.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase()
      if (option && !options.includes(option)) options.push(option)
    }
  }
  return options
}

/** Why a field of this message ends here, or null where it goes on. */
export function whyRemoved(name: string, headers: readonly Line[]): string | null {
  const lower = name.toLowerCase()
  if (lower === 'content-length')
    return has(headers, 'transfer-encoding') ? 'Transfer-Encoding overrides it' : null
  if (isOurs(lower)) return null
  if (
    /^(?:connection|keep-alive|proxy-connection|te|transfer-encoding|upgrade|proxy-authenticate)$/.test(lower)
  )
    return 'it belongs to the hop'
  return optionsOf(headers).includes(lower) ? 'Connection names it' : null
}

/** Whoever forwards has to write it, so Connection cannot take it away. */
export const isOurs = (option: string): boolean => /^(?:content-length|host|max-forwards|via)$/.test(option)

/** The lines that go on, but for Via, and for Max-Forwards where it is counted. */
export function keptOf(message: Message): readonly Line[] {
  const counted = maxForwardsAfter(message) !== null
  return message.headers.filter(
    ([name]) =>
      whyRemoved(name, message.headers) === null &&
      !isNamed(name, 'via') &&
      !(counted && isNamed(name, 'max-forwards')),
  )
}

/** All members of Via behind this hop, as one list. */
export function viaAfter({ headers }: Message, hop: { name: string; received: Version }): string {
  const before = headers.filter(([name]) => isNamed(name, 'via')).map(([, value]) => value)
  return viaOf([...before, `${hop.received} ${hop.name}`])
}

/** One list, whatever lines it stands on; the name of the protocol may be left out (RFC 9110 §7.6.3). */
export function viaOf(values: readonly string[]): string {
  return values
    .join(',')
    .replace(/[ \t]*,[ \t]*/g, ', ')
    .replaceAll('HTTP/1.', '1.')
}

/** What stands in Max-Forwards where it is counted; null where the line is one like any other. */
export function maxForwardsAfter({ method, headers }: Message): bigint | null {
  if (method !== 'TRACE' && method !== 'OPTIONS') return null
  const given = headers.find(([name]) => isNamed(name, 'max-forwards'))?.[1] ?? ''
  return /^[0-9]+$/.test(given) ? BigInt(given) - 1n : null
}

/** What is said of a connection, by one end and by the other. */
export interface Said {
  readonly version: Version
  readonly options: readonly string[]
}

export type Role = 'client' | 'server' | 'proxy'

/** The four steps of RFC 9112 §9.3, with the step that decided: a client goes by the response, the others by the request. */
export function stepOf(role: Role, request: Said, response: Said): { persists: boolean; why: string } {
  const received = role === 'client' ? response : request
  const what = role === 'client' ? 'response' : 'request'
  const own = role === 'client' ? request : response
  for (const [said, of] of [
    [request, 'request'],
    [response, 'response'],
  ] as const)
    if (said.options.includes('close'))
      return { persists: false, why: `the ${of}${said === own ? ', its own,' : ''} says close` }
  if (received.version === '1.1') return { persists: true, why: `the ${what} is HTTP/1.1` }
  if (role === 'proxy') return { persists: false, why: 'the client speaks HTTP/1.0, and you are a proxy' }
  const agreed = [request, response].every(({ options }) => options.includes('keep-alive'))
  return agreed
    ? { persists: true, why: 'both messages say keep-alive' }
    : { persists: false, why: `the ${what} is HTTP/1.0, and not both messages say keep-alive` }
}

// --- internal ---

function has(headers: readonly Line[], name: string): boolean {
  return headers.some(([given]) => isNamed(given, name))
}

function isNamed(given: string, name: string): boolean {
  return given.toLowerCase() === name
}

/** What a right `fetchOnce` has shown by now: of the request by its URL, of the response by the bytes that have come. */

export interface Asked {
  /** Where the connection goes, if the host is an address; a name is looked up. */
  readonly address: string | null
  readonly port: number
  /** What `Host` may be, in lower case. */
  readonly hosts: readonly string[]
  readonly target: string
}

/** @param url - With a host that `new URL` leaves as it is. */
export function askedFor(url: string): Asked {
  const [, authority = ''] = /^http:\/\/([^/?#]*)/.exec(url) ?? []
  const { pathname, search } = new URL(url)
  const place = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase()
  const [, host = '', digits] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? []
  const port = digits === undefined ? 80 : Number(digits)
  const isAddress = host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
  return {
    address: isAddress ? host.replace(/^\[|\]$/g, '') : null,
    port,
    hosts: port === 80 ? [host, `${host}:80`] : [`${host}:${port}`],
    target: `${pathname}${search}`,
  }
}

/** How the server's end of the connection stands. */
export type End = 'open' | 'FIN' | 'RST'

export type Outcome =
  /** The promise is pending. */
  | { readonly kind: 'waits'; readonly why: string }
  | { readonly kind: 'response'; readonly why: string; readonly response: Answer }
  | { readonly kind: 'rejects'; readonly why: string }

export interface Answer {
  readonly version: string
  readonly status: number
  readonly reason: string
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
}

/** What has become of a call when the server has sent these bytes and its end stands so (RFC 9112 §6.3, §8). */
export function outcomeOf(bytes: Buffer, end: End): Outcome {
  const blank = bytes.indexOf('\r\n\r\n')
  if (blank < 0) return end === 'open' ? WAITS_FOR_HEAD : rejects('the head never came to its blank line')
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, blank).split('\r\n')
  const [, version, status, reason] = /^HTTP\/(1\.[01]) (\d{3})(?: (.*))?$/.exec(startLine) ?? []
  if (version === undefined) return rejects('this is not HTTP')
  const rest = bytes.subarray(blank + 4)
  if (Number(status) < 200) return outcomeOf(rest, end)
  const pairs = lines.map((line) => /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line))
  if (pairs.includes(null)) return rejects('this is not HTTP: a field line has no colon')
  const headers = pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''] as const)
  const head = { version, status: Number(status), reason: reason ?? '', headers }
  return withBody(head, rest, end)
}

// --- internal ---

const WAITS_FOR_HEAD: Outcome = { kind: 'waits', why: 'the blank line that ends the head has not come' }

function rejects(why: string): Outcome {
  return { kind: 'rejects', why }
}

function withBody(head: Omit<Answer, 'body'>, rest: Buffer, end: End): Outcome {
  const lengths = head.headers.flatMap(([name, value]) => (/^content-length$/i.test(name) ? [value] : []))
  const whole = (body: Buffer, why: string): Outcome => ({
    kind: 'response',
    why,
    response: { ...head, body },
  })
  if (head.status === 204 || head.status === 304)
    return whole(Buffer.alloc(0), `a ${head.status} has no body`)
  if (lengths.length === 0) {
    if (end === 'FIN')
      return whole(rest, 'the FIN has come, and nothing else ends a body without Content-Length')
    return end === 'RST'
      ? rejects('a reset is no end of a body')
      : { kind: 'waits', why: 'without Content-Length the body goes on to the FIN' }
  }
  const [length = ''] = lengths
  if (!/^\d+$/.test(length) || lengths.some((other) => other !== length))
    return rejects(`Content-Length: ${lengths.join(', ')} is no length`)
  const promised = Number(length)
  if (rest.length >= promised)
    return whole(rest.subarray(0, promised), `all ${promised} bytes that Content-Length promised have come`)
  return end === 'open'
    ? { kind: 'waits', why: `${rest.length} of the ${promised} bytes have come that Content-Length promised` }
    : rejects(`${rest.length} of ${promised} bytes came before the ${end}`)
}

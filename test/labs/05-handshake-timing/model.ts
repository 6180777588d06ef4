/** What a right `timeMany` has shown by now: which URLs pay for a connection, and what the phases of each are. */

/** One URL of a call, and what the name system and the server do with it. */
export interface Get {
  /** An `http:` URL. */
  readonly get: string
  /** The status line, and fields behind it if there are any; Content-Length is added. */
  readonly head?: string
  readonly body?: string
  /** What comes in one piece with the last byte of the answer, and belongs to none. */
  readonly behind?: string
  /** Milliseconds that the lookup takes. */
  readonly looks?: number
  /** Milliseconds before the first byte. */
  readonly thinks?: number
  /** Where the answer is cut, in bytes, and the milliseconds that pass at each cut. */
  readonly cuts?: readonly number[]
  readonly pauses?: number
  /** How it fails: the lookup, the connection, behind so many bytes of the answer, or by not being HTTP. */
  readonly fails?:
    | undefined
    | 'lookup'
    | 'refused'
    | 'not HTTP'
    | { readonly after: number; readonly by: 'FIN' | 'RST' }
}

export interface Phases {
  readonly dns: number | null
  readonly connect: number | null
  readonly request: number
  readonly response: number
  readonly total: number
  readonly reused: boolean
}

/** Where a URL leads. */
export interface Place {
  /** Host and port, in one spelling. */
  readonly server: string
  readonly host: string
  readonly port: number
  /** The address, where the host is one; a name is looked up. */
  readonly address: string | null
  readonly target: string
  /** What `Host` may be, in lower case. */
  readonly hosts: readonly string[]
}

/** The turn of one URL. */
export interface Turn extends Place {
  readonly get: Get
  /** Whether it pays for a connection, and why or why not. */
  readonly opens: boolean
  readonly why: string
  readonly fails: Get['fails']
  /** The phases in the end; where it fails, those that began. */
  readonly phases: Partial<Phases>
}

/** @param url - With a target that `new URL` leaves as it is. */
export function placeOf(url: string): Place {
  const [, authority = '', rest = ''] = /^http:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? []
  const { hostname: host, port: digits } = new URL(url)
  const port = Number(digits || 80)
  const isAddress = host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
  const written = authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    .toLowerCase()
  return {
    server: `${host}:${port}`,
    host,
    port,
    address: isAddress ? host.replace(/^\[|\]$/g, '') : null,
    target: rest.startsWith('/') ? rest : `/${rest}`,
    hosts: [host, written].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])),
  }
}

/** The turns of a call, up to the first failure. */
export function turnsOf(gets: readonly Get[]): Turn[] {
  const turns: Turn[] = []
  for (const get of gets) {
    const turn = turnOf(get, turns.at(-1))
    turns.push(turn)
    if (turn.fails) break
  }
  return turns
}

/** RFC 9112 §9.3: whether the connection is still good behind this answer. */
export function persists(head: string): boolean {
  const [statusLine = '', ...lines] = head.split('\r\n')
  const values = lines.filter((line) => /^connection:/i.test(line)).map((line) => line.replace(/^[^:]*:/, ''))
  const options = values.flatMap((value) => value.split(',')).map((option) => option.trim().toLowerCase())
  return statusLine.startsWith('HTTP/1.1 ') && !options.includes('close')
}

export const OK = 'HTTP/1.1 200 OK'

/** All that the server means to send. */
export function bytesOf({ head = OK, body = '', behind = '' }: Get, fails: Get['fails']): Buffer {
  if (fails === 'not HTTP') return Buffer.from('220 mail.example ready\r\n\r\n')
  return Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}${behind}`, 'latin1')
}

// --- internal ---

function turnOf(get: Get, before: Turn | undefined): Turn {
  const place = placeOf(get.get)
  const { opens, why } = connectionFor(place, before)
  // On a connection that is there, nothing is looked up, and nothing refused.
  const fails = !opens && (get.fails === 'lookup' || get.fails === 'refused') ? undefined : get.fails
  const noName = fails === 'lookup' && place.address !== null
  const turn = { ...place, get, opens, why, fails: noName ? undefined : fails }
  return { ...turn, phases: phasesOf(turn) }
}

function connectionFor(place: Place, before: Turn | undefined): { opens: boolean; why: string } {
  if (!before) return { opens: true, why: 'there is none yet' }
  if (before.server !== place.server) return { opens: true, why: `the one before goes to ${before.server}` }
  const head = (before.get.head ?? OK).replaceAll('\r\n', ', ')
  return persists(before.get.head ?? OK)
    ? { opens: false, why: `the answer before was "${head}", from the same host and port` }
    : { opens: true, why: `the answer before was "${head}"` }
}

function phasesOf({ get, opens, address, fails }: Omit<Turn, 'phases'>): Partial<Phases> {
  const { looks = 0, thinks = 0, pauses = 0, cuts = [] } = get
  const dns = opens && address === null ? looks : null
  const reused = !opens
  if (fails === 'lookup') return { dns, total: looks, reused }
  const connect = opens ? 0 : null
  const setup = dns ?? 0
  if (fails === 'refused') return { dns, connect, total: setup, reused }
  const request = thinks
  const cut = typeof fails === 'object' ? fails.after : bytesOf(get, fails).length
  if (cut === 0) return { dns, connect, request, total: setup + request, reused }
  const response = cuts.filter((at) => at < cut).length * pauses
  return { dns, connect, request, response, total: setup + request + response, reused }
}

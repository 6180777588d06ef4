import type { Headers } from '../../../labs/kit/http.ts'
import { FRAME } from '../../../labs/kit/http2.ts'
import type { Asked, Line, Outcome, Replied, Seen, Wanted } from './client-state.ts'
import { linesOf } from './messages.ts'
import { endOf, type Broken, type Heard, type Shown } from './peer.ts'

/** What a client of HTTP/2 has to have shown by now, from what its callers and its server have done. */

const DEFAULT = 65_535

export class ClientModel {
  readonly lines: Line[] = []
  max = Infinity
  isClosed = false
  /** Nothing new may be asked of the server. */
  isDeaf = false
  /** What becomes of a request that is asked then. */
  #later: Wanted = BEHIND_GOAWAY
  #queue: Line[] = []
  #nextId = 1
  #window = DEFAULT
  #initial = DEFAULT
  /** The stream that has sent the last DATA, while others had bytes and a window. */
  #before: number | null = null

  asks(asked: Asked): Line {
    const line: Line = {
      asked,
      id: 0,
      isSecond: false,
      wanted: { is: 'pending' },
      window: 0,
      shown: 0,
      replied: null,
    }
    this.lines.push(line)
    if (this.isClosed)
      line.wanted = { is: 'rejected', why: 'the client is closed', code: 'ECLOSED', requirement: 'R18' }
    else if (this.isDeaf) line.wanted = this.#later
    else this.#queue.push(line)
    this.#start()
    return line
  }

  sets(max: number | undefined, initial: number | undefined): void {
    if (initial !== undefined) {
      for (const line of this.lines) line.window += initial - this.#initial
      this.#initial = initial
    }
    this.max = max ?? this.max
    this.#start()
  }

  grants(line: Line | null, bytes: number): void {
    if (line) line.window += bytes
    else this.#window += bytes
  }

  /** The answer is whole. */
  answers(line: Line, replied: Replied): void {
    line.wanted = { is: 'resolved', replied }
    this.#start()
  }

  fails(line: Line, why: string, code: string | null, requirement: string): void {
    if (line.wanted.is === 'pending') line.wanted = { is: 'rejected', why, code, requirement }
    this.#start()
  }

  resets(line: Line, code: string): void {
    if (code !== 'REFUSED_STREAM' || line.isSecond || this.isDeaf)
      return this.fails(line, `its stream was reset with ${code}`, code, 'R17')
    Object.assign(line, { isSecond: true, id: 0, shown: 0 })
    this.#queue.unshift(line)
    this.#start()
  }

  goesAway(last: number): void {
    this.isDeaf = true
    for (const line of this.lines)
      if (line.wanted.is === 'pending' && (line.id === 0 || line.id > last)) line.wanted = BEHIND_GOAWAY
    this.#queue = []
  }

  /** FIN, RST, or an error: nothing comes any more. */
  breaks(why: string, code: string | null, requirement = 'R18'): void {
    if (!this.isDeaf) this.#later = { is: 'rejected', why, code: null, requirement }
    this.isDeaf = true
    for (const line of this.lines) {
      if (line.wanted.is !== 'pending') continue
      line.wanted = { is: 'rejected', why, code: line.id === 0 ? null : code, requirement }
    }
    this.#queue = []
  }

  get open(): readonly Line[] {
    return this.lines.filter(({ id, wanted }) => id > 0 && wanted.is === 'pending')
  }

  follows(heard: readonly Heard[]): Broken | null {
    const hasMore = (line: Line): boolean =>
      line.id !== before && line.shown < line.asked.body.length && line.window > 0
    let before = this.#before
    for (const { type, stream, payload, data } of heard) {
      if (type !== FRAME.DATA) continue
      const line = this.lines.find(({ id }) => id === stream)
      if (line?.wanted.is === 'resolved' && payload.length > 0)
        return {
          requirement: 'R16',
          expected: `nothing more of the body on stream ${stream}: its answer is whole`,
          saw: `DATA of ${payload.length}`,
        }
      if (!line || line.wanted.is !== 'pending') continue
      const room = Math.min(line.window, this.#window)
      if (payload.length > 0 && payload.length > room)
        return {
          requirement: 'R15',
          expected: `at most ${Math.max(room, 0)} bytes on stream ${stream}: ${line.window} are left in its window, ${this.#window} in the connection's`,
          saw: `DATA of ${payload.length}`,
        }
      const other = before === stream && payload.length > 0 ? this.open.find(hasMore) : null
      if (other)
        return {
          requirement: 'R15',
          expected: `DATA on stream ${other.id}: it is its turn`,
          saw: `two in a row on stream ${stream}`,
        }
      if (payload.length > 0) before = stream
      line.window -= payload.length
      this.#window -= payload.length
      line.shown += data.length
    }
    // Whose turn it is holds on until there is room again.
    this.#before = this.open.some(hasMore) ? before : null
    return null
  }

  judge(seen: Seen): Broken | null {
    const requests = [...seen.streams.values()].filter(({ sections }) => sections.length > 0).length
    const wanted = (this.#nextId - 1) / 2
    if (requests > wanted)
      return { requirement: 'R17', expected: `${wanted} streams opened by now`, saw: `${requests}` }
    for (const [index, line] of this.lines.entries()) {
      const broken =
        this.#judgeRequest(line, seen.streams.get(line.id)) ?? judgeOutcome(line, seen.outcomes[index])
      // What close() cuts is its own promise.
      if (broken && this.isClosed) return { ...broken, requirement: 'R18' }
      if (broken)
        return this.isDeaf && broken.requirement === 'R16' ? { ...broken, requirement: 'R17' } : broken
    }
    return null
  }

  // --- internal ---

  #start(): void {
    while (this.#queue.length > 0 && this.open.length < this.max && !this.isDeaf) {
      const line = this.#queue.shift() as Line
      line.id = this.#nextId
      line.window = this.#initial
      this.#nextId += 2
    }
  }

  #judgeRequest({ id, asked, wanted, window, isSecond }: Line, shown: Shown | undefined): Broken | null {
    if (id === 0 || wanted.is !== 'pending') return null
    const requirement = isSecond ? 'R17' : 'R15'
    const name = `${asked.method} ${asked.target} on stream ${id}`
    const [section] = shown?.sections ?? []
    if (!shown || !section)
      return {
        requirement,
        expected: `${isSecond ? 'once more ' : ''}${name}`,
        saw: 'nothing: your client is idle',
      }
    const unlike = unlikeSection(section, asked)
    if (unlike) return { requirement, expected: `${unlike.expected} in ${name}`, saw: unlike.saw }
    if (shown.reset !== null) return { requirement, expected: `no end of ${name}`, saw: endOf(shown) }
    const { length } = asked.body
    if (!asked.body.subarray(0, shown.body.length).equals(shown.body))
      return { requirement, expected: `the body of ${name}`, saw: 'other bytes' }
    if (shown.body.length < length && window > 0 && this.#window > 0)
      return {
        requirement,
        expected: `more DATA of ${name}: ${window} bytes are left in its window, ${this.#window} in the connection's`,
        saw: `${shown.body.length} of ${length} bytes, and your client idle`,
      }
    if (shown.ended !== (shown.body.length === length))
      return {
        requirement,
        expected: `END_STREAM of ${name} with its last byte`,
        saw: `${endOf(shown)} at ${shown.body.length} of ${length} bytes`,
      }
    return null
  }
}

// --- internal ---

const BEHIND_GOAWAY: Wanted = {
  is: 'rejected',
  why: 'nobody has touched it, as GOAWAY says',
  code: 'REFUSED_STREAM',
  requirement: 'R17',
}

function unlikeSection(
  section: Headers,
  { method, target, authority, fields }: Asked,
): { expected: string; saw: string } | null {
  const isPseudo = ([name]: readonly [string, string]): boolean => name.startsWith(':')
  const count = section.findIndex((each) => !isPseudo(each))
  const first = count < 0 ? section : section.slice(0, count)
  const wanted = [`:authority: ${authority}`, `:method: ${method}`, `:path: ${target}`, ':scheme: http']
  const lines = first.map((pair) => pair.join(': ')).sort()
  if (lines.join('\n') !== wanted.join('\n'))
    return { expected: `${wanted.join(', ')} first`, saw: linesOf(section) }
  const rest = section.slice(first.length)
  const names = fields.map(([name]) => name)
  const kept = rest.filter(([name]) => names.includes(name))
  if (linesOf(kept) !== linesOf(fields))
    return { expected: `the fields ${linesOf(fields)}`, saw: linesOf(rest) }
  const odd = rest.find(
    ([name]) => isPseudo([name, '']) || name !== name.toLowerCase() || FORBIDDEN.includes(name),
  )
  return odd
    ? { expected: 'names in lower case, and no field of one hop, no Host', saw: odd.join(': ') }
    : null
}

const FORBIDDEN = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'host',
  'x-ticket',
]

function judgeOutcome({ asked, wanted }: Line, outcome: Outcome | undefined): Broken | null {
  if (!outcome) return null
  const promise = `the promise of ${asked.method} ${asked.target}`
  const saw =
    outcome.is === 'resolved'
      ? `it has resolved with status ${String(outcome.status)}`
      : outcome.is === 'rejected'
        ? `it has rejected with ${outcome.code ?? `no code: ${outcome.message}`}`
        : 'it is pending'
  if (wanted.is === 'pending')
    return outcome.is === 'pending'
      ? null
      : { requirement: 'R16', expected: `${promise} pending: its answer is not whole`, saw }
  if (wanted.is === 'rejected') {
    const { requirement, why, code } = wanted
    if (outcome.is !== 'rejected') return { requirement, expected: `${promise} rejected: ${why}`, saw }
    return code !== null && outcome.code !== code
      ? { requirement, expected: `${promise} rejected with code ${code}: ${why}`, saw }
      : null
  }
  const { status, fields, body } = wanted.replied
  const wrong = (expected: string, found: string): Broken => ({
    requirement: 'R16',
    expected: `${expected} for ${asked.method} ${asked.target}`,
    saw: found,
  })
  if (outcome.is !== 'resolved') return wrong('the promise resolved, as its answer is whole,', saw)
  if (outcome.status !== status) return wrong(`status ${status}`, String(outcome.status))
  const seen = Array.isArray(outcome.headers) ? linesOf(outcome.headers as Headers) : typeof outcome.headers
  if (seen !== linesOf(fields)) return wrong(`the fields ${linesOf(fields)}`, seen)
  const bytes = ArrayBuffer.isView(outcome.body) ? Buffer.from(outcome.body as Uint8Array) : null
  return bytes?.equals(body)
    ? null
    : wrong(`a body of ${body.length} bytes, exact`, bytes ? `${bytes.length} bytes` : typeof outcome.body)
}

import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'

/** The timelines of lab 05: a table of all that may be asked, and what stands in each row. */

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
/** Others, and some that nobody knows. Names have case (RFC 9110 §9.1). */
const UNSAFE_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'QUERY', 'PROPFIND', 'M-SEARCH']
const MISSPELT_METHODS = ['get', 'Head', 'options', 'Trace', 'GETS', 'TGET', '', 'constructor']
export const METHODS = [...SAFE_METHODS, ...UNSAFE_METHODS, ...MISSPELT_METHODS]

type Tls = 'none' | '1.2' | '1.3' | '0-rtt'

export interface Options {
  readonly rtt: number
  readonly tls: Tls
  readonly method: string
  readonly reused: boolean
  readonly synLost?: number
}

interface Segment {
  readonly at: number
  readonly from: string
  readonly flags: readonly string[]
  readonly carries?: string
  readonly lost?: boolean
}

/** All rows of these kinds of TLS: each with every method, a connection new and kept, and SYNs lost. */
export function timelines(...kinds: readonly Tls[]): Conversations<Options> {
  const scripts = kinds.flatMap((tls) =>
    [false, true].map((reused): [string, Options[]] => [
      `tls ${tls}, on a connection that is ${reused ? 'kept' : 'new'}`,
      rowsOf(tls, reused),
    ]),
  )
  return { scripts: Object.fromEntries(scripts), drawn: 1, draw: drawRows(kinds), play }
}

/** The timeline for these options, the others drawn. */
export async function expectTimeline(c: Check, given: Partial<Options>): Promise<void> {
  const drawn = { rtt: c.random.integer(11, 499), method: c.random.pick(SAFE_METHODS) }
  await play(c, [{ ...drawn, tls: 'none', reused: false, ...given }])
}

/** What a right timeline shows, in words, in order. */
export function timelineOf(options: Options): string[] {
  const { rtt, reused, synLost = 0 } = options
  const lost = reused ? 0 : synLost
  const segments = Array.from({ length: lost }, (_, n) => said('lost SYN', 'client', timeouts(n)))
  for (const [trip, [ask, reply]] of tripsOf(options).entries()) {
    const at = timeouts(lost) + trip * rtt
    segments.push(said(ask, 'client', at), said(reply, 'server', at + rtt / 2))
  }
  return segments
}

// --- internal ---

/** Next to nothing, a number that is no whole one, and one just below the second. */
const ROUND_TRIPS = [0, 1, 37.5, 100, 999]
const LOST = [undefined, 0, 1, 2, 3, 4, 6]

function rowsOf(tls: Tls, reused: boolean): Options[] {
  return METHODS.flatMap((method, index) =>
    LOST.map((synLost, row): Options => {
      const rtt = ROUND_TRIPS[(index + row) % ROUND_TRIPS.length] ?? 0
      return { rtt, tls, method, reused, ...(synLost === undefined ? {} : { synLost }) }
    }),
  )
}

const drawRows =
  (kinds: readonly Tls[]): NonNullable<Conversations<Options>['draw']> =>
  (random) =>
    Array.from({ length: 8 }, () => ({
      rtt: random.integer(0, 999),
      tls: random.pick(kinds),
      method: random.pick([...METHODS, random.word().toUpperCase()]),
      reused: random.integer(0, 3) === 0,
      synLost: random.integer(0, 5),
    }))

async function play(c: Check, rows: readonly Options[]): Promise<void> {
  const calls = rows.map((row) => c.learner.call<Segment[]>('handshakeTimeline', row))
  for (const [index, row] of rows.entries()) await compare(c, row, calls[index] as Call<Segment[]>)
}

async function compare(c: Check, row: Options, call: Call<Segment[]>): Promise<void> {
  const segments: unknown = await call
  const told = `for rtt ${row.rtt}, tls ${row.tls}, method ${JSON.stringify(row.method)}, reused ${row.reused}, synLost ${row.synLost ?? 'not given'}`
  await c.blame(requirementOf(row, -1), () =>
    c.expect(isTimeline(segments), `a list of segments, ${told}`, JSON.stringify(segments) ?? 'nothing'),
  )
  const all = segments as Segment[]
  const wanted = timelineOf(row)
  const seen = all
    .filter((_, at) => isEssential(row, all, at))
    .map((one) => said(nameOf(one), one.from, one.at))
  const first = Array.from({ length: Math.max(seen.length, wanted.length) }, (_, at) => at).find(
    (at) => seen[at] !== wanted[at],
  )
  if (first === undefined) return
  const [expected = 'no further segment', saw = 'no further segment'] = [wanted[first], seen[first]]
  await c.blame(requirementOf(row, first), () =>
    c.fail(`${expected}, ${told}`, saw, sideBySide(wanted, seen)),
  )
}

/** Both timelines, segment by segment, and a mark where they part. */
function sideBySide(wanted: readonly string[], seen: readonly string[]): string[] {
  const width = Math.max(...wanted.map((segment) => segment.length)) + 2
  const rows = Array.from({ length: Math.max(wanted.length, seen.length) }, (_, at) => {
    const [one = '', other = ''] = [wanted[at], seen[at]]
    return `${one === other ? ' ' : '✗'} ${one.padEnd(width)}${one === other ? 'the same' : other}`.trimEnd()
  })
  return [`  ${'the timeline'.padEnd(width)}yours`, ...rows]
}

/** Whose promise a row breaks that differs from segment number `first` on: the SYNs are those of R11 and R14. */
function requirementOf({ tls, reused, synLost = 0 }: Options, first: number): string {
  if (synLost > 0 && (reused || first <= synLost)) return 'R14'
  if (reused || first <= synLost + 1) return 'R11'
  return { none: 'R11', '1.2': 'R12', '1.3': 'R12', '0-rtt': 'R13' }[tls]
}

/** What leaves the client, and what the server answers: one round trip. */
type Trip = readonly [ask: string, answer: string]

const TLS: Trip = ['tls', 'tls']
const HTTP: Trip = ['request', 'response']

function tripsOf({ tls, reused, method }: Options): Trip[] {
  if (reused) return [HTTP]
  const early = tls === '0-rtt' && SAFE_METHODS.includes(method)
  const handshakes = { none: 0, '1.2': 2, '1.3': 1, '0-rtt': early ? 0 : 1 }[tls]
  return [['SYN', 'SYN+ACK'], ...Array.from({ length: handshakes }, () => TLS), HTTP]
}

/** Milliseconds until the SYN behind `count` lost ones leaves: 1, 2, 4 … s (RFC 6298 §2.1, §5.5). */
const timeouts = (count: number): number => 1_000 * (2 ** count - 1)

const isTimeline = (given: unknown): boolean => Array.isArray(given) && given.every(isSegment)

function isSegment(one: Partial<Segment> | null): boolean {
  const { at, from, flags, carries, lost } = one ?? {}
  const isWhole = typeof at === 'number' && typeof from === 'string' && Array.isArray(flags)
  const isKnown = ['string', 'undefined'].includes(typeof carries)
  return isWhole && isKnown && (flags as unknown[]).every((flag) => typeof flag === 'string') && lost !== null
}

function said(what: string, from: string, at: number): string {
  return `${what} from the ${from} at ${Math.round(at * 1e6) / 1e6} ms`
}

function nameOf({ flags, carries, lost }: Segment): string {
  // PSH says nothing about the handshake: whoever sets it is right, too.
  const names = flags.filter((flag) => flag !== 'PSH').sort((a, b) => b.localeCompare(a))
  const set = names.join('+') || 'no flag'
  const what = carries === undefined ? set : set === 'ACK' ? carries : `${carries} with ${set}`
  return lost ? `lost ${what}` : what
}

/**
 * Leaves out what the page leaves open: a bare ACK in front of what it could have travelled with, TLS in front of
 * HTTP at the same moment, and the client's last TLS message behind early data.
 */
function isEssential(row: Options, all: readonly Segment[], index: number): boolean {
  const [before, one, next] = [all[index - 1], all[index] as Segment, all[index + 1]]
  const name = nameOf(one)
  if (name === 'tls' && isFinished(row, all, index)) return false
  if (next?.at !== one.at || next.from !== one.from) return true
  if (name === 'ACK') return one.from !== 'client' || before?.from !== 'server'
  const hasTls = !row.reused && row.tls !== 'none'
  return !(hasTls && name === 'tls' && ['request', 'response'].includes(nameOf(next)))
}

/** Behind early data the client ends its handshake when the server's has come: with the response, or beside it. */
function isFinished({ tls, reused, method, rtt }: Options, all: readonly Segment[], index: number): boolean {
  const [one, response] = [all[index], all.findIndex((each) => nameOf(each) === 'response')]
  const isEarly = tls === '0-rtt' && !reused && SAFE_METHODS.includes(method)
  const at = said('', '', (all[response]?.at ?? 0) + rtt / 2)
  return isEarly && index === response + 1 && one?.from === 'client' && said('', '', one.at) === at
}

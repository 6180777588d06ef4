import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { bytesOf, OK, turnsOf, type Get, type Phases, type Turn } from './model.ts'
import { expectPhasesOf, timeFetch, timeMany } from './scenes.ts'
import { connectionScripts, failureScripts, pieceScripts, serverScripts, urlScripts } from './gets.ts'

/** One call with these URLs: after each thing that happens, the program is where the model is. */
export const URLS = conversations({ ...urlScripts(), ...pieceScripts() })
export const SERVERS = conversations({ ...serverScripts(), ...connectionScripts() }, drawGets)
export const FAILURES = conversations(failureScripts())

// --- internal ---

function conversations(
  scripts: Record<string, readonly Get[]>,
  draw?: (random: Random) => Get[],
): Conversations<Get> {
  return { scripts, ...(draw && { draw, drawn: 4 }), play }
}

/** A call under way, and the ends of what it has opened. */
interface Talk {
  readonly call: Call<Phases[]> | Call<Phases>
  /** The names that were looked up, and how to answer the last one. */
  readonly asked: readonly string[]
  readonly answerLookup: (address: string | null) => void
  /** Who is behind each connection that is to come: the same one where an address comes again. */
  readonly servers: readonly Listener[]
  taken: number
  connection: Connection | null
  lookups: number
}

async function play(c: Check, gets: readonly Get[]): Promise<void> {
  if (gets.length === 0) return
  // No time passes but what the conversation lets pass.
  c.learner.holdClock()
  const words = [c.random.word(), c.random.word(), c.random.integer(8_000, 40_000)] as const
  const turns = turnsOf(gets.map((get) => ({ ...get, get: named(get.get, ...words) })))
  const rest = gets.slice(turns.length).map(({ get }) => named(get, ...words))
  const talk = await begin(c, turns, rest)
  for (const [index, turn] of turns.entries()) await take(c, talk, turn, index)
  await settles(c, talk, turns)
  await c.blame('R9', () => c.learner.leavesNothing())
}

function named(url: string, name: string, other: string, port: number): string {
  const ports = url.replaceAll('PORT', String(port)).replaceAll('NEXT', String(port + 1))
  return ports.replaceAll('NAME', name).replaceAll('OTHER', `${other}-2`)
}

/** Each lookup gives another address: a name that is not looked up again leads to an old one. */
const addressOf = ({ address }: Turn, index: number): string => address ?? `192.0.2.${20 + (index % 200)}`

async function begin(c: Check, turns: readonly Turn[], rest: readonly string[]): Promise<Talk> {
  const servers: Listener[] = []
  const known = new Map<string, Listener>()
  for (const [index, turn] of turns.entries()) {
    if (!turn.opens || turn.fails === 'lookup') continue
    const address = addressOf(turn, index)
    if (turn.fails === 'refused') {
      c.learner.permit(address, turn.port, 'refused')
      continue
    }
    const server = known.get(`${address} ${turn.port}`) ?? (await c.listen({ name: turn.server }))
    known.set(`${address} ${turn.port}`, server)
    servers.push(server)
    c.learner.permit(address, turn.port, server)
    // Whoever takes this name for an address comes here as well, and is told that there was no lookup.
    if (turn.host === 'localhost') c.learner.permit('127.0.0.1', turn.port, server)
  }
  const asked: string[] = []
  let settle = (_: string | null): void => undefined
  const lookup = (name: string): Promise<string> => {
    asked.push(name)
    return new Promise((resolve, reject) => {
      const error = Object.assign(new Error(`query ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
      settle = (address) => (address === null ? reject(error) : resolve(address))
    })
  }
  const urls = [...turns.map(({ get }) => get.get), ...rest]
  const deps = { now: c.learner.clock, lookup }
  const call = urls.length === 1 ? timeFetch(c, urls[0] ?? '', deps) : timeMany(c, urls, deps)
  const answerLookup = (address: string | null): void => settle(address)
  return { call, asked, answerLookup, servers, taken: 0, connection: null, lookups: 0 }
}

const accepted = ({ servers }: Talk): number =>
  [...new Set(servers)].reduce((sum, each) => sum + each.accepted, 0)

async function take(c: Check, talk: Talk, turn: Turn, index: number): Promise<void> {
  await c.learner.idle()
  if (turn.opens) await opens(c, talk, turn, index)
  else await c.blame('R7', () => keeps(c, talk, turn))
  if (turn.fails === 'lookup' || turn.fails === 'refused' || !talk.connection) return
  await c.blame('R3', () => compareRequest(c, talk.connection as Connection, turn))
  await answers(c, talk, turn)
}

/** A new connection, behind a lookup of its own. */
async function opens(c: Check, talk: Talk, turn: Turn, index: number): Promise<void> {
  const { asked, connection } = talk
  if (connection) {
    const expected = `a new connection for ${turn.get.get}: ${turn.why}`
    await c.blame('R8', () => c.expect(connection.unread.length === 0, expected, 'a request on the old one'))
  }
  const before = accepted(talk)
  if (turn.address === null) {
    talk.lookups++
    await c.blame(index === 0 ? 'R1' : 'R8', () => expectLookup(c, talk, turn))
    await waits(c, talk, turn.get.looks)
    const early = accepted(talk) === talk.taken ? 'none' : 'a connection'
    await c.blame('R1', () => c.expect(early === 'none', 'no connection before lookup has answered', early))
    talk.answerLookup(turn.fails === 'lookup' ? null : addressOf(turn, index))
  } else {
    const saw = `a lookup of "${asked.at(-1)}"`
    await c.blame('R1', () =>
      c.expect(asked.length === talk.lookups, `no lookup: ${turn.address} is an address`, saw),
    )
  }
  if (turn.fails === 'lookup' || turn.fails === 'refused') return
  const server = talk.servers[talk.taken] as Listener
  const sameUntilNow = talk.servers.slice(0, talk.taken + 1).filter((each) => each === server).length
  talk.connection = await c.blame(index === 0 ? 'R3' : 'R8', async () => {
    await c.learner.idle()
    const saw = accepted(talk) > before ? 'one to an address of before' : 'none'
    c.expect(
      server.accepted === sameUntilNow,
      `a connection to ${turn.server}, at the address of this turn: ${turn.why}`,
      saw,
    )
    return await server.connection()
  })
  talk.taken++
}

function expectLookup(c: Check, { asked, lookups }: Talk, { host, why }: Turn): void {
  const saw = asked.length < lookups ? 'none' : `lookups of ${asked.slice(lookups - 1).join(', ')}`
  const isRight = asked.length === lookups && asked.at(-1)?.toLowerCase() === host
  c.expect(isRight, `one lookup of ${host} for a new connection: ${why}`, saw)
}

/** No lookup and no connection, but the next request on the one that is there. */
function keeps(c: Check, talk: Talk, { get, why }: Turn): void {
  const { connection, asked, lookups } = talk
  const expected = `the request for ${get.get} on the connection that is there: ${why}`
  if (connection && connection.ended !== 'open')
    c.fail(expected, `${connection.ended} from you on that connection`)
  if (asked.length > lookups) c.fail(expected, `another lookup of ${asked.at(-1)}`)
  if (accepted(talk) > talk.taken) c.fail(expected, 'another connection')
  c.expect((connection?.unread.length ?? 0) > 0, expected, 'none: your program waits')
}

async function compareRequest(c: Check, connection: Connection, turn: Turn): Promise<void> {
  const request = await connection.request({ as: `the request for ${turn.get.get}` })
  c.expectEqual(request.startLine, `GET ${turn.target} HTTP/1.1`, `the request line for ${turn.get.get}`)
  const hosts = request.headers.flatMap(([name, value]) => (name.toLowerCase() === 'host' ? [value] : []))
  const isRight = hosts.length === 1 && turn.hosts.includes(hosts[0]?.toLowerCase() ?? '')
  c.expect(isRight, `one Host field, ${turn.hosts[0]}, for ${turn.get.get}`, hosts.join(' and ') || 'none')
  const behind = connection.unread.length + request.body.length
  c.expect(behind === 0, 'nothing behind the blank line of the request', `${behind} bytes more`)
}

async function answers(c: Check, talk: Talk, turn: Turn): Promise<void> {
  const { thinks, pauses, cuts = [] } = turn.get
  const connection = talk.connection as Connection
  await waits(c, talk, thinks)
  const bytes = bytesOf(turn.get, turn.fails)
  const { after: end = bytes.length, by = null } = typeof turn.fails === 'object' ? turn.fails : {}
  const ends = [...cuts.filter((at) => at < end && at < bytes.length), Math.min(end, bytes.length)]
  for (const [piece, at] of ends.entries()) {
    const start = ends[piece - 1] ?? 0
    if (piece > 0) {
      await waits(c, talk, pauses)
      await c.blame('R7', () =>
        c.expect(
          connection.unread.length === 0 && accepted(talk) === talk.taken,
          'no further request before the response is whole',
          'one',
        ),
      )
    }
    if (at > start) await connection.send(bytes.subarray(start, at))
  }
  if (by === null) return
  await c.learner.idle()
  await (by === 'FIN' ? connection.fin() : connection.reset())
}

/** Silence is no failure, however long. */
async function waits(c: Check, { call }: Talk, milliseconds = 0): Promise<void> {
  if (milliseconds > 0) await c.learner.tick(milliseconds)
  const { outcome } = call
  const saw = outcome?.ok === false ? `it rejected: ${outcome.error.message}` : 'it has resolved'
  await c.blame(outcome?.ok === true ? 'R4' : 'R6', () =>
    c.expect(outcome === null, 'a promise still pending: there is more to come', saw),
  )
}

async function settles(c: Check, talk: Talk, turns: readonly Turn[]): Promise<void> {
  await c.learner.idle()
  const [index, last] = [turns.length - 1, turns.at(-1) as Turn]
  const failed = last.fails === 'not HTTP' ? 'R9' : index === 0 ? 'R6' : 'R7'
  await c.blame(last.fails ? 'R7' : 'R4', () => {
    const isQuiet = accepted(talk) === talk.taken && talk.asked.length === talk.lookups
    c.expect(
      isQuiet && !talk.connection?.unread.length,
      'nothing further after this',
      'another request, lookup or connection',
    )
  })
  const { outcome } = talk.call
  if (last.fails) await c.blame(failed, () => compareError(c, outcome, last))
  else if (outcome === null)
    await c.blame('R4', () => c.fail('phases: the last byte has come', 'a promise still pending'))
  else if (!outcome.ok)
    await c.blame(index === 0 ? 'R4' : 'R7', () =>
      c.fail('phases: the last byte has come', `it rejected: ${outcome.error.message}`),
    )
  else await comparePhases(c, outcome.value, turns)
}

function compareError(c: Check, outcome: Talk['call']['outcome'], turn: Turn): void {
  const expected = `an error for ${turn.get.get}`
  if (outcome === null) c.fail(expected, 'a promise still pending')
  if (outcome.ok) c.fail(expected, 'it resolved')
  const codes = { lookup: 'ENOTFOUND', refused: 'ECONNREFUSED' } as const
  if (turn.fails === 'lookup' || turn.fails === 'refused')
    c.expectEqual(outcome.error.code, codes[turn.fails], 'the `code` of the error')
  expectPhasesOf(c, outcome.error, turn.phases)
}

async function comparePhases(c: Check, value: unknown, turns: readonly Turn[]): Promise<void> {
  const all: unknown = turns.length === 1 && !Array.isArray(value) ? [value] : value
  if (!Array.isArray(all) || all.length !== turns.length)
    return await c.blame('R7', () =>
      c.fail(`a list of ${turns.length} phases, one a URL`, JSON.stringify(value) ?? 'nothing'),
    )
  for (const [index, turn] of turns.entries()) {
    const seen = (all[index] ?? {}) as Partial<Phases>
    for (const name of ['dns', 'connect', 'request', 'response', 'total', 'reused'] as const)
      await c.blame(requirementOf(turn, index, name), () =>
        c.expect(
          seen[name] === turn.phases[name],
          `\`${name}\` of URL ${index + 1}: ${turn.phases[name]}`,
          JSON.stringify(seen),
        ),
      )
  }
}

function requirementOf(turn: Turn, index: number, phase: keyof Phases): string {
  if (!turn.opens) return 'R7'
  if (index > 0 && ['dns', 'connect', 'reused'].includes(phase)) return 'R8'
  return { dns: 'R1', connect: 'R2', request: 'R3', response: 'R4', total: 'R5', reused: 'R5' }[phase]
}

/** URLs of two servers in any order, with answers of every kind. */
function drawGets(random: Random): Get[] {
  const places = ['http://NAME.example:PORT', 'http://OTHER.example:PORT', 'http://192.0.2.250:NEXT']
  const heads = [OK, OK, OK, 'HTTP/1.0 200 OK', `${OK}\r\nConnection: a, CLOSE`, 'HTTP/1.1 404 No']
  return Array.from({ length: random.integer(2, 5) }, () => {
    const body = 'x'.repeat(random.integer(0, 40))
    const fails = random.pick([
      '',
      '',
      '',
      '',
      'lookup',
      { after: random.integer(0, 30), by: 'RST' as const },
    ] as const)
    return {
      get: `${random.pick([places[0] ?? '', ...places])}/${random.word()}`,
      head: random.pick(heads),
      body,
      looks: random.integer(0, 90),
      thinks: random.integer(0, 90),
      cuts: [random.integer(1, 15), random.integer(16, 30)],
      pauses: random.integer(0, 90),
      ...(fails && { fails }),
    }
  })
}

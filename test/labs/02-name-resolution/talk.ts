import type { Call, Check, DatagramPeer, Outcome } from '../../../workbook/grading/check.ts'
import { bytesOf, wordsOf, type Words } from './answers.ts'
import { Model, type Lookup, type Reply, type Result, type Type } from './model.ts'
import { addressesOf, arrivals, serversOf, told, type Came, type Server } from './servers.ts'
import { OVER_BOTH, type Fault, type Step, type Style } from './steps.ts'

/** Plays the steps against a resolver, and compares it with the model behind each of them. */

export interface Resolved {
  readonly addresses: unknown
  readonly canonical: unknown
  readonly ttl: unknown
}

export interface RemoteResolver {
  resolve(name: string, type: Type): Call<Resolved>
  close(): Call<void>
}

interface Asked {
  readonly call: Call<Resolved>
  readonly type: Type
}

export interface Talk {
  readonly c: Check
  readonly model: Model
  readonly words: Words
  readonly servers: readonly Server[]
  readonly resolver: RemoteResolver
  readonly calls: Asked[]
  /** Ends that servers do not have, by what they pretend. */
  readonly forgers: Map<Fault, DatagramPeer>
  /** The query that each lookup waits for, and those that it no longer does. */
  readonly waiting: Map<Lookup, Came>
  readonly past: Map<Lookup, Came>
  /** Those whose query has met something that is not its answer. */
  readonly deceived: Set<Lookup>
  setNow(now: number): PromiseLike<unknown>
}

export async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const talk = await begin(c, steps)
  let requirement = 'R7'
  for (const step of steps) {
    const tried = await take(talk, step)
    if (tried === null) continue
    requirement = tried
    await compare(talk, requirement)
  }
  await end(talk, requirement)
}

/**
 * @param words - Of another resolver's, where both are to be asked for the same name.
 * @param start - What its clock shows at first.
 */
export async function begin(
  c: Check,
  steps: readonly Step[],
  words = wordsOf(c.random),
  start = c.random.integer(-1_000_000, 1_000_000),
): Promise<Talk> {
  c.learner.holdClock()
  const [{ servers: count, attempts } = { servers: 2, attempts: 2 }] = steps.flatMap((step) =>
    'servers' in step ? [step] : [],
  )
  const model = new Model({ servers: count, attempts, timeoutMs: c.random.integer(20, 5_000) })
  const servers = await serversOf(
    c,
    count,
    steps.some((step) => 'reply' in step && typeof step.reply === 'object' && step.reply.tc),
  )
  const now = await c.learner.make<object>('handClock', start)
  const { timeoutMs } = model.options
  const options = { servers: addressesOf(servers), timeoutMs, attempts, now }
  const resolver = await c.learner.construct<RemoteResolver>('Resolver', options)
  const setNow = (passed: number) => c.learner.make('setClock', now, start + passed)
  const empty = {
    calls: [],
    forgers: new Map(),
    waiting: new Map(),
    past: new Map(),
    deceived: new Set<Lookup>(),
  }
  return { c, model, words, servers, resolver, setNow, ...empty }
}

/** @returns Whose promise it tries; null where it means nothing. */
export async function take(talk: Talk, step: Step): Promise<string | null> {
  const { c, model } = talk
  if ('ask' in step) return await askFor(talk, step)
  if ('reply' in step) return await answer(talk, step)
  if ('forged' in step) return await forge(talk, step)
  if ('wait' in step) {
    const milliseconds = lengthOf(talk, step.wait)
    await c.learner.tick(milliseconds)
    if (milliseconds === 0) return null
    const isDeceived = talk.deceived.size > 0
    const requirement = model.tick(milliseconds)
    if (model.closed) return 'R19'
    return isDeceived && requirement === 'R13' ? 'R8' : requirement
  }
  if ('later' in step) {
    const requirement = model.later(step.later)
    await talk.setNow(model.now)
    return requirement
  }
  if (!('close' in step) || model.closed) return null
  await close(talk)
  return 'R19'
}

export async function compare(talk: Talk, requirement: string): Promise<Came[]> {
  const { c, model } = talk
  await c.learner.idle()
  const came = await arrivals(c, talk.servers)
  const due = model.due.map((each) => told({ ...each, name: talk.words.name(each.name) }))
  const [seen, wanted] = [came.map(told).sort(), due.sort()].map((all) => all.join(', ') || 'none')
  await c.blame(requirement, () =>
    c.expect(
      seen === wanted,
      `the queries that leave now: ${wanted}`,
      `${seen}; of your calls, ${talk.calls.map(stateOf).join(', ') || 'none was made'}`,
    ),
  )
  for (const lookup of model.lookups) {
    const fresh = came.find(
      ({ name, type, over }) =>
        name === talk.words.name(lookup.name) && type === lookup.type && over === lookup.over,
    )
    if (!fresh) continue
    const before = talk.waiting.get(lookup)
    if (before?.over === 'UDP') talk.past.set(lookup, before)
    talk.waiting.set(lookup, fresh)
    talk.deceived.delete(lookup)
  }
  for (const [index, each] of talk.calls.entries())
    await compareCall(talk, requirement, each, model.results.get(index))
  return came
}

/** Nothing is left of what is over; and what is under way ends. */
export async function end(talk: Talk, requirement: string): Promise<void> {
  const { c, model } = talk
  const promise = model.closed ? 'R19' : requirement
  if (model.closed || model.lookups.length === 0) await c.blame(promise, () => c.learner.leavesNothing())
  if (model.closed) return
  await close(talk)
  await compare(talk, 'R19')
  await c.blame('R19', () => c.learner.leavesNothing())
}

// --- internal ---

async function close({ model, c, resolver }: Talk): Promise<void> {
  model.close()
  await c.blame('R19', async () => await resolver.close())
}

async function askFor(talk: Talk, { ask, type = 'A', as }: Extract<Step, { ask: string }>): Promise<string> {
  const name = talk.words.name(ask)
  const written = as === 'upper' ? name.toUpperCase() : as === 'dot' ? `${name}.` : name
  talk.calls.push({ call: talk.resolver.resolve(written, type), type })
  return talk.model.call(talk.calls.length - 1, ask, type)
}

function lookupOf({ model }: Talk, to = 0): Lookup | undefined {
  return model.lookups[to % Math.max(1, model.lookups.length)]
}

async function answer(talk: Talk, step: Extract<Step, { reply: Reply }>): Promise<string | null> {
  const { c, model, words, waiting } = talk
  const lookup = lookupOf(talk, step.to)
  const query = lookup && waiting.get(lookup)
  if (!query) return null
  const { reply: said, ...style } = step
  const reply = about(said, lookup.name)
  if (query.over === 'UDP' && reply === 'ended') return null
  if (query.over === 'TCP' && typeof reply === 'object' && reply.tc) return null
  await send(
    talk,
    query,
    bytesOf(c.random, words, query, reply, style),
    reply === 'ended' ? { end: 'FIN', ...style } : style,
  )
  const requirement = model.reply(lookup, reply)
  return talk.deceived.has(lookup) ? promiseAbout(query) : requirement
}

/** That what is no answer is passed over, over UDP and over TCP. */
function promiseAbout({ over }: Came): string {
  return over === 'TCP' ? 'R14' : 'R8'
}

/** An empty name is the one that was asked for. */
function about(reply: Reply, name: string): Reply {
  if (typeof reply === 'string' || !reply.records) return reply
  return { ...reply, records: reply.records.map((each) => (each.of === '' ? { ...each, of: name } : each)) }
}

async function send({ c, servers, words }: Talk, query: Came, message: Buffer, style: Style): Promise<void> {
  const { connection, port, server } = query
  if (!connection) return await servers[server]?.peer.send(message, port)
  const { end: how, behind } = style
  const other = behind && bytesOf(c.random, words, query, { records: [] }, {}, behind)
  const frame = Buffer.concat([...(other ? [framed(other)] : []), framed(message)])
  const length = how?.startsWith('half') ? c.random.integer(1, frame.length - 1) : how ? 0 : frame.length
  await connection.sendInParts(partsOf(c, frame.subarray(0, length), style))
  if (how?.endsWith('FIN')) await connection.fin()
  if (how?.endsWith('RST')) await connection.reset()
}

function partsOf(c: Check, bytes: Buffer, style: Style): Buffer[] {
  if (bytes.length === 0) return []
  if (style.bytes) return [...bytes].map((byte) => Buffer.of(byte))
  return (style.pieces ?? 1) > 1 ? c.random.split(bytes, style.pieces) : [bytes]
}

function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message])
}

async function forge(
  talk: Talk,
  { forged: fault, says, to }: Extract<Step, { forged: Fault }>,
): Promise<string | null> {
  const { c, model, words, servers } = talk
  const lookup = lookupOf(talk, to)
  const query = lookup && (fault === 'too late' ? talk.past : talk.waiting).get(lookup)
  if (!query || (query.over === 'TCP' && !OVER_BOTH.some((each) => each === fault))) return null
  const reply = says ?? { records: [{ of: lookup.name, ttl: 600, address: 77 }] }
  const bytes = bytesOf(c.random, words, query, reply, {}, fault)
  if (fault === 'another port' || fault === 'another address') {
    const forger = await forgerOf(talk, fault, servers[query.server]?.peer.port ?? 0)
    await forger.send(bytes, query.port)
  } else await send(talk, query, bytes, {})
  model.due = []
  talk.deceived.add(lookup)
  return promiseAbout(talk.waiting.get(lookup) ?? query)
}

/** Only Linux has all of 127.0.0.0/8 without being asked. */
async function forgerOf({ c, forgers }: Talk, fault: Fault, port: number): Promise<DatagramPeer> {
  const isElsewhere = fault === 'another address' && process.platform === 'linux'
  const place = isElsewhere ? { host: '127.0.0.2', port } : {}
  const forger = forgers.get(fault) ?? (await c.datagrams({ name: 'forger', ...place }))
  forgers.set(fault, forger)
  return forger
}

function lengthOf({ model }: Talk, how: Extract<Step, { wait: unknown }>['wait']): number {
  if (how === 'a millisecond') return 1
  const [{ waited } = { waited: 0 }] = model.lookups
  const left = model.options.timeoutMs - waited
  return how === 'all' ? left : how === 'almost' ? left - 1 : Math.floor(left / 2)
}

/** `call 2 has an error: ETIMEOUT`. */
function stateOf({ call: { outcome } }: Asked, index: number): string {
  return `call ${index + 1} ${outcome === null ? 'waits' : `has ${settledAs(outcome)}`}`
}

function settledAs(outcome: Outcome<Resolved>): string {
  return outcome.ok ? 'a result' : `an error: ${outcome.error.code ?? outcome.error.message}`
}

async function compareCall(
  talk: Talk,
  requirement: string,
  { call, type }: Asked,
  wanted: Result | undefined,
): Promise<void> {
  const { c, words, servers } = talk
  const { outcome } = call
  const saw = outcome === null ? 'nothing' : settledAs(outcome)
  await c.blame(requirement, () => {
    if (!wanted) return c.expect(outcome === null, 'a call that still waits', saw)
    if ('code' in wanted) {
      c.expect(outcome !== null && !outcome.ok, `an error: ${wanted.code ?? 'its code'}`, saw)
      if (outcome && !outcome.ok && wanted.code !== null)
        c.expectEqual(outcome.error.code, wanted.code, 'the `code` of the error')
      return
    }
    c.expect(outcome !== null && outcome.ok, 'a result', saw)
    if (!outcome?.ok) return
    const { addresses, canonical, ttl } = outcome.value ?? {}
    const right = wanted.addresses.map((address) => words.address(address, type))
    c.expectEqual(addresses, right, 'the `addresses`')
    c.expectEqual(canonical, words.name(wanted.canonical), 'the `canonical` name')
    c.expectEqual(ttl, wanted.ttl, 'the `ttl`')
  })
  if (outcome?.ok === false && outcome.error.code === 'ETIMEOUT')
    await c.blame('R13', () => {
      const { message } = outcome.error
      const names = addressesOf(servers).every(({ host, port }) => message.includes(`${host}:${port}`))
      c.expect(names, 'an error whose message names each server as `host:port`', message)
    })
}

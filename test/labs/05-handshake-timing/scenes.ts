import type { Call, Check, Connection, LearnerError, Listener } from '../../../workbook/grading/check.ts'
import type { Phases } from './model.ts'

/** What lab 05 draws and serves, and what it expects of phases. */

export const ADDRESS = '192.0.2.10'

export const timeFetch = (c: Check, url: string, deps: object): Call<Phases> =>
  c.learner.call<Phases>('timeFetch', url, deps)
export const timeMany = (c: Check, urls: readonly string[], deps: object): Call<Phases[]> =>
  c.learner.call<Phases[]>('timeMany', urls, deps)

/** Milliseconds: never 0, and short beside any timeout that a program may have. */
export const draw = (c: Check): number => c.random.integer(11, 499)

/** Neither 80 nor a port that the URL parser knows; the next one is free, too. */
export const drawPort = (c: Check): number => c.random.integer(8_000, 60_000)

/** A new name. Whoever looks it up elsewhere finds the same address: only R1 looks at that. */
export function drawHost(c: Check, address = ADDRESS): string {
  const host = `${c.random.word()}.example`
  c.learner.names({ [host]: address })
  return host
}

export function drawUrls(c: Check, host: string, port: number, count: number): string[] {
  return Array.from({ length: count }, () => `http://${host}:${port}/${c.random.word()}`)
}

/** Lets a random time pass, and tells how much. */
export async function pass(c: Check): Promise<number> {
  const milliseconds = draw(c)
  await c.learner.tick(milliseconds)
  return milliseconds
}

/** A server behind a new name, at ADDRESS, and the `deps` that lead there. */
export async function scene(c: Check) {
  // No time passes but what the check lets pass.
  c.learner.holdClock()
  const [host, port] = [drawHost(c), drawPort(c)]
  const { asked, lookup } = recordLookups({ [host]: ADDRESS })
  const deps = { now: c.learner.clock, lookup }
  const url = `http://${host}:${port}/${c.random.word()}`
  return { host, port, url, origin: await serverAt(c, ADDRESS, port, 'origin'), asked, deps }
}

/** The same, with a lookup that answers when the check says so. */
export async function heldLookup(c: Check) {
  const told = await scene(c)
  let settle = (_: Promise<string>): void => undefined
  const held = new Promise<string>((resolve) => (settle = resolve))
  const lookup = (name: string): Promise<string> => {
    told.asked.push(name)
    return held
  }
  return { ...told, settle: (end: Promise<string>) => settle(end), deps: { now: c.learner.clock, lookup } }
}

/** The same server at the end of a path that counts round trips. */
export async function pathScene(c: Check) {
  const [host, port] = [drawHost(c), drawPort(c)]
  const link = await c.link({ respond: () => answer(c.random.word()) })
  c.learner.permit(ADDRESS, port, link)
  return { link, host, port, deps: { now: c.learner.clock, lookup: async () => ADDRESS } }
}

/**
 * A lookup and a clock beside the program: the only way to let time pass in a handshake.
 *
 * @param begin - What the clock shows at first; it shows 0 at the end of the lookup if that is asked for.
 */
export async function slowNetwork(c: Check, begin: number | '0 behind the lookup') {
  // Parts of a millisecond, each exact, and their sum no whole number either: whoever rounds is seen.
  const [lookup, connect] = [draw(c) + c.random.pick([0.25, 0.75]), draw(c) + 0.5]
  const start = begin === '0 behind the lookup' ? -lookup : begin
  const delays = { address: ADDRESS, lookup, connect, start }
  c.step(
    `your clock shows ${start} ms at the call, ${start + lookup} when lookup answers, ${start + lookup + connect} when the connection is there`,
  )
  return { deps: await c.learner.make<object>('slowNetwork', delays), delays }
}

/** A call whose request has come: the answer is up to the check. */
export async function requested(c: Check): Promise<{ call: Call<Phases>; connection: Connection }> {
  const { origin, url, deps } = await scene(c)
  const call = timeFetch(c, url, deps)
  const connection = await origin.connection()
  await connection.request()
  return { call, connection }
}

export async function serverAt(c: Check, address: string, port: number, name: string): Promise<Listener> {
  const listener = await c.listen({ name })
  c.learner.permit(address, port, listener)
  return listener
}

export function recordLookups(answers: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const lookup = (name: string): Promise<string> => {
    asked.push(name)
    const address = answers[name]
    if (address !== undefined) return Promise.resolve(address)
    return Promise.reject(Object.assign(new Error(`query ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
  }
  return { asked, lookup }
}

/** The raw bytes of a response with its Content-Length. */
export function answer(body: string | Uint8Array, start = 'HTTP/1.1 200 OK'): Buffer {
  const content = Buffer.from(body as string)
  const lines = [start, `Content-Length: ${content.length}`]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content])
}

export async function answerAndClose(c: Check, origin: Listener): Promise<void> {
  const connection = await origin.connection()
  await answerAtOnce(c, connection)
  await connection.fin()
}

export async function answerAtOnce(c: Check, connection: Connection): Promise<void> {
  await connection.request()
  await connection.send(answer(c.random.word()))
}

/** Cuts head and body, so that neither passes for the whole; time passes at each cut. @returns How much. */
export async function sendSlowly(c: Check, connection: Connection, bytes: Buffer): Promise<number> {
  const body = bytes.indexOf('\r\n\r\n') + 4
  const parts = [...c.random.split(bytes.subarray(0, body), 2), ...c.random.split(bytes.subarray(body), 2)]
  let milliseconds = 0
  for (const [index, part] of parts.entries()) {
    if (index > 0) milliseconds += await pass(c)
    await connection.send(part)
  }
  return milliseconds
}

/** The next request on a connection that is meant for all of them. */
export async function nextRequest(
  c: Check,
  connection: Connection,
  url: string,
  index: number,
): Promise<void> {
  await c.learner.idle()
  const expected = `request ${index + 1} on the connection that is there`
  c.expect(connection.unread.length > 0, expected, 'none on it: your program paid for another, or waits')
  const { startLine } = await connection.request()
  c.expectEqual(startLine.split(' ')[1], new URL(url).pathname, `the target of request ${index + 1}`)
}

/** Five URLs of one server; the answer to the second one ends the connection. @returns The lookups. */
export async function throughTheClose(c: Check, start: string): Promise<number> {
  const { host, port, origin, asked, deps } = await scene(c)
  const call = timeMany(c, drawUrls(c, host, port, 5), deps)
  const first = await origin.connection()
  await answerAtOnce(c, first)
  await first.request()
  await first.send(answer(c.random.word(), start))
  await c.learner.idle()
  const saw = 'a further request on the connection that this ended'
  c.expect(first.unread.length === 0, `a new connection after "${start.replace('\r\n', ', ')}"`, saw)
  const second = await origin.connection()
  for (let request = 0; request < 3; request++) await answerAtOnce(c, second)
  const [all, rest] = [await call, { request: 0, response: 0, total: 0 }]
  for (const [index, setup] of [0, null, 0, null, null].entries()) {
    expectAll(c, all, index, { dns: setup, connect: setup, ...rest, reused: setup === null })
  }
  c.expectEqual(asked.length, 2, 'lookups for two connections')
  return asked.length
}

/** What there is at a server beside the connections that were there `before`. */
export function connectionsSeen(server: Listener, before = 0): string {
  const fresh = server.accepted - before
  return fresh === 0 ? 'none: your program is idle, or has asked elsewhere' : `${fresh} new connections`
}

/** While the lookup is held: what the check says next must be true of this run. */
export function expectAsked(c: Check, asked: readonly string[], origin: Listener): void {
  const saw = origin.accepted === 0 ? 'none: your program is idle' : 'none, and a connection all the same'
  c.expect(asked.length > 0, 'a lookup, through `deps.lookup`', saw)
}

export function expectOneLookup(c: Check, asked: readonly string[], host: string): void {
  const saw = asked.length === 0 ? 'none: the address came from somewhere else' : `${asked.length} lookups`
  c.expect(asked.length === 1, 'one lookup, through `deps.lookup`', saw)
  c.expectEqual(asked[0], host, 'the name that was looked up')
}

export function expectPhase(c: Check, phases: Phases, name: keyof Phases, wanted: number | null): void {
  const { [name]: seen } = phases ?? {}
  const unit = wanted === null ? '' : ' ms'
  c.expect(seen === wanted, `\`${name}\`: ${wanted}${unit}`, `${String(seen)}, in ${shown(phases)}`)
}

export function expectAll(c: Check, all: readonly Phases[], index: number, wanted: Phases): void {
  c.expect(Array.isArray(all), 'a list of phases, one a URL', shown(all))
  const seen = shown(all[index])
  c.expect(seen === shown(wanted), `phases of URL ${index + 1}: ${shown(wanted)}`, seen)
}

export function expectPhasesOf(c: Check, error: LearnerError, wanted: Partial<Phases>): void {
  const phases = error['phases']
  c.expect(phases !== undefined, '`phases` on the error', `none: ${error.message}`)
  const [seen, expected] = [shown(withoutNulls(phases, wanted)), shown(withoutNulls(wanted, wanted))]
  c.expect(seen === expected, `\`phases\` of the error: ${expected}`, seen)
}

/** Where there was no such phase, a null says the same as nothing; anywhere else it is shown. */
function withoutNulls(phases: unknown, wanted: Partial<Phases>): unknown {
  if (typeof phases !== 'object' || phases === null) return phases
  const says = ([name, value]: [string, unknown]): boolean =>
    value !== null || wanted[name as keyof Phases] !== null
  return Object.fromEntries(Object.entries(phases).filter(says))
}

/** In one order, whatever the order of the program's own object. */
function shown(phases: unknown): string {
  if (typeof phases !== 'object' || phases === null) return String(phases)
  const known = phases as Partial<Record<string, unknown>>
  const names = ['dns', 'connect', 'request', 'response', 'total', 'reused']
  const there = names.filter((name) => known[name] !== undefined)
  return there.map((name) => `${name} ${String(known[name])}`).join(', ') || 'no phase'
}

export async function expectShare(c: Check, phases: Phases, wanted: number): Promise<void> {
  const share = await c.learner.call<number>('setupShare', phases)
  const isRight = typeof share === 'number' && Math.abs(share - wanted) < 1e-9
  c.expect(isRight, `a share of ${wanted} for ${shown(phases)}`, String(share))
}

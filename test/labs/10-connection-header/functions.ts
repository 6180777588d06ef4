import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import * as model from './model.ts'
import type { Line, Message, Role, Version } from './model.ts'
import { COUNTED, MAX_FORWARDS, NO_NUMBERS, SAYINGS, TARGETS, UNCOUNTED, type Lines } from './tables.ts'
import { brief, drawNames, expectLines, isHeaders, isTexts, linesOf, shown, shuffled, told } from './words.ts'

/** The four functions of lab 10 against the model: all rows of a table in each run, in an order of its own. */

type Table = Readonly<Record<string, readonly Lines[]>>

// --- connectionOptions ---

export function listsOf(table: Table): Conversations<Lines> {
  return { scripts: table, play: (c, rows) => compareAll(c, shuffled(c, rows), compareOptions) }
}

async function compareOptions(c: Check, row: Lines): Promise<void> {
  const headers = linesOf(row, drawNames(c))
  const options: unknown = await c.learner.call('connectionOptions', headers)
  c.expectEqual(options, model.optionsOf(headers), `the options of ${shown(headers)}`)
}

// --- fieldsToRemove ---

/** Told what is removed, and what is not, for this requirement of the page. */
export function removals(requirement: string, table: Table): Conversations<Lines> {
  const compare = (c: Check, row: Lines): Promise<void> => compareRemoved(c, row, requirement)
  return { scripts: table, play: (c, rows) => compareAll(c, shuffled(c, rows), compare) }
}

async function compareRemoved(c: Check, row: Lines, requirement: string): Promise<void> {
  const headers = linesOf(row, drawNames(c))
  const names: unknown = await c.learner.call('fieldsToRemove', headers)
  const of = `of ${shown(headers)}`
  await c.blame(requirement, () => {
    c.expect(isTexts(names), `a list of names ${of}`, told(names))
    const all = names as string[]
    const odd = all.find((name, at) => name !== name.toLowerCase() || all.indexOf(name) !== at)
    c.expect(odd === undefined, `names in lower case, each once, ${of}`, `${odd}`)
  })
  for (const [name] of headers) {
    const why = model.whyRemoved(name, headers)
    const held = (names as string[]).includes(name.toLowerCase())
    await c.blame(requirementOf(why, name, headers, requirement), () => {
      const holds = `fieldsToRemove holds ${name.toLowerCase()}: ${why ?? ''}`
      if (why !== null) c.expect(held, `${holds}, ${of}`, told(names))
      else c.expect(!held, `${name.toLowerCase()} not removed: it goes on, ${of}`, told(names))
    })
  }
}

/** Whose promise breaks where a field is kept or removed against the model. */
function requirementOf(
  why: string | null,
  name: string,
  headers: readonly Line[],
  otherwise: string,
): string {
  const named = model.optionsOf(headers)
  if (why === 'Connection names it') return named.some(model.isOurs) ? 'R4' : 'R2'
  if (why !== null) return 'R3'
  return named.includes(name.toLowerCase()) ? 'R4' : otherwise
}

// --- forward ---

export interface Passing {
  readonly lines: Lines
  /** Another one is drawn where none is given. */
  readonly method?: string
  readonly target?: string
}

/** Each row in a request and in a response. */
export function forwarding(requirement: string, table: Table): Conversations<Passing> {
  const scripts = Object.fromEntries(
    Object.entries(table).map(([name, rows]) => [name, rows.map((lines) => ({ lines }))]),
  )
  const compare = async (c: Check, { lines }: Passing): Promise<void> => {
    await compareForwarded(c, requirement, drawRequest(c, { lines }))
    await compareForwarded(c, requirement, drawResponse(c, lines))
  }
  return { scripts, play: (c, rows) => compareAll(c, shuffled(c, rows), compare) }
}

export const TARGETED: Conversations<Passing> = {
  scripts: { 'a target of every kind': TARGETS.map((target) => ({ lines: ['Host: h.example'], target })) },
  play: (c, rows) =>
    compareAll(c, shuffled(c, rows), (check, row) => compareForwarded(check, 'R5', drawRequest(check, row))),
}

export const COUNTING: Conversations<Passing> = {
  scripts: {
    'TRACE and OPTIONS': COUNTED.flatMap((method) =>
      [...MAX_FORWARDS, ...NO_NUMBERS].map((value) => limited(method, value)),
    ),
    'TRACE and OPTIONS without it': COUNTED.map((method) => ({
      method,
      lines: ['$A: 5', 'X-Max-Forwards: 5'],
    })),
    'any other method': UNCOUNTED.flatMap((method) =>
      ['0', '1', '10', 'a'].map((value) => limited(method, value)),
    ),
    'a response': ['0', '1', '10', 'a'].map((value) => ({ lines: limited('', value).lines, method: '' })),
  },
  play: (c, rows) =>
    compareAll(c, shuffled(c, rows), (check, row) =>
      compareForwarded(
        check,
        'R7',
        row.method === '' ? drawResponse(check, row.lines) : drawRequest(check, row),
      ),
    ),
}

/** Its number is another one, and its line stays where it was. */
export const COUNTED_LINES: Conversations<Passing> = {
  scripts: {
    'Max-Forwards in any case': COUNTED.flatMap((method) =>
      ['max-forwards', 'MAX-FORWARDS', 'mAX-fORWARDS'].map((name) => limited(method, '3', name)),
    ),
  },
  play: (c, rows) =>
    compareAll(c, shuffled(c, rows), (check, row) => compareForwarded(check, 'R5', drawRequest(check, row))),
}

function limited(method: string, value: string, name = 'Max-Forwards'): Passing {
  return {
    method,
    lines: ['$A: 1', `${name}: ${value}`, 'Connection: $b, Max-Forwards', '$B: 2', '$C: 3'],
  }
}

function drawRequest(c: Check, { lines, method, target }: Passing): Message {
  return {
    method: method ?? c.random.pick(['GET', 'POST', 'PUT', 'DELETE', 'brew']),
    target: target ?? `/${c.random.word()}?${c.random.word()}=%2F`,
    ...drawRest(c, lines),
  }
}

function drawResponse(c: Check, lines: Lines): Message {
  return { status: c.random.integer(205, 599), reason: `${c.random.word()} HTTP/1.0`, ...drawRest(c, lines) }
}

function drawRest(c: Check, lines: Lines): Pick<Message, 'version' | 'headers' | 'body'> {
  const version = c.random.pick(['1.0', '1.1'] as const)
  return { version, headers: linesOf(lines, drawNames(c)), body: c.random.bytes(c.random.integer(0, 40)) }
}

async function compareForwarded(c: Check, requirement: string, message: Message): Promise<void> {
  const hop = { name: `${c.random.word()}:${c.random.integer(1, 65_535)}`, received: message.version }
  const passed: unknown = await c.learner.call('forward', message, hop)
  const kind = message.method === undefined ? 'response' : `${message.method} request`
  const where = `in the ${kind} that goes on, of ${shown(message.headers)}`
  const headers = (passed as Message | null | undefined)?.headers
  await c.blame('R5', () => {
    c.expect(isHeaders(headers), `a message with a list of fields, ${where}`, told(passed))
    expectRest(c, passed as Message, message, where)
  })
  await compareFields(c, requirement, message, headers as Line[], where)
  const via = (headers as Line[]).filter(([name]) => name.toLowerCase() === 'via').map(([, value]) => value)
  await c.blame('R6', () => c.expectEqual(model.viaOf(via), model.viaAfter(message, hop), `Via ${where}`))
}

/** All but the fields. */
function expectRest(c: Check, passed: Message, message: Message, where: string): void {
  for (const part of ['method', 'target', 'status', 'reason'] as const)
    c.expect(passed[part] === message[part], `${part} ${message[part]} ${where}`, told(passed[part]))
  c.expect(passed.version === '1.1', `version 1.1 ${where}`, told(passed.version))
  c.expect(passed.body instanceof Uint8Array, `the body ${where}`, told(passed.body))
  c.expectBytes(passed.body, message.body, `the body ${where}`)
}

/** Blames what is removed or lost on the promise about it, and everything else on R5. */
async function compareFields(
  c: Check,
  requirement: string,
  message: Message,
  headers: readonly Line[],
  where: string,
): Promise<void> {
  const left = model.maxForwardsAfter(message)
  for (const [name] of message.headers) {
    if (left !== null && isLimit(name)) continue
    const why = model.whyRemoved(name, message.headers)
    const there = headers.some(([given]) => given.toLowerCase() === name.toLowerCase())
    await c.blame(requirementOf(why, name, message.headers, 'R5'), () => {
      if (why === null) c.expect(there, `${name} ${where}: it goes on`, `no ${name}: it was lost`)
      else c.expect(!there, `no ${name} ${where}: ${why}`, `${name} there`)
    })
  }
  await c.blame('R7', () => {
    const values = (all: readonly Line[]) => all.filter(([name]) => isLimit(name)).map(([, value]) => value)
    if (left === null) c.expectEqual(values(headers), values(message.headers), `Max-Forwards ${where}`)
    else expectFewer(c, headers, left, where)
  })
  const rest = headers.filter(([name]) => !isVia(name) && !(left !== null && isLimit(name)))
  await c.blame(requirement === 'R7' ? 'R7' : 'R5', () => expectLines(c, rest, model.keptOf(message), where))
  if (left !== null) await c.blame('R5', () => expectInPlace(c, message, headers, where))
}

/** The line whose number counts down, among the others: it has the name that it came with. */
function expectInPlace(c: Check, message: Message, headers: readonly Line[], where: string): void {
  const fewer = headers.find(([name]) => isLimit(name))?.[1] ?? ''
  const wanted = message.headers
    .filter(([name]) => model.whyRemoved(name, message.headers) === null && !isVia(name))
    .map(([name, value]): Line => [name, isLimit(name) ? fewer : value])
  const seen = headers.filter(([name]) => !isVia(name))
  expectLines(c, seen, wanted, where)
}

const isVia = (name: string): boolean => name.toLowerCase() === 'via'
const isLimit = (name: string): boolean => name.toLowerCase() === 'max-forwards'

/** Exact, as far as everybody counts; beyond that, fewer. */
function expectFewer(c: Check, headers: readonly Line[], left: bigint, where: string): void {
  const values = headers.filter(([name]) => isLimit(name)).map(([, value]) => value)
  const [value = ''] = values
  const most = BigInt(Number.MAX_SAFE_INTEGER)
  const isNumber = values.length === 1 && /^[0-9]+$/.test(value)
  const given = isNumber ? BigInt(value) : -1n
  const holds = left < most ? given === left : given >= 2n ** 31n - 1n && given <= left
  const wanted = left < most ? `${left}` : 'a number, written in digits, that is lower than what came'
  c.expect(
    holds,
    `Max-Forwards: ${wanted} ${where}: TRACE and OPTIONS count, named in Connection or not`,
    brief(`Max-Forwards: ${values.join(' and ')}`),
  )
}

// --- persists ---

export interface Decision {
  readonly role: Role
  /** `1.0` or `1.1`, and the number of what it says in SAYINGS. */
  readonly request: readonly [Version, number]
  readonly response: readonly [Version, number]
}

/** All that two messages may say, for each of these roles. */
export function decisions(...roles: readonly Role[]): Conversations<Decision> {
  const each = (['1.0', '1.1'] as const).flatMap((version) =>
    SAYINGS.map((_, saying) => [version, saying] as const),
  )
  const rowsOf = (role: Role, version: Version): Decision[] =>
    each
      .filter(([given]) => given === version)
      .flatMap((request) => each.map((response) => ({ role, request, response })))
  const scripts = roles.flatMap((role) =>
    (['1.0', '1.1'] as const).map((version): [string, Decision[]] => [
      `a ${role}, and a request of HTTP/${version}`,
      rowsOf(role, version),
    ]),
  )
  return { scripts: Object.fromEntries(scripts), play: (c, rows) => compareAll(c, shuffled(c, rows), decide) }
}

async function decide(c: Check, { role, request, response }: Decision): Promise<void> {
  const [asked, answered] = [request, response].map(([version, saying]) => {
    const headers = linesOf([...(SAYINGS[saying] ?? []), 'Content-Length: 2'], drawNames(c))
    return { version, headers, body: Buffer.from('ok') }
  })
  if (!asked || !answered) return
  const exchange = {
    request: { method: 'POST', target: `/${c.random.word()}`, ...asked },
    response: { status: 200, reason: 'OK', ...answered },
    role,
  }
  const call: Call<unknown> = c.learner.call('persists', exchange)
  const { persists, why } = model.stepOf(role, saidBy(asked), saidBy(answered))
  const saying = (message: Pick<Message, 'version' | 'headers'>): string =>
    `HTTP/${message.version} with ${shown(message.headers.slice(0, -1))}`
  const of = `for a ${role}, request ${saying(asked)}, response ${saying(answered)}`
  const value = await call
  await c.blame(role === 'proxy' ? 'R9' : 'R8', () =>
    c.expect(value === persists, `${persists}: ${why}, ${of}`, told(value)),
  )
}

// --- internal ---

function saidBy({ version, headers }: Pick<Message, 'version' | 'headers'>): model.Said {
  return { version, options: model.optionsOf(headers) }
}

async function compareAll<Row>(
  c: Check,
  rows: readonly Row[],
  compare: (c: Check, row: Row) => Promise<void>,
): Promise<void> {
  for (const row of rows) await compare(c, row)
}

import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { askedFor, type Asked } from './model.ts'
import {
  answer,
  expectAllSteps,
  expectHost,
  expectOneLookup,
  expectPlace,
  expectResponse,
  expectTarget,
  recordSteps,
  sendAll,
  sentence,
} from './scenes.ts'

/** One call of fetchOnce. In the URL, NAME is another word each time, and PORT another port. */
interface Get {
  readonly get: string
  /** What `options.lookup` answers; without it the system is asked. */
  readonly lookup?: string
  /** What the system answers. */
  readonly knows?: string
  /** How it goes; answered at once if not said. */
  readonly goes?: 'at once' | 'later' | 'refused' | 'unknown'
}

/** Every kind of URL, and calls behind one another and side by side. */
export const REQUESTS: Conversations<Get> = {
  scripts: {
    ...urls(),
    'a second call asks again for the name': [
      { get: 'http://NAME.example/a', lookup: '192.0.2.30' },
      { get: 'http://NAME.example/b', lookup: '192.0.2.40' },
    ],
    'a second call without a lookup asks the system': [
      { get: 'http://NAME.example/a', lookup: '192.0.2.30' },
      { get: 'http://NAME.example/b' },
    ],
    'two calls at once': [
      { get: 'http://NAME.example/a', goes: 'later' },
      { get: 'http://NAME.example:PORT/b', lookup: '192.0.2.30', goes: 'later' },
    ],
    'a name with an address of IPv6': [
      { get: 'http://NAME.example/a', knows: '2001:db8::6' },
      { get: 'http://NAME.example:PORT/b', lookup: '2001:db8::6' },
    ],
    'a lookup that fails for now': [
      { get: 'http://NAME.example/a', goes: 'unknown', lookup: '' },
      { get: 'http://NAME.example/b', lookup: '192.0.2.30' },
    ],
    'a call after one that was refused': [
      { get: 'http://NAME.example:PORT/a', goes: 'refused' },
      { get: 'http://NAME.example/b' },
    ],
    'a call after one whose name is unknown': [
      { get: 'http://NAME.nowhere/a', goes: 'unknown' },
      { get: 'http://NAME.example/b' },
    ],
    'an address that refuses': [{ get: 'http://[2001:db8::5]:PORT/', goes: 'refused' }],
    'an address that refuses port 80': [{ get: 'http://192.0.2.77/', goes: 'refused' }],
  },
  drawn: 3,
  draw: (random) => Array.from({ length: random.integer(1, 3) }, () => drawGet(random)),
  play,
}

// --- internal ---

const SYSTEM = '192.0.2.20'

function urls(): Record<string, readonly Get[]> {
  const all = [
    'http://NAME.example',
    'http://NAME.example?a=NAME',
    'http://NAME.example#NAME',
    'http://NAME.example/#a?b',
    'http://NAME.example:80/',
    'http://NAME.example:443/',
    'http://NAME.example:PORT/NAME?x=/#y',
    'http://NAME.example//a//NAME/?b//c',
    'http://NAME.example/a%2Fb%20c;v=1/~NAME?d=%26&e=+&f=?#g',
    'http://NAME.example/a/?url=http://b.example:1/c',
    'http://NAME.example/@b:c/NAME',
    'http://user:pass@NAME.example/a',
    'http://user@NAME.example:PORT/',
    'http://1NAME.example/',
    'http://3com/',
    'http://NAME-a.b-NAME.example/',
    'http://NAME.example./a',
    'http://NAME.example/a b/../NAME c/./d?e f"g',
    'http://NAME.example/\u00e9/%E9?\u00fc',
    'http://NAME.example/a?',
    'http://localhost:PORT/NAME',
    'http://192.0.2.77:PORT/',
    'http://127.0.0.2:PORT/a',
    'http://[::1]:PORT/',
    'http://[2001:db8::7]/NAME',
    'http://[2001:db8::a:b]:PORT/',
  ]
  // Where lookup is given, it alone knows the address.
  return Object.fromEntries(
    all.map((get, index) => [get, [index % 5 === 0 ? { get } : { get, lookup: '192.0.2.30' }]]),
  )
}

function drawGet(random: Random): Get {
  const host = random.pick(['NAME.example', 'NAME.example:PORT', '192.0.2.77:PORT', '[2001:db8::9]:PORT'])
  const target = random.pick(['', '/', '/a/NAME', '?b=NAME', '/c?d#e'])
  const goes = random.pick(['later', 'refused', 'at once'] as const)
  const lookup = random.pick(['192.0.2.30', '192.0.2.40', ''])
  return { get: `http://${host}${target}`, goes, ...(lookup && { lookup }) }
}

/** A call under way. */
interface Under {
  readonly asked: Asked
  readonly host: string
  readonly call: Call<Response>
  readonly steps: readonly string[]
  readonly connection: Connection
  /** What it is answered with. */
  readonly body: string
}

async function play(c: Check, gets: readonly Get[]): Promise<void> {
  const [name, port] = [c.random.word(), c.random.integer(8_000, 60_000)]
  const later: Under[] = []
  // No limit of time is part of a request: what comes comes at once.
  c.learner.holdClock()
  for (const get of gets) {
    const url = get.get.replaceAll('NAME', name).replaceAll('PORT', String(port))
    const under =
      get.goes === 'refused' || get.goes === 'unknown' ? await fails(c, url, get) : await begins(c, url, get)
    if (under && get.goes === 'later') later.push(under)
    else if (under) await ends(c, under)
  }
  await inTurns(c, later.reverse())
  await c.blame('R8', () => c.learner.leavesNothing())
}

function start(c: Check, url: string, { lookup, goes }: Get) {
  const { steps, onStep } = recordSteps()
  const names: string[] = []
  const own = async (host: string): Promise<string> => {
    names.push(host)
    if (goes === 'unknown')
      throw Object.assign(new Error(`getaddrinfo EAI_AGAIN ${host}`), { code: 'EAI_AGAIN' })
    return lookup ?? ''
  }
  const call = c.learner.call<Response>(
    'fetchOnce',
    url,
    lookup === undefined ? { onStep } : { onStep, lookup: own },
  )
  return { steps, names, call }
}

async function begins(c: Check, url: string, get: Get): Promise<Under> {
  const asked = askedFor(url)
  const host = new URL(url).hostname
  const origin = await originFor(c, asked, host, get)
  const { steps, names, call } = start(c, url, get)
  await c.learner.idle()
  if (get.lookup !== undefined && asked.address === null)
    await c.blame('R2', () => expectOneLookup(c, names, host))
  if (asked.address !== null)
    await c.blame('R3', () =>
      c.expect(names.length === 0, `no lookup: ${asked.address} is an address`, `a lookup of "${names[0]}"`),
    )
  const connection = await origin.connection({ as: `a connection to port ${asked.port} for ${url}` })
  await compareRequest(c, await connection.request({ as: `the request for ${url}` }), connection, asked)
  await c.blame('R2', () =>
    c.expect(steps.includes('request'), '`request` reported: the whole request has come', shownSteps(steps)),
  )
  return { asked, host, call, steps, connection, body: sentence(c) }
}

/** Where a right program goes, and nowhere else. */
async function originFor(
  c: Check,
  { address, port }: Asked,
  host: string,
  { lookup, knows = SYSTEM }: Get,
): Promise<Listener> {
  const origin = await c.listen({ name: 'origin' })
  if (address === null && lookup === undefined && host !== 'localhost') c.learner.names({ [host]: knows })
  const at = address ?? lookup ?? (host === 'localhost' ? '127.0.0.1' : knows)
  c.learner.permit(at, port, origin)
  return origin
}

async function compareRequest(
  c: Check,
  request: HttpMessage,
  connection: Connection,
  asked: Asked,
): Promise<void> {
  const { startLine, headers } = request
  const named = (name: string): string[] =>
    headers.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []))
  await c.blame('R1', () => {
    c.expect(
      /^GET .* HTTP\/1\.1$/.test(startLine),
      'a request line such as "GET /a HTTP/1.1"',
      JSON.stringify(startLine),
    )
    c.expect(named('host').length === 1, 'one Host field in the request', `${named('host').length}`)
    for (const field of ['content-length', 'transfer-encoding', 'expect'])
      c.expect(
        named(field).every((value) => field === 'content-length' && value === '0'),
        'no field that announces a body',
        `${field}: ${named(field)[0]}`,
      )
    const behind = connection.unread.length + request.body.length
    c.expect(behind === 0, 'nothing behind the blank line of the request', `${behind} bytes more`)
  })
  await c.blame('R3', () => expectHost(c, request, asked.hosts))
  await c.blame('R4', () => expectTarget(c, request, asked.target))
  await c.blame('R4', () => expectOnlyClose(c, named('connection')))
}

function expectOnlyClose(c: Check, values: readonly string[]): void {
  const options = values
    .join(',')
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
  const saw =
    values.length === 0 ? 'no Connection field' : values.map((value) => `Connection: ${value}`).join(', ')
  c.expect(
    options.includes('close') && !options.includes('keep-alive'),
    '`Connection: close`, and no keep-alive beside it',
    saw,
  )
}

async function ends(c: Check, under: Under): Promise<void> {
  await sendAll(under.connection, answer(under.body))
  await whole(c, under)
}

/** First the half of each answer, then the rest: what has come on one connection is nothing to another call. */
async function inTurns(c: Check, calls: readonly Under[]): Promise<void> {
  for (const { connection, body } of calls) await connection.send(answer(body).subarray(0, -5))
  await c.learner.idle()
  for (const under of calls) {
    await under.connection.send(answer(under.body).subarray(-5))
    await under.connection.fin()
    await whole(c, under)
  }
}

async function whole(c: Check, { call, steps, body }: Under): Promise<void> {
  await c.blame('R5', () => expectResponse(c, call, { body }))
  await c.blame('R2', () => expectAllSteps(c, steps))
}

async function fails(c: Check, url: string, get: Get): Promise<null> {
  const asked = askedFor(url)
  const host = new URL(url).hostname
  const at = asked.address ?? get.lookup ?? SYSTEM
  if (get.goes === 'refused') {
    if (asked.address === null && get.lookup === undefined) c.learner.names({ [host]: SYSTEM })
    c.learner.permit(at, asked.port, 'refused')
  }
  const before = await tries(c, at, asked.port)
  const { call, steps, names } = start(c, url, get)
  const error = await call.rejects()
  const after = await tries(c, at, asked.port)
  if (get.goes === 'refused')
    await c.blame('R1', () =>
      c.expect(after - before === 1, 'one connection tried, and not a second time', `${after - before}`),
    )
  if (get.lookup !== undefined && asked.address === null)
    await c.blame('R2', () => expectOneLookup(c, names, host))
  await c.blame('R6', () => {
    c.expectEqual(error.code, codeOf(get), 'the `code` of the error')
    expectPlace(c, error.message, host.replace(/^\[|\]$/g, ''), asked.port)
    const early = steps.filter((step) => ['connect', 'request', 'response'].includes(step))
    c.expect(early.length === 0, 'no step reported that was not done', shownSteps(steps))
  })
  return null
}

function codeOf({ goes, lookup }: Get): string {
  if (goes === 'refused') return 'ECONNREFUSED'
  return lookup === undefined ? 'ENOTFOUND' : 'EAI_AGAIN'
}

async function tries(c: Check, address: string, port: number): Promise<number> {
  const calls = await c.learner.handleCalls()
  return calls.filter((call) => call === `connect(${address}, ${port})`).length
}

function shownSteps(steps: readonly string[]): string {
  return steps.length === 0 ? 'no step reported' : `reported: ${steps.join(', ')}`
}

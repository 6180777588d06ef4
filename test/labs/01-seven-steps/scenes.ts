import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage, Listener } from '../../../workbook/grading/check.ts'

/** What lab 01 draws, serves and records, and what it expects of steps and responses. */

const STEPS = ['host', 'address', 'connect', 'request', 'response', 'close']
export const ADDRESS = '192.0.2.10'

type OnStep = (step: string) => void
interface Options {
  readonly lookup?: (host: string) => Promise<string>
  readonly onStep?: OnStep
}

export function fetchOnce(c: Check, url: string, options?: Options): Call<Response> {
  return options
    ? c.learner.call<Response>('fetchOnce', url, options)
    : c.learner.call<Response>('fetchOnce', url)
}

/** A server behind a new name, at ADDRESS. */
export async function originAt(c: Check, port: number): Promise<{ host: string; origin: Listener }> {
  const host = `${c.random.word()}.example`
  c.learner.names({ [host]: ADDRESS })
  const origin = await c.listen({ name: 'origin' })
  c.learner.permit(ADDRESS, port, origin)
  return { host, origin }
}

/** A server at an address: the right one, or the one to which a mistake leads. */
export async function serverAt(c: Check, address: string, port: number, name = 'origin'): Promise<Listener> {
  const listener = await c.listen({ name })
  c.learner.permit(address, port, listener)
  return listener
}

/** A call whose request has come: the answer is up to the check. */
export async function requested(
  c: Check,
): Promise<{ call: Call<Response>; connection: Connection; steps: string[] }> {
  const { host, origin } = await originAt(c, 80)
  const { steps, onStep } = recordSteps()
  const call = fetchOnce(c, `http://${host}/${c.random.word()}`, { onStep })
  const connection = await origin.connection()
  await connection.request()
  return { call, connection, steps }
}

/** Takes the request of a call under way, answers it the easy way, and sees the call through. */
export async function exchange(c: Check, origin: Listener, call: Call<Response>): Promise<HttpMessage> {
  const connection = await origin.connection()
  const request = await connection.request()
  await sendAll(connection, answer(c.random.word()))
  await call
  await c.learner.idle()
  return request
}

export async function sendAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  await connection.send(bytes)
  await connection.fin()
}

interface AnswerParts {
  readonly status?: string
  readonly fields?: readonly string[]
}

/** The raw bytes of a response; with its Content-Length where no fields are given. */
export function answer(body: string | Uint8Array, { status = '200 OK', fields }: AnswerParts = {}): Buffer {
  const content = Buffer.from(body as string)
  const lines = [`HTTP/1.1 ${status}`, ...(fields ?? [`Content-Length: ${content.length}`])]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content])
}

export function sentence(c: Check): string {
  return `${c.random.word()} and ${c.random.word()} and ${c.random.word()}`
}

/** Every byte value, a blank line, cut characters: what text would not survive. Large enough for many reads. */
export function awkwardBody(c: Check): Buffer {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
  const blankLine = Buffer.from('\r\n\r\nHTTP/1.1 500 Not A Head\r\n\r\n')
  return Buffer.concat([everyByte, blankLine, c.random.bytes(c.random.integer(100_000, 150_000))])
}

export function recordSteps(): { steps: string[]; onStep: OnStep } {
  const steps: string[] = []
  return { steps, onStep: (step) => void steps.push(step) }
}

/** A lookup that knows one answer, perhaps later, and the names it was asked for. */
export function recordLookups(answered: Promise<string> = Promise.resolve(ADDRESS)): {
  asked: string[]
  lookup: (name: string) => Promise<string>
} {
  const asked: string[] = []
  const lookup = (name: string): Promise<string> => {
    asked.push(name)
    return answered
  }
  return { asked, lookup }
}

export function createGate<T>(): { opened: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => undefined
  const opened = new Promise<T>((resolve) => (open = resolve))
  return { opened, open }
}

/** Neither 80 nor a port that the URL parser knows. */
export function drawPort(c: Check): number {
  return c.random.integer(8_000, 60_000)
}

function shown(steps: readonly string[]): string {
  return steps.length === 0 ? 'no step reported' : `reported: ${steps.join(', ')}`
}

/** The steps up to `last` are done, and nothing beyond. `port` comes when it likes, after `host`. */
export function expectReached(c: Check, steps: readonly string[], last: string, why: string): void {
  const wanted = STEPS.slice(0, STEPS.indexOf(last) + 1)
  expectOnly(c, steps, last, why)
  const reached = steps.filter((step) => step !== 'port').join() === wanted.join()
  c.expect(reached, `reported so far: ${wanted.join(', ')}`, shown(steps))
}

export function expectOnly(c: Check, steps: readonly string[], last: string, why: string): void {
  const early = STEPS.slice(STEPS.indexOf(last) + 1).find((step) => step !== 'close' && steps.includes(step))
  c.expect(early === undefined, `no \`${early}\` yet: ${why}`, shown(steps))
}

export function expectNoResponse(c: Check, steps: readonly string[]): void {
  expectOnly(c, steps, 'request', 'the response never became whole')
}

export function expectAllSteps(c: Check, steps: readonly string[]): void {
  const order = steps.filter((step) => step !== 'port')
  c.expect(order.join() === STEPS.join(), `each once, in this order: ${STEPS.join(', ')}`, shown(steps))
  const place = steps.indexOf('port')
  const once = place === steps.lastIndexOf('port')
  const between = place > steps.indexOf('host') && place < steps.indexOf('connect')
  c.expect(once && between, '`port` once, between `host` and `connect`', shown(steps))
}

export function expectOneLookup(c: Check, asked: readonly string[], host: string): void {
  const saw = asked.length === 0 ? 'none: the address came from somewhere else' : `${asked.length} lookups`
  c.expect(asked.length === 1, 'one lookup, through `options.lookup`', saw)
  c.expectEqual(asked[0], host, 'the name that was looked up')
}

export function expectPlainGet(c: Check, request: HttpMessage): void {
  const line = JSON.stringify(request.startLine)
  c.expect(/^GET .+ HTTP\/1\.1$/.test(request.startLine), 'a request line such as "GET /a HTTP/1.1"', line)
  const saw = 'no Host: a server must refuse such a request with 400'
  c.expect(request.header('host') !== null, 'a Host field in the request', saw)
}

export function expectHost(c: Check, request: HttpMessage, accepted: readonly string[]): void {
  const host = request.header('host')
  const saw = host === null ? 'no Host field' : `Host: ${host}`
  c.expect(
    accepted.includes(host?.toLowerCase() ?? ''),
    `\`Host: ${accepted[0]}\`, as the URL writes host and port`,
    saw,
  )
}

export function portInHost(request: HttpMessage, host: string, port: number): string {
  const seen = request.header('host')?.toLowerCase()
  return seen === host ? 'a' : seen === `${host}:${port}` ? 'b' : 'c'
}

export function expectTarget(c: Check, request: HttpMessage, target: string): void {
  const [, rest = ''] = /^GET (.*) HTTP\/1\.1$/.exec(request.startLine) ?? []
  const absolute = `the absolute-form, which is for proxies: ${JSON.stringify(rest)}`
  const saw = rest.startsWith('http') ? absolute : JSON.stringify(request.startLine)
  c.expect(rest === target, `the request target \`${target}\`, in origin-form`, saw)
}

export function expectSettled(c: Check, call: Call<Response>, why: string): void {
  const saw = 'a promise still pending: your program waits for more bytes, or for a FIN'
  c.expect(call.settled, `a response: ${why}`, saw)
}

export function expectPlace(c: Check, message: string, host: string, port: number): void {
  const place = `${host} and port ${port} in the error's message`
  c.expect(message.includes(host), place, `no host in it: ${JSON.stringify(message)}`)
  c.expect(message.includes(String(port)), place, `no port in it: ${JSON.stringify(message)}`)
}

interface Wanted {
  readonly status?: number
  readonly reason?: string
  readonly fields?: readonly string[]
  readonly body: string | Uint8Array
}

export async function expectResponse(c: Check, call: Call<Response>, wanted: Wanted): Promise<void> {
  const { status = 200, reason = 'OK', fields, body } = wanted
  const response = (await call) as Partial<Response> | null | undefined
  c.expectEqual(response?.status, status, 'the status')
  c.expectEqual(response?.reason, reason, 'the reason phrase')
  c.expectEqual(response?.version, '1.1', 'the version')
  const pairs = fields?.map((line) => line.split(': '))
  if (pairs) c.expectEqual(response?.headers, pairs, 'the fields, in the order and case of the wire')
  const bytes = response?.body
  if (!(bytes instanceof Uint8Array))
    c.fail('the body as bytes, in a Uint8Array', `a body that is ${typeof bytes}`)
  c.expectBytes(bytes, body, 'the body')
}

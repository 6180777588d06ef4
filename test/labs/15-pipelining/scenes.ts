import { field, type Headers, type Request, type Response } from '../../../labs/kit/http.ts'
import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'

/** What lab 15 draws for both ends: requests with the answers that belong to them, and their bytes. */

/** A request, and the answer that belongs to it. */
export interface Errand {
  readonly request: Request
  readonly response: Response
  /** The answer's body. */
  readonly body: Buffer
}

/** A check draws as many as it names. */
export type Errands = readonly [Errand, Errand, Errand, ...Errand[]]

export interface Sizes {
  /** Bytes of a request's body, of an answer's body. */
  readonly bodies?: number
  readonly answers?: number
}

const HAS_BODY = new Set(['PUT', 'POST', 'PATCH'])

export const gets = (count: number): string[] => Array<string>(count).fill('GET')
export const name = ({ method, target }: Pick<Request, 'method' | 'target'>) => `${method} ${target}`

/**
 * @param words - The method; behind it `close` where the request says so, or each value of its Connection in
 *   brackets; `last` where the answer says close, and `kept` where it says keep-alive; `=404` is its status.
 * @param number - No other errand of the check has it.
 */
export function drawErrand(c: Check, words: string, number: number, sizes: Sizes = {}): Errand {
  const [method = ''] = words.split(' ')
  const lines = [...words.matchAll(/\((.*?)\)/g)].map(([, value = '']) => value)
  const asked = / close\b/.test(words.replaceAll(/\(.*?\)/g, '')) ? ['close'] : lines
  const answered = / last\b/.test(words) ? ['close'] : / kept\b/.test(words) ? ['keep-alive'] : []
  const body = pattern(c, sizes.answers ?? c.random.integer(2, 300))
  return {
    request: {
      method,
      target: `/${c.random.word()}-${number}`,
      version: '1.1',
      headers: [['Host', 'a.example'], ...connection(asked)],
      body: HAS_BODY.has(method) ? pattern(c, sizes.bodies ?? c.random.integer(2, 300)) : Buffer.alloc(0),
    },
    response: {
      version: '1.1',
      status: Number(/ =(\d+)/.exec(words)?.[1] ?? 200),
      reason: 'As It Is',
      headers: [['X-Answer', c.random.word()], ...connection(answered)],
      body,
    },
    body,
  }
}

export function drawErrands(c: Check, all: readonly string[], sizes: Sizes = {}): Errands {
  return all.map((words, index) => drawErrand(c, words, index + 1, sizes)) as unknown as Errands
}

/** Drawing each byte of megabytes would be slow; a block of a prime length shows every shift. */
const pattern = (c: Check, length: number) => Buffer.alloc(length, c.random.bytes(97))

const connection = (values: readonly string[]): Headers => values.map((value) => ['Connection', value])

/** The bytes of a request, as the grader's client sends them. */
export function requestBytes({ method, target, headers, body }: Request): Buffer {
  const length = body.length > 0 ? `Content-Length: ${body.length}\r\n` : ''
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines(headers)}${length}\r\n`), body])
}

export interface Says {
  /** Each line of Connection. */
  readonly says?: readonly string[]
  readonly version?: '1.0'
}

/** The bytes of an answer, as the grader's origin sends them. */
export function answer({ response, body }: Errand, { says = [], version }: Says = {}): Buffer {
  const fields = lines([...response.headers, ...connection(says)])
  const head = `HTTP/${version ?? '1.1'} ${response.status} As It Is\r\n${fields}Content-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

const lines = (headers: Headers): string => headers.map(([key, value]) => `${key}: ${value}\r\n`).join('')

export function interim(status: number): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} Not Yet\r\nLink: </a.css>; rel=preload\r\n\r\n`)
}

/** All of these bytes, cut at a random place in every head and in every body, and nowhere else. */
export function cutInside(c: Check, messages: readonly Buffer[]): Buffer[] {
  const cuts = [0]
  let at = 0
  for (const message of messages) {
    const body = message.indexOf('\r\n\r\n') + 4
    cuts.push(at + c.random.integer(1, body - 1))
    if (message.length > body + 1) cuts.push(at + c.random.integer(body + 1, message.length - 1))
    at += message.length
  }
  const bytes = Buffer.concat(messages)
  return cuts.map((cut, index) => bytes.subarray(cut, cuts[index + 1]))
}

/** The options of a Connection field, whatever their case and in however many lines. */
export function optionsOf(value: string | null): string[] {
  return (value ?? '').split(',').map((option) => option.trim().toLowerCase())
}

export function saysClose({ headers }: Pick<Request, 'headers'>): boolean {
  return optionsOf(field(headers, 'connection')).includes('close')
}

/** An answer of the server's that has to say close. */
export function expectClose(c: Check, response: HttpMessage, { request }: Errand): void {
  const said = field(request.headers, 'connection')
  const why = said === null ? "the handler's answer says so" : `the request says Connection: ${said}`
  const seen = response.header('connection')
  const saw = seen === null ? 'an answer without it' : `Connection: ${seen}`
  const expected = `\`Connection: close\` in the answer to ${name(request)}, the last one: ${why}`
  c.expect(optionsOf(seen).includes('close'), expected, saw)
}

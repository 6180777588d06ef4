import type { Handler, Response } from '../../labs/kit/http.ts'
import type { Check, Connection, HttpMessage } from '../../workbook/grading/check.ts'

/** What lab 12 draws and sends: requests, handlers and their answers, bodies; and how it reads what comes. */

export type Version = '1.0' | '1.1'
export type Asking = { readonly version?: Version; readonly fields?: readonly string[] }

export const KEPT: Asking = { version: '1.0', fields: ['Connection: keep-alive'] }

export const wanted = (method: string, target: string, length: number) =>
  `${method} ${target} with ${length} bytes`
const MARK = { version: '1.1', status: 200, reason: 'OK', headers: [['X-Handled', 'yes']] } as const
export const text = (body: string): Response => ({ ...MARK, body: Buffer.from(body) })

/** A handler that finishes when the gate is opened; at once for any target but `slow`. */
export function gated(slow: string): { readonly handler: Handler; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const handler: Handler = async ({ target }) => {
    if (target === slow) await opened
    return text(wanted('GET', target, 0))
  }
  return { handler, open: () => open() }
}

export const get = (target: string, { version = '1.1', fields = [] }: Asking = {}): string =>
  [`GET ${target} HTTP/${version}`, 'Host: a.example', ...fields, '', ''].join('\r\n')
export const post = (target: string, fields: readonly string[]) =>
  get(target, { fields }).replace('GET', 'POST')

/** One option in each way to write it: its case, its place in a list, its line. Each stands for itself. */
export function writingsOf(c: Check, option: string): string[][] {
  const capital = option.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase())
  const [other, more] = [c.random.word(), c.random.word()]
  return [
    [`Connection: ${option}`],
    [`connection: ${c.random.pick([capital, option.toUpperCase()])}`],
    [`Connection: ${other},${option}`],
    [`Connection: ${capital} ,, ${other}`],
    [`Connection: ${other}`, `CONNECTION: ${capital}`],
    [`CONNECTION: ${more}, ${capital}`, `connection: ${other}`],
  ]
}

/** Options that only contain the word: as their beginning, their end, or somewhere inside. */
export const nearly = (c: Check, option: string): string =>
  [`${option}-${c.random.word()}`, `not-${option}`, `${option}d`, `un${option}d`].join(', ')

export function bodyLikeRequests(c: Check): Buffer {
  const request = Buffer.from(get('/in-the-body'))
  return Buffer.concat([request, c.random.bytes(50), request])
}

/** In two or more chunks, with an extension at the first one, and trailer fields if there are any. */
export function chunked(c: Check, body: Buffer, trailer = ''): Buffer {
  const chunks = c.random.split(body).flatMap((part, index) => {
    const size = part.length.toString(16)
    const line = index === 0 ? `${size};note=${c.random.word()}` : size.toUpperCase()
    return [Buffer.from(`${line}\r\n`), part, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)])
}

type Parts = { readonly status?: string; readonly fields?: readonly string[]; readonly length?: false }

export function answer(version: Version, body: string | Uint8Array, parts: Parts = {}): Buffer {
  const { status = '200 OK', fields = [], length } = parts
  const content = Buffer.from(body as string)
  const lengths = length === false ? [] : [`Content-Length: ${content.length}`]
  const head = [`HTTP/${version} ${status}`, ...fields, ...lengths, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), content])
}

export async function answerTo(
  c: Check,
  client: Connection,
  method: string,
  target: string,
  length = 0,
  as = `the answer to ${method} ${target}`,
) {
  const response = await client.response({ as })
  c.expectEqual(response.words[1], '200', `the status of the answer to ${target}`)
  c.expectEqual(response.header('x-handled'), 'yes', `X-Handled, a field of the handler's response`)
  c.expectBytes(response.body, wanted(method, target, length), `the answer to ${target}`)
  return response
}

const optionsOf = (message: HttpMessage): string[] =>
  (message.header('connection') ?? '').split(',').map((option) => option.trim().toLowerCase())

export function says(c: Check, message: HttpMessage, option: string, why: string, yes = true): void {
  const what = message.startLine.startsWith('HTTP/') ? 'answer' : 'request'
  const expected = `${yes ? '' : 'no '}\`Connection: ${option}\` in the ${what}: ${why}`
  const value = message.header('connection')
  const saw = value === null ? 'no Connection field' : `Connection: ${value}`
  c.expect(optionsOf(message).includes(option) === yes, expected, saw)
}

export const saysNot: typeof says = (c, message, option, why) => says(c, message, option, why, false)

/** A parameter of Keep-Alive. */
export function hintOf(response: HttpMessage, name: 'timeout' | 'max'): string | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*"?(\\d+)`, 'i').exec(response.header('keep-alive') ?? '')?.[1]
}

export function noHint(c: Check, response: HttpMessage, where: string): void {
  const hint = response.header('keep-alive')
  const expected = `no Keep-Alive in ${where}: \`Connection: keep-alive\` does not stand beside it`
  c.expect(hint === null || optionsOf(response).includes('keep-alive'), expected, `Keep-Alive: ${hint}`)
}

export function hasHost(c: Check, request: HttpMessage): void {
  const saw = 'no Host: a server must refuse such a request with 400'
  c.expect(request.header('host') !== null, 'a Host field in the request', saw)
}

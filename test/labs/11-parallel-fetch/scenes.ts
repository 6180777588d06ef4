import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Fate } from './model.ts'

/** What lab 11 draws, sends and compares: answers with their bytes, and the page that comes of them. */

export interface Page {
  readonly response?: Partial<Response>
  readonly images?: ReadonlyArray<{
    readonly target?: string
    readonly response?: Partial<Response>
    readonly failed?: unknown
  }>
}

export interface PageOptions {
  readonly maxConnections: number
  readonly reuse?: boolean
  readonly onEvent?: (event: unknown) => void
}

export function loadPage(c: Check, port: number, target: string, options: PageOptions): Call<Page> {
  return c.learner.call<Page>('loadPage', port, target, options)
}

/** How an answer is given. */
export interface Says {
  /** Names of fields in small letters. */
  readonly small?: boolean
  readonly status?: number
  readonly version?: '1.0'
  /** Each line of Connection. */
  readonly says?: readonly string[]
}

/** An answer of the server's, and how much of it has left. */
export interface Answer {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
  readonly bytes: Buffer
  readonly headLength: number
  sent: number
}

export function drawAnswer(
  c: Check,
  body: Buffer,
  { status = 200, version: old, says = [], small = false }: Says = {},
): Answer {
  const version = old ?? '1.1'
  const connection = says.map((line) => ['Connection', line] as const)
  const written = [
    ['X-Answer', c.random.word()],
    ...connection,
    ['Content-Length', String(body.length)],
  ] as const
  const headers = written.map(([name, value]) => [small ? name.toLowerCase() : name, value] as const)
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`HTTP/${version} ${status} As It Is\r\n${lines}\r\n`)
  const bytes = Buffer.concat([head, body])
  return { version, status, headers, body, bytes, headLength: head.length, sent: 0 }
}

/** RFC 9112 §9.3. */
export function persists({ version, says = [] }: Says): boolean {
  const said = (option: string): boolean => new RegExp(`(^|,) *${option} *(,|$)`, 'i').test(says.join(','))
  if (said('close')) return false
  return version === undefined || said('keep-alive')
}

/** Bytes of a body that have left. */
export const bodySent = ({ sent, headLength }: Answer): number => Math.max(0, sent - headLength)

export function drawTarget(c: Check, number: number): string {
  return `/${c.random.word()}-${number}.png${number % 2 === 0 ? '?w=40' : ''}`
}

/** A page with these images, in one piece. */
export function pageOf(targets: readonly string[]): Buffer {
  return Buffer.from(
    `<h1>Quay</h1>${targets.map((target) => `<img src="${target}">`).join('\n')}<p>That is all.</p>`,
  )
}

/** `what` is read by the learner: `the answer to GET /a`. */
export function expectResponse(
  c: Check,
  seen: Partial<Response> | undefined,
  answer: Answer,
  what: string,
): void {
  if (!seen || !(seen.body instanceof Uint8Array))
    c.fail(what, `a value without it: ${Object.keys(seen ?? {}).join()}`)
  c.expectEqual(seen.status, answer.status, `the status of ${what}`)
  c.expectEqual(seen.version, answer.version, `the version of ${what}`)
  c.expectEqual(seen.headers, answer.headers, `the headers of ${what}`)
  c.expectBytes(seen.body, answer.body, `the body of ${what}`)
}

/** The images of a page that is done, by the fate of each. */
export async function expectImages(
  c: Check,
  page: Page,
  fates: ReadonlyArray<readonly [string, Fate]>,
  answers: ReadonlyMap<string, Answer>,
): Promise<void> {
  const images = Array.isArray(page.images) ? page.images : []
  const targets = images.map((image) => image?.target)
  const expected = fates.map(([target]) => target)
  await c.blame('R5', () =>
    c.expectEqual(targets, expected, 'the targets of `images`, in the order of the document'),
  )
  for (const [index, [target, fate]] of fates.entries()) {
    const image = images[index]
    if (typeof fate === 'object') {
      await c.blame('R6', () => expectFailed(c, image?.failed, fate.failed, target))
      continue
    }
    const saw = `failed: ${String(image?.failed)}`
    await c.blame('R6', () => c.expect(image?.failed === undefined, `an answer for ${target}`, saw))
    const answer = answers.get(target) as Answer
    await c.blame('R5', () => expectResponse(c, image?.response, answer, `the answer to GET ${target}`))
  }
}

function expectFailed(c: Check, seen: unknown, code: string, target: string): void {
  const saw = seen === undefined ? 'none' : JSON.stringify(seen)
  const isWord = typeof seen === 'string' && seen.length > 0
  if (code === 'no HTTP')
    c.expect(isWord, `\`failed\` with a word for ${target}, whose answer was no HTTP`, saw)
  else c.expect(seen === code, `\`failed: ${code}\` for ${target}`, saw)
}

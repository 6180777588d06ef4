import type { Handler, Headers, Request } from '../../labs/kit/http.ts'
import type { Check } from '../../workbook/grading/check.ts'

/** What lab 15 draws: requests with their answers, and a server's handler that gives them. */

const HAS_BODY = new Set(['PUT', 'POST', 'PATCH'])

/** A request, and the body of the answer that belongs to it. */
export interface Errand {
  readonly request: Request
  readonly body: Buffer
}

/** A check draws as many as it names. */
export type Errands = readonly [Errand, Errand, Errand, ...Errand[]]

export const gets = (count: number): string[] => Array<string>(count).fill('GET')
export const name = ({ method, target }: Pick<Request, 'method' | 'target'>) => `${method} ${target}`

export function drawErrands(c: Check, methods: readonly string[], drawn: Drawn = {}): Errands {
  const errands = methods.map((method, index): Errand => ({
    request: {
      method,
      target: `/${c.random.word()}-${index + 1}`,
      version: '1.1',
      headers: [['Host', 'a.example'], ...(drawn.headers?.[index] ?? [])],
      body: HAS_BODY.has(method) ? pattern(c, drawn.bodies ?? c.random.integer(2, 300)) : Buffer.alloc(0),
    },
    body: pattern(c, drawn.answers ?? c.random.integer(2, 300)),
  }))
  return errands as unknown as Errands
}

interface Drawn {
  /** Bytes of each request's body, of each answer's body. */
  readonly bodies?: number
  readonly answers?: number
  /** Further fields of a request, by its index. */
  readonly headers?: Readonly<Record<number, Headers>>
  /** The server's answers wait until they are opened. */
  readonly gated?: boolean
  /** Index of the server's answer that says close. */
  readonly closing?: number
}

/** Drawing each byte of megabytes would be slow; a block of a prime length shows every shift. */
const pattern = (c: Check, length: number) => Buffer.alloc(length, c.random.bytes(97))

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

export function answer({ body }: Errand, says: { connection?: string; version?: string } = {}): Buffer {
  const connection = says.connection === undefined ? '' : `Connection: ${says.connection}\r\n`
  const head = `HTTP/${says.version ?? '1.1'} 200 OK\r\n${connection}Content-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

export function drawSite(c: Check, methods: readonly string[], options: Drawn = {}) {
  const errands = drawErrands(c, methods, options)
  const gates = new Map(errands.map(({ request }) => [request.target, createGate()]))
  const handled: Request[] = []
  const handler: Handler = async (request) => {
    handled.push(request)
    const index = errands.findIndex((each) => each.request.target === request.target)
    if (options.gated === true) await gates.get(request.target)?.opened
    const headers: Headers = index === options.closing ? [['Connection', 'close']] : []
    const body = errands[index]?.body ?? Buffer.alloc(0)
    return { version: '1.1', status: 200, reason: 'OK', headers, body }
  }
  const messages = errands.map(({ request }) => requestBytes(request))
  const open = ({ request }: Errand): void => gates.get(request.target)?.open()
  return {
    errands,
    handled,
    handler,
    bytes: Buffer.concat(messages),
    messages,
    names: errands.map(({ request }) => name(request)),
    open,
    openAll: () => errands.forEach(open),
  }
}

function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

function requestBytes({ method, target, headers, body }: Request): Buffer {
  const length = body.length > 0 ? `Content-Length: ${body.length}\r\n` : ''
  const fields = headers.map(([field, value]) => `${field}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields}${length}\r\n`), body])
}

export type Site = ReturnType<typeof drawSite>

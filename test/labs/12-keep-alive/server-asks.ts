import type { Response } from '../../../labs/kit/http.ts'
import type { Random } from '../../../workbook/grading/random.ts'

/** A request of a conversation with a server: its bytes, and what the handler makes of it. */
export interface Ask {
  readonly method: string
  readonly target: string
  readonly version: '1.0' | '1.1'
  /** As the handler has to get them. */
  readonly fields: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
  readonly framing: 'none' | 'length' | 'chunks' | 'both'
  readonly bytes: Buffer
  /** What the handler does: it returns at once, when it is told to, or not at all. */
  readonly handler: 'returns' | 'waits' | 'rejects' | 'is not called'
  readonly response: Response
}

export interface Wish {
  readonly method?: string
  readonly version?: '1.0' | '1.1'
  /** Whole lines: `Connection: close`. */
  readonly says?: readonly string[]
  readonly framing?: Ask['framing']
  /** Whose size stands in Content-Length beside chunks: that of the chunks as they are sent, of the body, or none. */
  readonly length?: 'of the chunks' | 'of the body' | 'of nothing'
  readonly handler?: Ask['handler']
  readonly status?: number
  /** Of the body of the answer. */
  readonly size?: number
  /** Bytes that are no request. */
  readonly noise?: string
}

/** A target that stands in bodies only: whoever handles it has taken a body for a request. */
export const IN_THE_BODY = '/in-the-body'

export function ask(random: Random, wish: Wish = {}): Ask {
  const { version = '1.1', says = [], handler = 'returns', framing = 'none', noise } = wish
  const { length = 'of the chunks' } = wish
  const method = wish.method ?? (framing === 'none' ? 'GET' : 'POST')
  const target = `/${random.word()}`
  const body = framing === 'none' ? Buffer.alloc(0) : bodyLikeRequests(random)
  const parts = framing === 'chunks' || framing === 'both' ? inChunks(random, body) : body
  const sizes = { 'of the chunks': parts.length, 'of the body': body.length, 'of nothing': 0 }
  const lengths = {
    none: [],
    length: [`Content-Length: ${body.length}`],
    chunks: ['Transfer-Encoding: chunked'],
    both: [`Content-Length: ${sizes[length]}`, 'Transfer-Encoding: chunked'],
  }[framing]
  const lines = ['Host: a.example', `X-Mark: ${random.word()}`, ...says, ...lengths]
  const head = [`${method} ${target} HTTP/${version}`, ...lines, '', ''].join('\r\n')
  const fields = lines.map((line) => /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line)?.slice(1) as [string, string])
  return {
    method,
    target,
    version,
    fields,
    body,
    framing,
    bytes: noise === undefined ? Buffer.concat([Buffer.from(head), parts]) : Buffer.from(noise),
    handler: noise === undefined ? handler : 'is not called',
    response: {
      version: '1.1',
      status: wish.status ?? 200,
      reason: 'So',
      headers: [['X-For', target]],
      body: random.bytes(wish.size === undefined ? random.integer(0, 40) : 0),
      ...(wish.size === undefined ? {} : { body: Buffer.alloc(wish.size, random.bytes(997)) }),
    },
  }
}

export const nameOf = ({ method, target, handler }: Ask): string =>
  handler === 'is not called' ? 'bytes that are no HTTP' : `${method} ${target}`

/** The tokens of Connection, in lower case. */
export function tokensOf(fields: ReadonlyArray<readonly [string, string]>): string[] {
  const lists = fields.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value)
  return lists.flatMap((list) => list.split(',').map((token) => token.trim().toLowerCase())).filter(Boolean)
}

/** RFC 9112 §9.3. */
export function persists({ version, fields }: Pick<Ask, 'version' | 'fields'>): boolean {
  const tokens = tokensOf(fields)
  return !tokens.includes('close') && (version === '1.1' || tokens.includes('keep-alive'))
}

/** Whole requests stand in it, and bytes that are no text. */
function bodyLikeRequests(random: Random): Buffer {
  const request = Buffer.from(`GET ${IN_THE_BODY} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  return Buffer.concat([request, random.bytes(50), request])
}

/** In two or more chunks, with an extension at the first one, and trailer fields if there are any. */
export function inChunks(random: Random, body: Buffer, trailer = ''): Buffer {
  const chunks = random.split(body).flatMap((part, index) => {
    const size = part.length.toString(16)
    const line = index === 0 ? `${size};note=${random.word()}` : size.toUpperCase()
    return [Buffer.from(`${line}\r\n`), part, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)])
}

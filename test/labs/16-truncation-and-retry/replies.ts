import type { Random } from '../../../workbook/grading/random.ts'

/** Answers of servers and origins: as plain data in a script, and as bytes on the wire. */

export type Line = readonly [name: string, value: string]

/** A 206, or what comes instead of one, for the rest of what is held. */
export const RESTS = [
  'fits',
  'fits, in chunks',
  'fits, to FIN',
  'fits, total unknown',
  'fits, but ends early',
  'of another version',
  'with a weak tag',
  'with the tag made weak',
  'without a tag',
  'begins one early',
  'begins one late',
  'begins at 0',
  'of another total',
  'ends behind the total',
  'ends before it begins',
  'without Content-Range',
  'in another unit',
  'in several parts',
  'shorter than its range',
  'longer than its range',
] as const
export type Rest = (typeof RESTS)[number]

export interface Reply {
  readonly status?: number
  /** Field lines; `{-60}` stands for the date a minute ago. */
  readonly says?: readonly string[]
  readonly framing?: 'length' | 'chunks' | 'FIN'
  readonly size?: number
  readonly rest?: Rest
  /** Interim answers in front of it. */
  readonly interim?: readonly number[]
  /** Bytes that are no HTTP, instead of it. */
  readonly noise?: string
  readonly version?: '1.0' | '1.1'
  /** Fields behind the last chunk. */
  readonly hasTrailer?: true
}

/** What is held of a first answer, and all of it as the server has it. */
export interface Whole {
  readonly content: Buffer
  readonly tag: string
  readonly have: number
  /** Whether the first answer has told how long it is. */
  readonly isTotalKnown: boolean
}

/** An answer as it stands on the wire. */
export interface Sent {
  readonly status: number
  readonly lines: readonly Line[]
  readonly content: Buffer
  readonly framing: 'length' | 'chunks' | 'FIN' | 'none'
  /** Of a 206 to a request for the rest: what it may be joined to. */
  readonly range: { readonly total: number | null; readonly size: number } | null
  readonly isHttp: boolean
  readonly bytes: Buffer
  readonly headLength: number
  /** Where on the wire the first `count` bytes of content end. */
  end(count: number): number
}

export interface Circumstances {
  readonly random: Random
  readonly now: number
  readonly method: string
  readonly held: Whole | null
}

export const lineOf = (text: string): Line => {
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}

/** Field lines with their dates. */
const linesAt = (says: readonly string[], now: number): Line[] =>
  says.map((text) =>
    lineOf(
      text.replace(/\{([+-]?\d+)\}/g, (_, seconds: string) =>
        new Date(now + Number(seconds) * 1000).toUTCString(),
      ),
    ),
  )

/** No text, and with what looks like the end of a head, a chunk and a message. */
function contentOf(random: Random, size: number): Buffer {
  const trap = Buffer.from('\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')
  const bytes = random.bytes(size)
  if (size > 60) trap.copy(bytes, random.integer(5, size - trap.length - 5))
  return bytes
}

export function made(reply: Reply, about: Circumstances): Sent {
  const { random, now, method } = about
  if (reply.noise !== undefined) return noise(reply.noise)
  const isRestLeft = about.held !== null && about.held.have < about.held.content.length
  const rest = reply.rest && about.held && isRestLeft ? restOf(reply.rest, about.held) : null
  const {
    status = rest ? 206 : reply.rest && about.held ? 416 : 200,
    says = [],
    size = random.integer(20, 120),
    version = '1.1',
  } = reply
  const content = rest?.content ?? contentOf(random, size)
  const framing = rest?.framing ?? reply.framing ?? 'length'
  const lengths: Line[] = {
    length: [['Content-Length', String(content.length)] as const],
    chunks: [['Transfer-Encoding', random.pick(['chunked', 'Chunked'])] as const],
    FIN: [],
  }[framing]
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  const mark: Line = ['X-Mark', random.word()]
  const lines = [mark, ...(rest?.lines ?? []), ...linesAt(says, now), ...(status === 204 ? [] : lengths)]
  const interim = (reply.interim ?? []).map((code) => `HTTP/1.1 ${code} Wait\r\nX-Interim: 1\r\n\r\n`)
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`${interim.join('')}HTTP/${version} ${status} So\r\n${fields}\r\n`, 'latin1')
  const body = isEmpty
    ? plain(Buffer.alloc(0))
    : framing === 'chunks'
      ? chunked(random, content, reply.hasTrailer)
      : plain(content)
  return {
    status,
    lines,
    content: isEmpty ? Buffer.alloc(0) : content,
    framing: isEmpty ? 'none' : framing,
    range: rest?.range ?? null,
    isHttp: true,
    bytes: Buffer.concat([head, body.bytes]),
    headLength: head.length,
    end: (count) => head.length + body.end(count),
  }
}

// --- internal ---

function noise(text: string): Sent {
  const bytes = Buffer.from(text, 'latin1')
  const nothing = { status: 0, lines: [], content: Buffer.alloc(0), framing: 'none', range: null } as const
  return { ...nothing, isHttp: false, bytes, headLength: bytes.length, end: () => bytes.length }
}

interface Body {
  readonly bytes: Buffer
  end(count: number): number
}

const plain = (content: Buffer): Body => ({ bytes: content, end: (count) => count })

function chunked(random: Random, content: Buffer, hasTrailer = random.integer(0, 1) === 1): Body {
  const parts = content.length > 2 ? random.split(content, random.integer(2, 3)) : [content]
  const pieces: Buffer[] = []
  const starts: Array<{ from: number; at: number; length: number }> = []
  let from = 0
  for (const part of parts.filter(({ length }) => length > 0)) {
    const size = Buffer.from(`${part.length.toString(16)}${random.pick(['', ';a=b', ';a="x"'])}\r\n`)
    const at = Buffer.concat(pieces).length + size.length
    starts.push({ from, at, length: part.length })
    from += part.length
    pieces.push(size, part, Buffer.from('\r\n'))
  }
  pieces.push(Buffer.from(hasTrailer ? '0\r\nX-Sum: 1\r\nX-End: 2\r\n\r\n' : '0\r\n\r\n'))
  const end = (count: number): number => {
    const chunk = starts.find((each) => count <= each.from + each.length)
    return chunk ? chunk.at + count - chunk.from : 0
  }
  return { bytes: Buffer.concat(pieces), end }
}

interface Answered {
  readonly lines: Line[]
  readonly content: Buffer
  readonly framing: 'length' | 'chunks' | 'FIN'
  readonly range: Sent['range']
}

/** What the server says when it is asked for the rest: with `range` where it fits. */
function restOf(rest: Rest, { content, tag, have, isTotalKnown }: Whole): Answered {
  const total = content.length
  const answer = (first: number, last: number, of: number | string = total, unit = 'bytes'): Answered => ({
    lines: [
      ['ETag', tag],
      ['Content-Range', `${unit} ${first}-${last}/${of}`],
    ],
    content: content.subarray(first, last + 1),
    framing: 'length',
    range: null,
  })
  const right = { ...answer(have, total - 1), range: { total, size: total - have } }
  const tagged = (other: string | null): Answered => {
    const lines = right.lines.filter(([name]) => name !== 'ETag')
    return { ...right, range: null, lines: other === null ? lines : [...lines, ['ETag', other]] }
  }
  const middle = have + Math.floor((total - have) / 2)
  const answers: Readonly<Record<Rest, () => Answered>> = {
    fits: () => right,
    'fits, in chunks': () => ({ ...right, framing: 'chunks' }),
    'fits, to FIN': () => ({ ...right, framing: 'FIN' }),
    'fits, total unknown': () => ({
      ...answer(have, total - 1, '*'),
      range: { total: null, size: total - have },
    }),
    'fits, but ends early': () => ({
      ...answer(have, Math.max(have, middle - 1)),
      range: { total, size: Math.max(have, middle - 1) - have + 1 },
    }),
    'of another version': () => tagged(`"${tag.slice(1, -1)}x"`),
    'with a weak tag': () => tagged('W/"weak"'),
    'with the tag made weak': () => tagged(`W/${tag}`),
    'without a tag': () => tagged(null),
    'begins one early': () => answer(have - 1, total - 1),
    'begins one late': () => answer(have + 1, total - 1),
    'begins at 0': () => answer(0, total - 1),
    'of another total': () => (isTotalKnown ? answer(have, total - 1, total + 1) : right),
    'ends behind the total': () => ({
      ...answer(have, total),
      content: Buffer.concat([content.subarray(have), Buffer.from('x')]),
    }),
    'ends before it begins': () => answer(have, have - 1),
    'without Content-Range': () => ({ ...right, range: null, lines: [['ETag', tag]] }),
    'in another unit': () => answer(have, total - 1, total, 'items'),
    'in several parts': () => ({
      ...right,
      range: null,
      lines: [
        ['ETag', tag],
        ['Content-Type', 'multipart/byteranges; boundary=b'],
      ],
    }),
    'shorter than its range': () => ({
      ...answer(have, total - 1),
      content: content.subarray(have, total - 1),
    }),
    'longer than its range': () => ({
      ...right,
      content: Buffer.concat([content.subarray(have), Buffer.from('x')]),
      framing: 'chunks',
    }),
  }
  return answers[rest]()
}

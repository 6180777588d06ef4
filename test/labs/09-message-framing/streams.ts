import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { wholeBy, type Kind, type Part } from './model.ts'
import type { Expected } from './rows.ts'
import { expectArrays, expectMessages, feed, latin1, readable, type Message } from './scenes.ts'

/** Streams of messages, cut anywhere: what has come whole is given at once, and nothing else is. */

type Body = 'none' | 'length' | 'chunks' | 'trailers' | 'empty' | 'long'
export type Step = { readonly has: Body } | { readonly cut: 'whole' | 'bytes' | 'pieces' }

const m = (...bodies: Body[]): Step[] => bodies.map((has) => ({ has }))

export const STREAMS: Readonly<Record<Kind, Conversations<Step>>> = {
  request: { scripts: scripts(), drawn: 4, draw, play: (c, steps) => play(c, 'request', steps) },
  response: { scripts: scripts(), drawn: 4, draw, play: (c, steps) => play(c, 'response', steps) },
}

function scripts(): Readonly<Record<string, readonly Step[]>> {
  return {
    'three messages in one piece': [...m('length', 'none', 'chunks'), { cut: 'whole' }],
    'every kind, byte for byte': [...m('trailers', 'length', 'empty', 'none', 'chunks'), { cut: 'bytes' }],
    'every kind, in pieces': [
      ...m('none', 'chunks', 'trailers', 'none', 'length', 'empty'),
      { cut: 'pieces' },
    ],
    'long bodies, each of its own bytes, in one piece': [...m('long', 'long', 'length'), { cut: 'whole' }],
    'long bodies, each of its own bytes, in pieces': [...m('long', 'length', 'long'), { cut: 'pieces' }],
  }
}

// --- internal ---

/** Of all long bodies: a buffer that has held one has room for the next, and what was given stays as it is. */
const LONG = 8_000

function draw(random: Random): Step[] {
  const bodies = Array.from({ length: random.integer(2, 6) }, () =>
    random.pick(['none', 'length', 'chunks', 'trailers', 'empty'] as const),
  )
  return [...m(...bodies), { cut: random.pick(['pieces', 'pieces', 'bytes', 'whole'] as const) }]
}

async function play(c: Check, kind: Kind, steps: readonly Step[]): Promise<void> {
  const parts = steps.flatMap((step) => ('has' in step ? [partOf(c.random, kind, step.has)] : []))
  const cut = steps.find((step) => 'cut' in step)?.cut ?? 'pieces'
  const stream = Buffer.concat(parts.map(({ bytes }) => bytes))
  if (stream.length === 0) return
  const pieces = cutUp(c.random, stream, cut)
  const fed = await feed(c, kind, pieces)
  expectArrays(c, fed)
  let [sent, given] = [0, 0]
  for (const [index, piece] of pieces.entries()) {
    sent += piece.length
    const { messages, error } = fed[index] ?? { messages: [], error: null }
    const due = wholeBy(parts, sent).slice(given)
    const from = given
    given += due.length
    await c.blame(promiseOf(parts, from, messages ?? error?.messages ?? [], kind), () => {
      if (error)
        c.fail('messages, and no error', `${String(error.code)} at ${String(error.at)}: ${error.said}`)
      expectMessages(c, (messages ?? []).map(readable), due, `with byte ${sent - 1} of the stream`)
    })
  }
}

/** What is wrong with a chunked message, or stands in the way of the next, is a matter of chunks. */
function promiseOf(
  parts: ReadonlyArray<Part<Expected>>,
  from: number,
  seen: readonly Message[],
  kind: Kind,
): string {
  const bodies = seen.map((message) => readable(message).body)
  const wrong = parts.slice(from).findIndex(({ message }, index) => message?.body !== bodies[index])
  const message = parts[from + Math.max(wrong, 0)]?.message
  const isChunked = message?.headers?.some(([name]) => name === 'Transfer-Encoding') === true
  return isChunked ? 'R2' : kind === 'request' ? 'R1' : 'R3'
}

function cutUp(random: Random, stream: Buffer, cut: 'whole' | 'bytes' | 'pieces'): Buffer[] {
  if (cut === 'whole') return [stream]
  if (cut === 'pieces') return random.split(stream, Math.min(random.integer(2, 12), stream.length - 1))
  return Array.from({ length: stream.length }, (_, at) => stream.subarray(at, at + 1))
}

/** A message with this body, and names of this run. */
function partOf(random: Random, kind: Kind, has: Body): Part<Expected> {
  const [word, target] = [random.word(), `/${random.word()}`]
  const isRequest = kind === 'request'
  const isEmpty = has === 'none' || has === 'empty'
  const length = has === 'long' ? LONG : random.integer(1, 60)
  const body = isEmpty ? '' : random.bytes(length).toString('latin1')
  const isChunked = has === 'chunks' || has === 'trailers'
  const trailers = has === 'trailers' ? [['X-Last', word] as const] : []
  const framing: Array<readonly [string, string]> = isChunked
    ? [['Transfer-Encoding', 'chunked']]
    : has === 'none'
      ? []
      : [['Content-Length', `${body.length}`]]
  const headers = [['Host', 'a.example'] as const, ['X-Word', word] as const, ...framing]
  const status = has === 'none' ? 204 : 200
  const start = isRequest ? `POST ${target} HTTP/1.1` : `HTTP/1.1 ${status} ${word}`
  const head = [start, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  const content = isChunked ? chunksOf(random, body, trailers) : body
  const named = isRequest ? { method: 'POST', target } : { status, reason: word }
  return { bytes: latin1(head + content), message: { ...named, version: '1.1', headers, body, trailers } }
}

function chunksOf(random: Random, body: string, trailers: ReadonlyArray<readonly [string, string]>): string {
  const parts = body.length > 1 ? random.split(latin1(body)) : [latin1(body)]
  const extension = (): string => random.pick(['', ';a=b', ' ;c', ';d="e;f"'])
  const chunks = parts.map(
    (part) => `${part.length.toString(16)}${extension()}\r\n${part.toString('latin1')}\r\n`,
  )
  const fields = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${chunks.join('')}0${extension()}\r\n${fields}\r\n`
}

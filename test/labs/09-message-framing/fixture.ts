import type { Fed, Piece } from './scenes.ts'

/** Feeds a parser where it lives: a thousand pushes cross the process boundary as one call. */

interface Parser {
  push(bytes: Uint8Array): unknown
  end(): unknown
  answers(method: string): void
}

type Options = Readonly<Record<string, number>>

/** What each piece brought: a piece of bytes is pushed, `end` is the FIN, any other word a method that is asked. */
export function feed(parser: Parser, pieces: readonly Piece[]): Fed[] {
  return pieces.map((piece) => {
    if (typeof piece !== 'string') return outcome(() => parser.push(piece))
    return outcome(() => (piece === 'end' ? parser.end() : (parser.answers(piece), [])))
  })
}

/** As `feed`, but each piece is a part of a larger buffer, as what a socket reads often is. */
export function feedViews(parser: Parser, pieces: readonly Piece[]): Fed[] {
  return feed(
    parser,
    pieces.map((piece) => (typeof piece === 'string' ? piece : viewOf(piece))),
  )
}

/** The same bytes, from the fourth byte of a buffer on that has others before and after them. */
function viewOf(piece: Uint8Array): Uint8Array {
  const room = new Uint8Array(piece.length + 8).fill(120)
  room.set(piece, 3)
  return room.subarray(3, 3 + piece.length)
}

/** The same with a new parser for each input. */
export function feedEach(
  like: Parser,
  kind: 'request' | 'response',
  options: Options,
  inputs: ReadonlyArray<readonly Piece[]>,
): Fed[][] {
  // A learner's class is known by its instance: it is no export of this file.
  const Class = like.constructor as new (kind: string, options: Options) => Parser
  return inputs.map((pieces) => feed(new Class(kind, options), pieces))
}

/** Byte for byte, as pieces of their own. @returns How many messages came out, or what was thrown. */
export function drip(parser: Parser, bytes: Uint8Array): Fed | number {
  const plain = plainOf(bytes)
  let count = 0
  for (let at = 0; at < plain.length; at++) {
    const fed = outcome(() => parser.push(plain.subarray(at, at + 1)))
    if (!fed.messages) return fed
    count += fed.messages.length
  }
  return count
}

/** One piece. @returns How many messages it held, or what was thrown. */
export function pour(parser: Parser, bytes: Uint8Array): Fed | number {
  const plain = plainOf(bytes)
  const fed = outcome(() => parser.push(plain))
  return fed.messages ? fed.messages.length : fed
}

// --- internal ---

/** The same bytes as no Buffer, whose `slice` copies nothing: that of a Uint8Array does. */
function plainOf({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}

function outcome(act: () => unknown): Fed {
  try {
    const messages = act()
    return { messages: Array.isArray(messages) ? messages : null, error: null }
  } catch (thrown) {
    const { code, status, at, messages, missing } = thrown as Record<string, unknown>
    const said = thrown instanceof Error ? thrown.message : String(thrown)
    const held = Array.isArray(messages) ? (messages as unknown[]) : null
    return { messages: null, error: { code, status, at, messages: held, missing, said } } as Fed
  }
}

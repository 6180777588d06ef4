/**
 * Lab 09: message framing. Where each message ends, and what is refused because two readers could differ about it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3 | RFC 9112 §6.3} (message body length)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11.2 | RFC 9112 §11.2} (request smuggling)
 */
import type { Handler, Headers, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: field from '../kit/http.ts'. The readers of the kit leave out what this lab is about.

/** What a parser gives back: trailer fields stand apart from the header. */
export type Message = (Request | Response) & { readonly trailers: Headers }

/** The bytes are no message, or not one whose end is certain. The page has the codes. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
  readonly code: string = ''
  /** What to answer with. */
  readonly status: number = 400
  /** Offset in the stream, from 0. */
  readonly at: number = 0
  /** Messages of the same piece that were whole before. */
  messages: Message[] = []
  /** Bytes of the body that never came, where the message said how many. */
  missing: number | null = null

  constructor(code: string, status: number, at: number) {
    super(`${code} at byte ${at}, to be answered ${status}`)
    todo('FramingError')
  }
}

/** Reads a stream of messages that is cut anywhere. */
export class MessageParser {
  /**
   * @param kind - Which messages the stream has.
   * @param options.maxHeadBytes - Longest head, and longest trailers; 16,384 if not given.
   * @param options.maxBodyBytes - Longest body, without its chunks; 1,048,576 if not given.
   */
  constructor(
    kind: 'request' | 'response',
    options: { readonly maxHeadBytes?: number; readonly maxBodyBytes?: number } = {},
  ) {
    // TODO(R11): remember the limits, and look at them before you store a byte.
    todo('MessageParser')
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @returns The messages that are whole now, in order.
   * @throws FramingError with those that were whole before it.
   */
  push(bytes: Uint8Array): Message[] {
    // TODO(R1): start line, fields, blank line, and a body with a length, however they are cut.
    // TODO(R2): chunks, their extensions, and trailers.
    // TODO(R5): what is no request line is refused: method, target, version.
    // TODO(R6): so is what is no field line.
    // TODO(R7): Host is there, once, and names a host.
    // TODO(R8): Content-Length is digits, and there is one length.
    // TODO(R9): Transfer-Encoding ends with chunked, and says nothing else.
    // TODO(R10): chunk sizes are hexadecimal digits, and CRLF stands after each chunk.
    // TODO(R12): tell code, status and byte, and throw the same again from then on.
    // TODO(R13): touch each byte a few times, whatever has come before.
    return todo('MessageParser')
  }

  /**
   * The peer has sent FIN.
   *
   * @returns The response that goes on to the FIN, if there is one.
   * @throws FramingError `TRUNCATED` in the middle of a message.
   */
  end(): Message[] {
    // TODO(R4): what is whole with the FIN, and what lacks how many bytes.
    return todo('MessageParser')
  }

  /** Tells what was asked, once for each request, before its response comes. */
  answers(method: string): void {
    // TODO(R3): HEAD, CONNECT and interim responses.
    todo('MessageParser')
  }
}

/** Answers what can be read for certain, and refuses the rest. */
export async function serveMessages(handler: Handler): Promise<RunningServer> {
  // TODO(R14): the status of the FramingError, `Connection: close`, FIN, and nothing after it.
  // TODO(R15): one request at a time, in order, each answer with its length.
  // TODO(R16): an answer that would be two is a 500.
  return todo('serveMessages')
}

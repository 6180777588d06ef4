import type { Request, Response } from './http.ts'
import { field } from './http.ts'
import { parseHead, parseRequestHead, parseResponseHead } from './head.ts'

/**
 * Cuts a stream of bytes into HTTP messages whose length is given by Content-Length, or which have
 * no body. Lab 12 reads chunked bodies as well.
 *
 * @example
 * const reader = new MessageReader('request')
 * socket.on('data', (chunk) => { for (const request of reader.push(chunk)) answer(request) })
 */
export class MessageReader<Kind extends 'request' | 'response'> {
  readonly #kind: Kind
  #bytes = Buffer.alloc(0)

  constructor(kind: Kind) {
    this.#kind = kind
  }

  /** Bytes of a message that has begun and is not whole. */
  get pending(): number {
    return this.#bytes.length
  }

  /**
   * Takes the next bytes of the stream, cut anywhere.
   *
   * @returns The messages that are whole now, in order.
   * @throws Error with code `BAD_HEAD`, or `BAD_LENGTH` for a Content-Length that is no number. Its `messages` are
   * those that were whole before the fault: what has been answered, has been answered.
   */
  push(chunk: Uint8Array): Array<Kind extends 'request' ? Request : Response> {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const messages: Array<Request | Response> = []
    try {
      for (let message = this.#take(); message; message = this.#take())
        messages.push(message)
    } catch (error) {
      throw Object.assign(error as Error, { messages })
    }
    return messages as Array<Kind extends 'request' ? Request : Response>
  }

  #take(): Request | Response | null {
    const head = parseHead(this.#bytes)
    if (!head) return null
    const end = head.length + contentLength(field(head.headers, 'content-length'))
    if (this.#bytes.length < end) return null
    const body = Uint8Array.from(this.#bytes.subarray(head.length, end))
    this.#bytes = this.#bytes.subarray(end)
    const start =
      this.#kind === 'request' ? parseRequestHead(head) : parseResponseHead(head)
    return { ...start, body }
  }
}

function contentLength(value: string | null): number {
  if (value === null) return 0
  if (!/^\d+$/.test(value)) {
    throw Object.assign(new Error(`not a Content-Length: ${value}`), { code: 'BAD_LENGTH' })
  }
  return Number(value)
}

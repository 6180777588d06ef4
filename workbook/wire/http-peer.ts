import { cutMessage, type RawMessage } from './http-message.ts'
import type { TcpEnd } from './tcp-end.ts'

/**
 * A small server of HTTP/1 on one end: answers each request when it is whole, and ends the connection
 * where the request does not ask for another (RFC 9112 §9.3).
 */
export class HttpPeer {
  readonly #end: TcpEnd
  readonly #answer: (request: RawMessage) => string
  #taken = 0
  #over = false

  constructor(end: TcpEnd, answer: (request: RawMessage) => string) {
    this.#end = end
    this.#answer = answer
  }

  /** Looks what has come; called after anything has happened. */
  look(): void {
    while (!this.#over) {
      const bytes = this.#end.received.subarray(this.#taken)
      const cut = cutMessage(bytes, { kind: 'request', ended: false })
      if (cut === 'incomplete') break
      if ('malformed' in cut) return this.#finish('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      this.#taken += cut.message.raw.length
      const answer = this.#answer(cut.message)
      if (persists(cut.message)) void this.#end.send(Buffer.from(answer))
      else this.#finish(answer)
    }
    if (!this.#over && this.#end.ended === 'FIN') this.#finish('')
  }

  #finish(last: string): void {
    this.#over = true
    if (last !== '') void this.#end.send(Buffer.from(last))
    void this.#end.fin()
  }
}

// --- internal ---

function persists(request: RawMessage): boolean {
  const options = (request.header('connection') ?? '').toLowerCase().split(',')
  const has = (option: RegExp): boolean => options.some((each) => option.test(each.trim()))
  if (has(/^close$/)) return false
  return request.words[2] === 'HTTP/1.1' || has(/^keep.alive$/)
}

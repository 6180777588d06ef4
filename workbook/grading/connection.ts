import { asBytes, explainDifference } from '../wire/bytes.ts'
import { connectionsByLane } from '../wire/ladder-lanes.ts'
import { cutMessage, type CutOptions } from '../wire/http-message.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'
import type { Connection, HttpMessage, ResponseOptions } from './check.ts'
import { convict } from './conviction.ts'
import type { Waits } from './waits.ts'

const IDLE = 'your program is idle'
/** Characters of a start line in a step; the ladder and the bytes have all of it. */
const LONGEST = 100
const brief = (line: string): string => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line)

/** The suite's view of one connection: raw bytes out, and in only what is asked for. */
export class GradedConnection implements Connection {
  readonly #end: TcpEnd
  readonly #waits: Waits
  /** Bytes that reading methods have taken. */
  #taken = 0
  /** Messages among them. */
  #messages = 0

  constructor(end: TcpEnd, waits: Waits) {
    this.#end = end
    this.#waits = waits
  }

  get localPort(): number {
    return this.#end.localPort
  }

  get remotePort(): number {
    return this.#end.remotePort
  }

  get received(): Buffer {
    return this.#end.received
  }

  get unread(): Buffer {
    return this.#end.received.subarray(this.#taken)
  }

  get ended(): 'open' | 'FIN' | 'RST' {
    return this.#end.ended
  }

  async send(bytes: string | Uint8Array): Promise<void> {
    let flushed = false
    void this.#end.send(asBytes(bytes)).then(() => {
      flushed = true
      this.#waits.session.changed()
    })
    // Ends as well when the learner stops reading: the rest stays queued.
    await this.#waits.session.until(() => flushed)
  }

  async sendInParts(parts: ReadonlyArray<string | Uint8Array>): Promise<void> {
    for (const part of parts) {
      await this.send(part)
      await this.#waits.session.idle()
    }
  }

  async fin(): Promise<void> {
    void this.#end.fin()
    await this.#waits.session.until(() => this.#end.finSent || this.#end.destroyed)
  }

  async reset({ now = false }: { readonly now?: boolean } = {}): Promise<void> {
    if (!now) await this.#waits.session.idle()
    this.#end.reset()
  }

  async take(length: number): Promise<Buffer> {
    await this.#need(() => this.unread.length >= length || this.#over, `${length} bytes from you`)
    if (this.unread.length < length) this.#short(`${length} bytes from you`)
    return this.#cut(length)
  }

  async takeThrough(mark: string): Promise<Buffer> {
    const what = `bytes up to ${JSON.stringify(mark)} from you`
    await this.#need(() => this.unread.includes(mark) || this.#over, what)
    if (!this.unread.includes(mark)) this.#short(what)
    return this.#cut(this.unread.indexOf(mark) + Buffer.byteLength(mark))
  }

  async takeToFin(): Promise<Buffer> {
    await this.sees('FIN')
    return this.#cut(this.unread.length)
  }

  request({ as = 'an HTTP request from you' }: { readonly as?: string } = {}): Promise<HttpMessage> {
    return this.#message({ kind: 'request', ended: false }, as)
  }

  response({ head = false, as = 'an HTTP response from you' }: ResponseOptions = {}): Promise<HttpMessage> {
    return this.#message({ kind: 'response', head, ended: false }, as)
  }

  async sees(wanted: 'FIN' | 'RST'): Promise<void> {
    await this.#needEnd(`${wanted} from you`)
    if (this.ended !== wanted)
      this.#fail(`${wanted} from you`, `${this.ended}${this.#behindBytes()}`, this.#at('fin', 'rst'))
    this.#waits.session.steps.push(`${wanted} from you`)
  }

  async seesEnd(): Promise<'FIN' | 'RST'> {
    await this.#needEnd('FIN or RST from you')
    return this.ended === 'RST' ? 'RST' : 'FIN'
  }

  async staysOpen(): Promise<void> {
    await this.#waits.session.idle()
    if (this.#over) this.#fail('the connection still open', `${this.ended} from you`, this.#at('fin', 'rst'))
    this.#waits.session.steps.push('the connection is still open')
  }

  async silent(): Promise<void> {
    await this.#waits.session.idle()
    if (this.unread.length > 0) {
      this.#fail('silence', `${this.unread.length} bytes from you`, {
        detail: explainDifference(this.unread, Buffer.alloc(0)),
        ...this.#at('data'),
      })
    }
    if (this.#over)
      this.#fail('silence, the connection open', `${this.ended} from you`, this.#at('fin', 'rst'))
    this.#waits.session.steps.push('silence, proven')
  }

  read(): void {
    this.#end.read()
  }

  takesMore(): Promise<boolean> {
    return this.#end.takesMore()
  }

  pause(): void {
    this.#end.pause()
  }

  // --- internal ---

  get #over(): boolean {
    return this.#end.ended !== 'open'
  }

  #need(met: () => boolean, expected: string): Promise<void> {
    return this.#waits.need(
      met,
      () => `${expected}${this.#which()}`,
      () => `nothing more: ${IDLE}, the connection open${this.#afterBytes()}`,
    )
  }

  /** What is missing is an end, and not bytes. */
  #needEnd(expected: string): Promise<void> {
    const saw = (): string => `none: ${IDLE}, the connection open${this.#behindBytes()}`
    return this.#waits.need(
      () => this.#over,
      () => `${expected}${this.#which()}`,
      saw,
    )
  }

  #short(expected: string): never {
    this.#fail(expected, `${this.ended} from you${this.#afterBytes()}`, this.#at('fin', 'rst'))
  }

  #fail(expected: string, saw: string, more: Parameters<typeof convict>[3]): never {
    convict('failed', `${expected}${this.#which()}`, saw, more)
  }

  /** Where there are several connections, the one that is meant, by the name and number that the ladder gives it. */
  #which(): string {
    const { lane, connection } = this.#end
    const lanes = connectionsByLane(this.#waits.session.transcript.events)
    const own = lanes.get(lane) ?? []
    if (own.length > 1) return ` (${lane} #${own.indexOf(connection) + 1})`
    return lanes.size > 1 ? ` (${lane})` : ''
  }

  /** It went wrong with the last of these of the learner's on this connection. */
  #at(...kinds: Array<'data' | 'fin' | 'rst'>): { readonly wrongAt: number } {
    return { wrongAt: this.#waits.session.transcript.through(this.#end.connection, kinds) }
  }

  #afterBytes(): string {
    return this.unread.length === 0 ? '' : `${this.#behindBytes()} that are not enough`
  }

  #behindBytes(): string {
    const { length } = this.unread
    return length === 0 ? '' : ` after ${length} ${length === 1 ? 'byte' : 'bytes'}`
  }

  #cut(length: number): Buffer {
    const bytes = this.unread.subarray(0, length)
    this.#taken += length
    return bytes
  }

  async #message(options: CutOptions, as: string): Promise<HttpMessage> {
    const what = this.#messages === 0 ? as : `${as}, number ${this.#messages + 1} on this connection`
    const cut = () => cutMessage(this.unread, { ...options, ended: this.ended === 'FIN' })
    await this.#need(() => cut() !== 'incomplete' || this.#over, what)
    const found = cut()
    if (found === 'incomplete') this.#short(what)
    if ('malformed' in found) this.#fail(what, found.malformed, this.#at('data'))
    this.#cut(found.message.raw.length)
    this.#messages++
    this.#waits.session.steps.push(
      `${options.kind === 'request' ? 'your request' : 'your response'}: ${brief(found.message.startLine)}`,
    )
    return found.message
  }
}

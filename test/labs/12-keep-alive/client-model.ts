import { unlikeRequest, unlikeResponse } from './client-messages.ts'
import type { Act, Asked, Broken, Outcome, Replied, Seen, SeenConnection } from './client-state.ts'
import { persists, tokensOf } from './server-asks.ts'

/**
 * What a client of lab 12 has promised, as a function of what its caller, its server and the clock have done. It
 * knows nothing of sockets.
 */

/** RFC 9110 §9.2.2. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

interface Line {
  readonly requests: Asked[]
  /** Why it may not be used again; null while it is kept or in use. */
  dropped: { readonly requirement: string; readonly why: string } | null
  /** Its server has ended it, or sent what nobody asked for: when the client closes it, is left to it. */
  isLoose: boolean
  /** By its server: nothing more is seen on it. */
  wasReset: boolean
}

type Wanted =
  | { readonly is: 'pending' }
  | { readonly is: 'resolved'; readonly replied: Replied }
  | { readonly is: 'rejected'; readonly why: string; readonly code: string | null }

export class ClientModel {
  readonly #version: '1.0' | '1.1'
  readonly #lines: Line[] = []
  #asked: Asked | null = null
  #wanted: Wanted = { is: 'pending' }
  /** Of the request under way: it is on a connection that was kept. */
  #isOnKept = false
  #isSecond = false
  /** Bytes of its answer have come. */
  #hasBegun: Extract<Act, { act: 'reply' }> | null = null
  #isRefusing = false
  #isClosed = false

  constructor(version: '1.0' | '1.1') {
    this.#version = version
  }

  get isBusy(): boolean {
    return this.#asked !== null
  }

  /** A connection that both sides keep. */
  get hasKept(): boolean {
    const line = this.#lines.at(-1)
    return line !== undefined && line.dropped === null
  }

  apply(act: Act): void {
    if (act.act === 'request') this.#request(act.asked)
    else if (act.act === 'reply') this.#reply(act)
    else if (act.act === 'refuse') this.#isRefusing = true
    else if (act.act === 'close') this.#close()
    else if (act.act === 'stray')
      this.#loosen('R10', 'bytes had come on the old one that nobody had asked for')
    else if (act.act !== 'tick') this.#end(act.act)
  }

  judge(seen: Seen): Broken | null {
    return (
      this.#judgeRequests(seen) ??
      this.#judgeCall(seen.call) ??
      this.#judgeEnds(seen) ??
      this.#judgeClose(seen)
    )
  }

  // --- internal ---

  #request(asked: Asked): void {
    this.#asked = asked
    this.#hasBegun = null
    this.#isSecond = false
    this.#isOnKept = this.hasKept
    this.#wanted = { is: 'pending' }
    this.#send(asked)
  }

  #send(asked: Asked): void {
    if (!this.hasKept && this.#isRefusing) return this.#reject('the port refuses', 'ECONNREFUSED')
    if (!this.hasKept) this.#lines.push({ requests: [], dropped: null, isLoose: false, wasReset: false })
    this.#lines.at(-1)?.requests.push(asked)
  }

  #reply(act: Extract<Act, { act: 'reply' }>): void {
    const { replied, isWhole, isMore } = act
    this.#hasBegun = act
    if (!replied.isHttp && isWhole)
      return this.#drop('R12', 'what came was no HTTP', () => this.#reject('what has come is no HTTP', null))
    if (!isWhole || replied.end === 'nothing') return
    const asked = this.#asked as Asked
    const fields =
      this.#version === '1.0' ? [...asked.fields, ['Connection', 'keep-alive'] as const] : asked.fields
    this.#resolve(replied)
    if (!persists({ version: this.#version, fields })) this.#drop('R10', 'the request before said close')
    else if (tokensOf(replied.fields).includes('close')) this.#drop('R10', 'the answer before said close')
    else if (!persists(replied)) this.#drop('R10', 'the answer before had no `Connection: keep-alive`')
    else if (isMore) this.#drop('R10', 'bytes had come on the old one that nobody had asked for')
  }

  #resolve(replied: Replied): void {
    this.#asked = null
    this.#wanted = { is: 'resolved', replied }
  }

  #reject(why: string, code: string | null): void {
    this.#asked = null
    this.#wanted = { is: 'rejected', why, code }
  }

  #drop(requirement: string, why: string, also: () => void = () => undefined): void {
    const line = this.#lines.at(-1)
    if (line) line.dropped = { requirement, why }
    also()
  }

  #loosen(requirement: string, why: string): void {
    this.#drop(requirement, why)
    const line = this.#lines.at(-1)
    if (line) line.isLoose = true
  }

  #end(how: 'fin' | 'reset'): void {
    const line = this.#lines.at(-1)
    if (line && how === 'reset') line.wasReset = true
    const asked = this.#asked
    const name = how === 'fin' ? 'FIN' : 'RST'
    if (!asked)
      return this.hasKept ? this.#loosen('R12', `the server had ended the old one with ${name}`) : undefined
    const begun = this.#hasBegun
    const code = how === 'reset' ? 'ECONNRESET' : null
    if (begun && begun.hasHead && begun.replied.end === 'nothing' && how === 'fin')
      return this.#drop('R11', 'the FIN was the end of the answer', () => this.#resolve(begun.replied))
    const why = `${name} has come ${begun ? 'in the middle of the answer' : 'before a byte of the answer'}`
    this.#drop('R12', `the server had ended the old one with ${name}`)
    if (begun || !this.#isOnKept || this.#isSecond || !IDEMPOTENT.includes(asked.method))
      return this.#reject(why, code)
    this.#isSecond = true
    this.#send(asked)
  }

  #close(): void {
    this.#isClosed = true
    if (this.hasKept) this.#drop('R13', 'close() was called')
  }

  #nameOf(): string {
    const asked = this.#lines.at(-1)?.requests.at(-1)
    return asked ? `${asked.method} ${asked.target}` : 'the request'
  }

  #judgeRequests({ connections }: Seen): Broken | null {
    const { length } = this.#lines
    const broken = this.#place(connections)
    if (broken) return broken
    for (const [index, line] of this.#lines.entries()) {
      const seen = connections[index] as SeenConnection
      for (const [number, asked] of line.requests.entries()) {
        const request = seen.requests[number]
        const isRepeated = this.#isSecond && index === length - 1 && number === 0
        const where = `${isRepeated ? 'the second attempt of ' : ''}${asked.method} ${asked.target} on connection ${index + 1}`
        if (!request)
          return {
            requirement: isRepeated ? 'R12' : 'R9',
            expected: where,
            saw: `${seen.rest} bytes, and your client idle`,
          }
        const unlike = unlikeRequest(this.#version, asked, request, where)
        if (unlike) return isRepeated ? { ...unlike, requirement: 'R12' } : unlike
      }
      if (seen.requests.length > line.requests.length || seen.rest > 0)
        return {
          requirement: line.dropped?.requirement ?? 'R9',
          expected: `no further request on connection ${index + 1}`,
          saw: `${seen.rest} bytes`,
        }
    }
    return null
  }

  /** Whether each request is on the connection where it belongs. */
  #place(connections: readonly SeenConnection[]): Broken | null {
    const { length } = this.#lines
    const before = this.#lines[length - 2]
    const name = this.#nameOf()
    if (connections.length < length) {
      const old = connections[length - 2]
      const isReused = before && old && old.requests.length > before.requests.length
      const why = this.#isSecond ? 'it is idempotent, and has lost the race' : before?.dropped?.why
      const saw = isReused ? `it on connection ${length - 1}` : 'none: your client is idle'
      const requirement = this.#isSecond ? 'R12' : (before?.dropped?.requirement ?? 'R9')
      return { requirement, expected: `a new connection for ${name}${why ? `: ${why}` : ''}`, saw }
    }
    if (connections.length === length) return null
    const last = this.#lines.at(-1)
    const saw = `${connections.length} connections`
    if (last && last.dropped === null && this.#wanted.is === 'pending')
      return { requirement: 'R9', expected: `${name} on connection ${length}: both sides had kept it`, saw }
    return {
      requirement: 'R12',
      expected: `no further connection: ${this.#wanted.is === 'rejected' ? this.#wanted.why : 'nothing is to be sent'}`,
      saw,
    }
  }

  #judgeCall(call: Outcome | null): Broken | null {
    if (!call) return null
    const wanted = this.#wanted
    const name = this.#nameOf()
    const requirement = this.#isSecond ? 'R12' : this.#hasBegun?.replied.end === 'nothing' ? 'R11' : 'R9'
    const saw =
      call.is === 'pending'
        ? 'it is pending'
        : call.is === 'resolved'
          ? `it has resolved with status ${String(call.status)}`
          : `it has rejected${call.code ? ` with ${call.code}` : ''}`
    const promise = `the promise of ${name}`
    if (wanted.is === 'pending' && call.is !== 'pending')
      return { requirement, expected: `${promise} pending: its answer is not whole`, saw }
    if (wanted.is === 'rejected' && call.is !== 'rejected')
      return { requirement: 'R12', expected: `${promise} rejected: ${wanted.why}`, saw }
    if (
      wanted.is === 'rejected' &&
      call.is === 'rejected' &&
      wanted.code !== null &&
      call.code !== wanted.code
    )
      return {
        requirement: 'R12',
        expected: `${promise} rejected with code ${wanted.code}: errors of the system keep their code`,
        saw,
      }
    if (wanted.is !== 'resolved') return null
    if (call.is !== 'resolved')
      return { requirement, expected: `${promise} resolved: its answer is whole`, saw }
    return unlikeResponse(wanted.replied, call, `the response to ${name}`, requirement)
  }

  #judgeEnds({ connections }: Seen): Broken | null {
    const isSettled = this.#wanted.is !== 'pending'
    for (const [index, { dropped, isLoose, wasReset }] of this.#lines.entries()) {
      if (wasReset) continue
      const { ended } = connections[index] as SeenConnection
      const name = `connection ${index + 1}`
      const mayWait = isLoose && index === this.#lines.length - 1 && !this.#isClosed
      if (dropped && isSettled && !mayWait && ended === 'open')
        return {
          requirement: dropped.requirement,
          expected: `${name} closed by your client: ${dropped.why.replace('the old one', 'it')}`,
          saw: 'it is open',
        }
      if (!dropped && ended !== 'open')
        return {
          requirement: this.#isSecond ? 'R12' : 'R9',
          expected: `${name} open: ${isSettled ? 'both sides keep it' : 'an answer is awaited on it'}`,
          saw: `${ended} from you`,
        }
    }
    return null
  }

  #judgeClose({ closed }: Seen): Broken | null {
    if (!this.#isClosed || closed !== false) return null
    return { requirement: 'R13', expected: 'close() resolved: nothing is left open', saw: 'it is pending' }
  }
}

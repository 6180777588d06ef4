import { carry, hintOf, IDEMPOTENT, newLine, reject, whyNotKept } from './rules.ts'
import type { Act, Ask, Asked, Cause, Line, Origin, PoolOptions, Replied } from './state.ts'

/**
 * What a pool of lab 14 has promised, as a function of what its callers, the origins and the clock have done. It knows
 * nothing of sockets.
 */

export class PoolModel {
  readonly options: PoolOptions
  readonly origins: Origin[]
  readonly asks = new Map<string, Ask>()
  isClosed = false
  readonly #aborted = new Set<string>()
  #now = 0
  #uses = 0
  /** Places in which connections are being opened, to ports that refuse. */
  #failing: Array<{ readonly ask: Ask; readonly origin: Origin }> = []

  /** The code of the reason that signals are aborted with. */
  readonly #abortCode: string

  constructor(options: PoolOptions, origins: number, abortCode: string) {
    this.options = options
    this.#abortCode = abortCode
    this.origins = Array.from({ length: origins }, (_, number) => {
      return { number, lines: [], queue: [], isRefusing: false, isLookedUp: false, phantoms: 0, freed: null }
    })
  }

  get counts() {
    const lines = this.origins.flatMap((origin) => origin.lines).filter(({ state }) => state !== 'gone')
    return {
      open: lines.length,
      idle: lines.filter(({ state }) => state === 'idle').length,
      waiting: this.origins.reduce((sum, { queue }) => sum + queue.length, 0),
    }
  }

  /** Those that are being opened. */
  get opening(): number {
    return this.origins
      .flatMap(({ lines }) => lines)
      .filter(({ isOpening, state }) => isOpening && state !== 'gone').length
  }

  /** Nobody waits for an answer. */
  get isQuiet(): boolean {
    return [...this.asks.values()].every(({ wanted }) => wanted.is !== 'pending')
  }

  /** The connection that has carried it last, if it is still there. */
  lineOf(name: string): Line | null {
    const line = this.asks.get(name)?.line ?? null
    return line?.state === 'gone' ? null : line
  }

  /** Its request is on a connection, and the answer not whole. */
  isUnderWay(name: string): boolean {
    const ask = this.asks.get(name)
    return ask?.wanted.is === 'pending' && ask.line !== null
  }

  /** Whether the next request there opens a connection or waits: what becomes of it is told by no race. */
  opensOrWaits(origin: number): boolean {
    const { lines, queue } = this.#origin(origin)
    return lines.every(({ state }) => state !== 'idle') && !this.#isFull(lines, queue)
  }

  apply(act: Act): void {
    if (act.act === 'ask') this.#ask(act.asked)
    else if (act.act === 'reply') this.#reply(act)
    else if (act.act === 'fin' || act.act === 'reset') this.#end(act)
    else if (act.act === 'stray') this.#drop(act.name, 'R8', 'bytes came that nobody had asked for')
    else if (act.act === 'abort') this.#abort(act)
    else if (act.act === 'tick') this.#tick(act.milliseconds)
    else if (act.act === 'close') this.#close()
    else if ('origin' in act) this.#turn(this.#origin(act.origin), act.act)
  }

  // --- internal ---

  #origin(number: number): Origin {
    return this.origins[number] as Origin
  }

  #turn(origin: Origin, now: 'refuse' | 'accept' | 'look up' | 'find'): void {
    origin.isRefusing = now === 'refuse'
    origin.isLookedUp = now === 'look up'
    if (now !== 'find') return
    for (const line of origin.lines) if (line.state !== 'gone') line.isOpening = false
  }

  #isFull(lines: readonly Line[], queue: readonly Ask[]): boolean {
    const open = lines.filter(({ state }) => state !== 'gone').length
    return open >= this.options.maxPerOrigin && queue.length >= this.options.maxWaiting
  }

  #ask(all: readonly Asked[]): void {
    for (const asked of all) {
      const ask: Ask = { asked, line: null, isRepeated: false, begun: null, wanted: { is: 'pending' } }
      this.asks.set(asked.name, ask)
      this.#enter(ask)
    }
    for (const { name, aborted } of all) if (aborted === 'at once') this.#abortOne(this.asks.get(name) as Ask)
    this.#fail()
  }

  #enter(ask: Ask): void {
    const { origin: number, aborted, signal } = ask.asked
    const origin = this.#origin(number)
    const { lines, queue } = origin
    const isAborted = aborted === 'before' || this.#aborted.has(signal ?? '')
    if (signal !== null && aborted) this.#aborted.add(signal)
    // Which of two reasons is told, is nobody's promise.
    if (this.isClosed)
      return reject(ask, isAborted || aborted ? null : 'EPOOLCLOSED', 'R13', 'close() had been called')
    if (isAborted) return reject(ask, this.#abortCode, 'R11', 'its signal had been aborted before')
    const [idle] = lines.filter(({ state }) => state === 'idle').sort((a, b) => b.usedAt - a.usedAt)
    if (idle) return carry(idle, ask, { requirement: 'R2', why: 'it is idle, and was used last' })
    if (this.#isFull(lines, queue))
      return reject(ask, 'EPOOLFULL', 'R4', `${this.options.maxWaiting} wait already`)
    if (this.#taken(origin) >= this.options.maxPerOrigin) return void queue.push(ask)
    this.#open(
      ask,
      origin,
      origin.freed ?? { requirement: 'R2', why: 'no connection is idle, and there is a place' },
    )
  }

  /** Connections, and places of those that will fail. */
  #taken(origin: Origin): number {
    const failing = this.#failing.filter((each) => each.origin === origin).length
    return origin.lines.filter(({ state }) => state !== 'gone').length + failing
  }

  #open(ask: Ask, origin: Origin, cause: Cause): void {
    if (origin.isRefusing) return void this.#failing.push({ ask, origin })
    const line = newLine(origin, cause)
    origin.lines.push(line)
    carry(line, ask, cause)
  }

  /** A port that refuses fails one after the other, and each leaves its place to the next. */
  #fail(): void {
    for (let next = this.#failing.shift(); next; next = this.#failing.shift()) {
      reject(next.ask, 'ECONNREFUSED', 'R10', 'its connection was refused')
      this.#free(next.origin, { requirement: 'R10', why: 'a refused connection has left its place' })
    }
  }

  #free(origin: Origin, cause: Cause): void {
    origin.freed = cause
    const next = origin.queue.shift()
    if (next) this.#open(next, origin, cause)
  }

  #reply(act: Extract<Act, { act: 'reply' }>): void {
    const ask = this.asks.get(act.name) as Ask
    ask.begun = act
    const { replied, isWhole, behind } = act
    if (!replied.isHttp && isWhole) {
      reject(ask, null, 'R10', 'its answer is no HTTP')
      this.#drop(act.name, 'R10', 'what came on it is no HTTP')
      return this.#fail()
    }
    if (replied.end === 'nothing' && behind !== 'fin') return
    if (isWhole) this.#finish(ask, replied, behind)
    this.#fail()
  }

  #finish(ask: Ask, replied: Replied, behind: 'bytes' | 'fin' | null): void {
    const line = ask.line as Line
    const { name, fields, origin } = ask.asked
    ask.wanted = {
      is: 'resolved',
      replied,
      requirement: ask.isRepeated ? 'R9' : this.isClosed ? 'R13' : 'R1',
    }
    const why = whyNotKept(fields, replied, behind)
    if (why) return this.#drop(name, why.requirement, why.why)
    const hint = hintOf(replied.fields)
    const { idleMs, marginMs } = this.options
    const time = hint === null ? idleMs : Math.min(idleMs, hint - marginMs)
    if (time <= 0) return this.#drop(name, 'R7', `the hint leaves no time: ${hint} ms less ${marginMs} ms`)
    const next = this.#origin(origin).queue.shift()
    if (next) return carry(line, next, { requirement: 'R4', why: 'it is the first of those who wait' })
    if (this.isClosed) return this.#drop(name, 'R13', 'close() was called, and nobody needs it any more')
    line.state = 'idle'
    line.usedAt = ++this.#uses
    line.until = this.#now + time
    line.isHinted = replied.fields.some(([each]) => each.toLowerCase() === 'keep-alive')
  }

  #drop(name: string, requirement: string, why: string, wasReset = false): void {
    const { line } = this.asks.get(name) as Ask
    if (!line) return
    line.state = 'gone'
    line.ended = { requirement, why }
    line.wasReset = wasReset
    if (line.isOpening) this.#origin(line.origin).phantoms++
    this.#free(this.#origin(line.origin), { requirement, why: `connection ${line.number} has ended: ${why}` })
  }

  #end({ act, name }: { readonly act: 'fin' | 'reset'; readonly name: string }): void {
    const word = act === 'fin' ? 'FIN' : 'RST'
    const line = this.lineOf(name) as Line
    const ask = this.asks.get(line.carried.at(-1)?.name ?? '') as Ask
    if (line.state === 'idle')
      return this.#drop(name, 'R8', `${word} had come while it was idle`, act === 'reset')
    const { begun } = ask
    if (act === 'fin' && begun?.replied.end === 'nothing' && begun.hasHead) {
      this.#finish(ask, begun.replied, null)
    } else if (begun) {
      reject(ask, act === 'reset' ? 'ECONNRESET' : null, 'R10', `${word} came in the middle of its answer`)
      this.#drop(name, 'R10', `${word} came in the middle of an answer`, act === 'reset')
    } else this.#lose(ask, line, word)
    this.#fail()
  }

  /** Nothing of the answer has come. */
  #lose(ask: Ask, line: Line, word: 'FIN' | 'RST'): void {
    const { method } = ask.asked
    const isKept = line.carried.length > 1
    const origin = this.#origin(line.origin)
    line.state = 'gone'
    line.wasReset = word === 'RST'
    line.ended = { requirement: 'R9', why: `${word} came instead of an answer` }
    if (isKept && IDEMPOTENT.includes(method)) {
      ask.isRepeated = true
      return this.#open(ask, origin, {
        requirement: 'R9',
        why: `${method} is idempotent, and has lost the race`,
      })
    }
    const why = isKept ? `${method} is not known to be idempotent` : 'its connection was new'
    reject(
      ask,
      word === 'RST' ? 'ECONNRESET' : null,
      'R9',
      `${word} came before a byte of its answer, and ${why}`,
    )
    this.#free(origin, { requirement: 'R10', why: `connection ${line.number} has ended: ${word} came` })
  }

  #abort({ signal }: Extract<Act, { act: 'abort' }>): void {
    this.#aborted.add(signal)
    const all = [...this.asks.values()].filter(
      ({ asked, wanted }) => asked.signal === signal && wanted.is === 'pending',
    )
    // Who waits hears of it in the same turn: none of the places that the others leave is theirs.
    for (const ask of all.filter(({ line }) => !line)) this.#abortOne(ask)
    for (const ask of all.filter(({ line }) => line)) this.#abortOne(ask)
    this.#fail()
  }

  #abortOne(ask: Ask): void {
    const { origin: number, name, aborted } = ask.asked
    const origin = this.#origin(number)
    if (ask.wanted.is !== 'pending') return
    reject(ask, this.#abortCode, 'R11', 'its signal was aborted')
    if (origin.queue.includes(ask)) return void origin.queue.splice(origin.queue.indexOf(ask), 1)
    const failing = this.#failing.findIndex((each) => each.ask === ask)
    if (failing >= 0) {
      this.#failing.splice(failing, 1)
      return this.#free(origin, { requirement: 'R11', why: 'an abort has freed a place' })
    }
    if (aborted === 'at once') {
      origin.lines.pop()
      ask.line = null
      origin.phantoms++
      return this.#free(origin, { requirement: 'R11', why: 'an abort has freed a place' })
    }
    this.#drop(name, 'R11', `${ask.asked.method} ${ask.asked.target} was aborted on it`)
  }

  #tick(milliseconds: number): void {
    this.#now += milliseconds
    for (const line of this.origins.flatMap(({ lines }) => lines)) {
      if (line.state !== 'idle' || line.until > this.#now) continue
      const why = line.isHinted ? 'its time was over, by its hint or by idleMs' : 'its idle time was over'
      this.#drop(line.carried.at(-1)?.name ?? '', line.isHinted ? 'R7' : 'R6', why)
    }
  }

  #close(): void {
    this.isClosed = true
    for (const line of this.origins.flatMap(({ lines }) => lines))
      if (line.state === 'idle') this.#drop(line.carried.at(-1)?.name ?? '', 'R13', 'close() was called')
  }
}

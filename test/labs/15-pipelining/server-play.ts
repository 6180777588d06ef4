import type { Call, Check, RemoteServer } from '../../../workbook/grading/check.ts'
import type { Handler } from '../../../labs/kit/http.ts'
import { cutInside, drawErrand, name, requestBytes, saysClose, type Errand } from './scenes.ts'
import { ServerModel } from './server-model.ts'
import { serveWith } from './server-scenes.ts'
import { Shown, type Line } from './server-shown.ts'

/** What clients, the handler and the server's owner do next. A step that means nothing where it is met is passed over. */
export type ServerStep =
  /** The first step: `maxWaiting`. */
  | { readonly serve: number }
  /** Requests by their words, in one piece, in a write each, or cut in every head and body. */
  | { readonly send: readonly string[]; readonly on?: string; readonly in?: 'writes' | 'cuts' }
  /** The first part of a request, and later the rest of it. */
  | { readonly half: string; readonly on?: string; readonly upTo: 'head' | 'body' }
  | { readonly rest: true; readonly on?: string }
  /** A connection on which nothing comes. */
  | { readonly connect: string }
  /** The handler is done with the request that came as this one, from 0, if it has it; or with all that have come. */
  | { readonly ready: number | 'all'; readonly on?: string }
  | { readonly end: 'fin' | 'reset'; readonly on?: string }
  | { readonly close: true }

export async function playServer(c: Check, steps: readonly ServerStep[]): Promise<void> {
  const [first, ...others] = steps
  if (!first || !('serve' in first)) return
  const play = new ServerPlay(c, first.serve)
  await play.begin()
  for (const step of others) await play.step(step)
  await play.finish()
}

class ServerPlay {
  readonly #c: Check
  readonly #maxWaiting: number
  readonly #lines = new Map<string, Line>()
  readonly #closed: Array<Call<void>> = []
  /** Targets that the handler was given, in their order. */
  readonly #handled: string[] = []
  readonly #errands = new Map<string, Errand>()
  readonly #gates = new Map<string, () => void>()
  readonly #open = new Set<string>()
  readonly #shown: Shown
  #server: RemoteServer | null = null

  constructor(c: Check, maxWaiting: number) {
    this.#c = c
    this.#maxWaiting = maxWaiting
    this.#shown = new Shown(c, this.#errands, this.#handled)
  }

  async begin(): Promise<void> {
    this.#server = await serveWith(this.#c, this.#handler, this.#maxWaiting)
  }

  async step(step: ServerStep): Promise<void> {
    const called = 'connect' in step ? step.connect : 'on' in step ? step.on : 'client'
    // Nothing listens any more.
    if (this.#closed.length > 0 && !this.#lines.has(called ?? 'client') && !('close' in step)) return
    if ('connect' in step) await this.#line(step.connect)
    else if ('close' in step) this.#closed.push(...this.#close())
    else if (!('serve' in step)) await this.#onLine(step)
    await this.#look()
  }

  /** Everything is answered and ended: whatever the state was, close() gets to its end. */
  async finish(): Promise<void> {
    for (const line of this.#lines.values()) this.#ready(line, 'all')
    await this.#look()
    if (this.#closed.length === 0) this.#closed.push(...this.#close())
    for (const line of this.#lines.values()) await this.#end(line, 'fin')
    await this.#look()
  }

  // --- internal: what is done ---

  readonly #handler: Handler = async ({ target, body }) => {
    const errand = this.#errands.get(target)
    if (!errand) return this.#c.fail('requests as they were sent', `the handler was given ${target}`)
    await this.#c.blame('R9', () =>
      this.#c.expectBytes(
        body,
        errand.request.body,
        `the body of ${name(errand.request)}, as the handler got it`,
      ),
    )
    this.#handled.push(target)
    if (!this.#open.has(target)) await new Promise<void>((resolve) => this.#gates.set(target, resolve))
    return errand.response
  }

  async #onLine(
    step: Exclude<ServerStep, { serve: number } | { connect: string } | { close: true }>,
  ): Promise<void> {
    const line = await this.#line(step.on ?? 'client')
    if ('ready' in step) this.#ready(line, step.ready)
    else if ('end' in step) await this.#end(line, step.end)
    else if (line.sentFin || line.isReset || this.#closed.length > 0) return
    else if ('send' in step) await this.#send(line, step)
    else if ('half' in step) await this.#half(line, step)
    else await this.#rest(line)
  }

  async #line(called: string): Promise<Line> {
    const known = this.#lines.get(called)
    if (known) return known
    const end = await this.#c.connect((this.#server as RemoteServer).port, { name: called })
    const model = new ServerModel(this.#maxWaiting)
    const line = {
      name: called,
      end,
      model,
      errands: [],
      half: null,
      seen: 0,
      isInPieces: false,
      sentFin: false,
      isReset: false,
    }
    this.#lines.set(called, line)
    return line
  }

  async #send(
    line: Line,
    { send, in: how }: Extract<ServerStep, { send: readonly string[] }>,
  ): Promise<void> {
    if (line.half) return
    const errands = send.map((words) => this.#draw(words))
    const messages = errands.map(({ request }) => requestBytes(request))
    line.isInPieces ||= how !== undefined || line.errands.length > 0
    if (how === 'cuts') await line.end.sendInParts(cutInside(this.#c, messages))
    else for (const piece of how ? messages : [Buffer.concat(messages)]) await line.end.send(piece)
    for (const errand of errands) this.#came(line, errand)
  }

  async #half(line: Line, { half, upTo }: Extract<ServerStep, { half: string }>): Promise<void> {
    if (line.half) return
    const errand = this.#draw(half)
    const bytes = requestBytes(errand.request)
    const at = upTo === 'head' ? this.#c.random.integer(1, 20) : bytes.length - 1
    await line.end.send(bytes.subarray(0, at))
    line.half = { errand, rest: bytes.subarray(at) }
    this.#c.step(`${line.name} has sent ${name(errand.request)} up to the middle of its ${upTo}`)
  }

  async #rest(line: Line): Promise<void> {
    if (!line.half) return
    const { errand, rest } = line.half
    line.isInPieces = true
    await line.end.send(rest)
    line.half = null
    this.#came(line, errand)
  }

  #draw(words: string): Errand {
    const errand = drawErrand(this.#c, words, this.#errands.size + 1)
    this.#errands.set(errand.request.target, errand)
    return errand
  }

  #came(line: Line, errand: Errand): void {
    const { request, response } = errand
    line.errands.push(errand)
    line.model.came({
      name: name(request),
      method: request.method,
      closes: saysClose(request),
      answerCloses: saysClose(response),
    })
  }

  #ready(line: Line, which: number | 'all'): void {
    const { waiting } = line.model
    const indexes = which === 'all' ? [...line.errands.keys()] : waiting.filter((index) => index === which)
    for (const index of indexes) {
      const { target } = (line.errands[index] as Errand).request
      this.#open.add(target)
      this.#gates.get(target)?.()
      line.model.ready(index)
    }
  }

  async #end(line: Line, how: 'fin' | 'reset'): Promise<void> {
    if (line.sentFin || line.isReset) return
    await line.end[how]()
    if (how === 'reset') line.isReset = true
    else line.sentFin = true
    line.model.ended()
  }

  #close(): Array<Call<void>> {
    for (const { model } of this.#lines.values()) model.closing()
    return [(this.#server as RemoteServer).close()]
  }

  async #look(): Promise<void> {
    await this.#c.learner.idle()
    await this.#shown.look([...this.#lines.values()], this.#closed)
  }
}

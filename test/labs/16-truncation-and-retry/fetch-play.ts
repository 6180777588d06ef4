import type { Request, Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { cameOf, cutAt, type Cut } from './cuts.ts'
import { FetchModel } from './fetch-model.ts'
import { expectOutcome } from './fetch-outcomes.ts'
import { expectRequest, partsOf, type Asked } from './requests.ts'
import { made, type Reply, type Sent, type Whole } from './replies.ts'

export type Step =
  | {
      readonly call: string
      readonly retries?: number
      readonly mayRepeat?: true
      readonly brings?: readonly string[]
      readonly body?: true
    }
  | {
      readonly reply: Reply
      readonly upTo?: Cut
      readonly end?: 'FIN' | 'RST' | 'open'
      readonly inParts?: true
      /** An hour passes before it ends. */
      readonly inAnHour?: true
    }
  | { readonly decides: 'yes' | 'no' | 'rejects' }
  | { readonly server: 'refuses' }
  | { readonly hours: number }

/** Calls of fetchWhole, held against the model after each step. */
export function fetching(
  scripts: Readonly<Record<string, readonly Step[]>>,
  draw?: (random: Random) => readonly Step[],
  drawn = 2,
): Conversations<Step> {
  return { scripts, drawn, ...(draw && { draw }), play: (check, steps) => new Play(check).run(steps) }
}

class Play {
  readonly #c: Check
  readonly #wires: Connection[] = []
  readonly #given: Request[] = []
  /** On each connection one answer is sent. */
  readonly #replied = new Set<Connection>()
  readonly #reset = new Set<Connection>()
  #listener!: Listener
  #model: FetchModel | null = null
  #call: Call<Response> | null = null
  #asked!: Asked
  #first: { sent: Sent; total: boolean } | null = null
  #decide: ((says: 'yes' | 'no' | 'rejects') => void) | null = null

  constructor(check: Check) {
    this.#c = check
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#c.learner.holdClock()
    this.#listener = await this.#c.listen({ name: 'server' })
    for (const step of steps) await this.#act(step)
    const open = this.#wires.filter((wire) => !this.#isGone(wire))
    for (const wire of open) await wire.fin()
    this.#decide?.('no')
    await this.#c.learner.idle()
  }

  async #act(step: Step): Promise<void> {
    if ('call' in step) return await this.#start(step)
    const model = this.#model
    if (!model) return
    if ('hours' in step) {
      await this.#c.learner.tick(step.hours * 3_600_000)
      return await this.#compare(model)
    }
    if ('server' in step) return this.#c.learner.permit('127.0.0.1', this.#listener.port, 'refused')
    if ('decides' in step) {
      if (!model.waits || !this.#decide) return
      this.#decide(step.decides)
      this.#decide = null
      model.decided(step.decides === 'yes')
      return await this.#compare(model)
    }
    await this.#reply(model, step)
  }

  async #start(step: Extract<Step, { call: string }>): Promise<void> {
    if (this.#model) return
    const { random, learner } = this.#c
    const { call: method, retries, mayRepeat, brings = [], body } = step
    const mark = random.word()
    const lines = [`X-Mark: ${mark}`, ...brings].map((text): [string, string] => {
      const [name = '', value = ''] = text.split(': ')
      return [name, value]
    })
    const content = body ? random.bytes(random.integer(10, 80)) : Buffer.alloc(0)
    this.#asked = { method, target: `/${random.word()}?${random.word()}`, lines, body: content }
    this.#model = new FetchModel({
      method,
      ...(retries !== undefined && { retries }),
      mayRepeat: mayRepeat === true,
      isConditional: brings.some((line) => /^(?:range|if-)/i.test(line)),
    })
    const decide = (request: Request): Promise<boolean> => {
      this.#given.push(request)
      return new Promise((resolve, reject) => {
        this.#decide = (says) =>
          says === 'rejects' ? reject(new Error('who knows')) : resolve(says === 'yes')
      })
    }
    const options = { ...(retries !== undefined && { retries }), ...(mayRepeat && { mayRepeat: decide }) }
    const partial = {
      target: this.#asked.target,
      headers: lines,
      ...(method !== 'GET' && { method }),
      ...(body && { body: content }),
    }
    const more = Object.keys(options).length > 0 ? [options] : []
    this.#call = learner.call<Response>('fetchWhole', this.#listener.port, partial, ...more)
    await this.#compare(this.#model)
  }

  async #reply(model: FetchModel, step: Extract<Step, { reply: Reply }>): Promise<void> {
    const { reply, upTo = 'whole', end = 'open', inParts } = step
    const wire = this.#wires.at(-1)
    if (!wire || model.waits || model.outcome.is !== 'pending' || this.#replied.has(wire)) return
    this.#replied.add(wire)
    const { random } = this.#c
    const sent = made(reply, { random, now: 0, method: this.#asked.method, held: this.#whole(model) })
    const bytes = sent.bytes.subarray(0, cutAt(sent, upTo).bytes)
    if (inParts && bytes.length > 1) await wire.sendInParts(random.split(bytes))
    else if (bytes.length > 0) await wire.send(bytes)
    model.came(cameOf(sent, upTo, 'open'))
    this.#note(model, sent)
    await this.#compare(model)
    if (step.inAnHour) {
      await this.#c.learner.tick(3_600_000)
      await this.#compare(model)
    }
    if (end === 'open' || this.#isGone(wire)) return
    const isOver = model.outcome.is !== 'pending'
    if (end === 'RST') this.#reset.add(wire)
    await (end === 'FIN' ? wire.fin() : wire.reset())
    if (!isOver) model.came(cameOf(sent, upTo, end))
    this.#note(model, sent)
    await this.#compare(model)
  }

  /** Ended by the client, or reset by the server. */
  #isGone(wire: Connection): boolean {
    return wire.ended !== 'open' || this.#reset.has(wire)
  }

  /** The answer whose rest will be asked for, as the server has it. */
  #note(model: FetchModel, sent: Sent): void {
    if (model.held?.lines === sent.lines) this.#first = { sent, total: sent.framing === 'length' }
  }

  #whole({ held }: FetchModel): Whole | null {
    if (!held?.tag || !this.#first) return null
    const { sent, total } = this.#first
    return { content: sent.content, tag: held.tag, have: held.content.length, isTotalKnown: total }
  }

  // --- against the model ---

  async #compare(model: FetchModel): Promise<void> {
    const { learner, blame, expect } = this.#c
    await learner.idle()
    const { outcome } = this.#call ?? {}
    await blame('R5', () =>
      expect(
        this.#given.length <= model.asked,
        `mayRepeat asked ${model.asked} times: ${model.why}`,
        `${this.#given.length} times`,
      ),
    )
    await blame(model.requirement, () => expectOutcome(this.#c, this.#call, model))
    while (this.#listener.accepted > this.#wires.length) this.#wires.push(await this.#listener.connection())
    const count = this.#wires.length
    await blame(model.waits ? 'R5' : model.requirement, () =>
      expect(
        count === model.attempts,
        `${model.attempts} ${model.attempts === 1 ? 'attempt' : 'attempts'}: ${model.why}`,
        `${count} connections${outcome ? ', and the call has settled' : ''}`,
      ),
    )
    await this.#expectAttempt(model)
    await blame('R5', () =>
      expect(
        this.#given.length === model.asked,
        `mayRepeat asked ${model.asked} times: ${model.why}`,
        `${this.#given.length} times`,
      ),
    )
    if (this.#given[0]) await blame('R5', () => this.#expectGiven())
    await blame('R4', () =>
      expect(
        this.#wires.slice(0, -1).every((wire) => this.#isGone(wire)),
        'the end of each attempt before the next',
        'a connection of an earlier attempt open',
      ),
    )
    if (model.outcome.is === 'pending') return
    await blame('R1', () =>
      expect(
        this.#wires.every((wire) => this.#isGone(wire)),
        'no connection open when the promise has settled',
        'a connection still open',
      ),
    )
  }

  async #expectAttempt(model: FetchModel): Promise<void> {
    const wire = this.#wires.at(-1)
    if (!wire || wire.unread.length === 0) return
    const { blame, expect } = this.#c
    const range = model.range
    const earlier = model.attempts > 2 && model.requirement === 'R4' && range === null
    const request = await blame(model.attempts === 1 ? 'R1' : model.requirement, () => wire.request())
    const saw = [request.header('range'), request.header('if-range')].map((value) => value ?? 'none')
    const brought = this.#asked.lines.map(([name, value]) => [name.toLowerCase(), value] as const)
    const own = (name: string) => brought.find(([given]) => given === name)?.[1] ?? 'none'
    const due = range ? [range.range, range.ifRange] : [own('range'), own('if-range')]
    // Of the rest of a new answer it is first promised that it is asked for.
    const isNew = model.attempts > 2 && model.requirement === 'R4' && range !== null && saw[0] === 'none'
    const isLater = earlier || (model.attempts > 2 && !isNew)
    await blame(model.attempts === 1 ? 'R1' : isLater ? 'R7' : 'R6', () =>
      expect(
        saw.join(' ') === due.join(' '),
        `Range ${due[0]}, If-Range ${due[1]} in attempt ${model.attempts}: ${model.why}`,
        `Range ${saw[0]}, If-Range ${saw[1]}`,
      ),
    )
    await blame(model.attempts === 1 ? 'R1' : model.requirement, () =>
      expectRequest(this.#c, request, this.#asked, `attempt ${model.attempts}`),
    )
    await blame('R1', () =>
      expect(
        /\bclose\b/i.test(request.header('connection') ?? ''),
        'Connection: close in each request',
        request.header('connection') ?? 'none',
      ),
    )
  }

  #expectGiven(): void {
    const [given] = this.#given
    const { expectEqual, expectBytes } = this.#c
    const { method, target, body, lines } = this.#asked
    expectEqual([given?.method, given?.target], [method, target], 'method and target that mayRepeat gets')
    const fields = partsOf(given?.headers)
    const missing = lines.filter(([name, value]) => !fields.includes(`${name.toLowerCase()}: ${value}`))
    expectEqual(missing, [], 'the fields that mayRepeat does not get')
    expectBytes(given?.body ?? Buffer.alloc(0), body, 'the body that mayRepeat gets')
  }
}

import type {
  Check,
  Connection,
  HttpMessage,
  Listener,
  RemoteServer,
} from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { expectAnswer } from './cache-answers.ts'
import { expectArrival, type Client } from './cache-arrivals.ts'
import { CacheModel, type Ask } from './cache-model.ts'
import { FetchModel } from './fetch-model.ts'
import { cameOf, cutAt, type Cut } from './cuts.ts'
import { lineOf, made, type Line, type Reply, type Whole } from './replies.ts'

export type Step =
  | {
      /** A letter stands for a target of the run. */
      readonly get: string
      readonly method?: string
      readonly host?: string
      readonly brings?: readonly string[]
      readonly body?: 'length' | 'chunks'
    }
  | { readonly answers: Reply; readonly at?: 'last' }
  | { readonly cuts: Reply; readonly upTo: Cut; readonly end: 'FIN' | 'RST'; readonly at?: 'last' }
  | { readonly seconds: number; readonly whileAsked?: true }
  | { readonly client: number; readonly does: 'FIN' | 'RST' }

export interface Settings {
  readonly maxBytes?: number
  readonly draw?: (random: Random) => readonly Step[]
  readonly drawn?: number
}

/** Conversations through the cache, held against the model after each step. */
export function caching(
  requirement: string,
  scripts: Readonly<Record<string, readonly Step[]>>,
  { maxBytes = 1_000_000, draw, drawn = 2 }: Settings = {},
): Conversations<Step> {
  const play = (check: Check, steps: readonly Step[]) => new Play(check, requirement, maxBytes).run(steps)
  return { scripts, drawn, ...(draw && { draw }), play }
}

/** When the clock of a run begins: in the youth of HTTP/1.1. */
const drawStart = (random: Random): number => Date.UTC(1997, 0, 1) + random.integer(0, 60_000_000) * 1000

class Play {
  readonly #c: Check
  readonly #fallback: string
  readonly #maxBytes: number
  readonly #model: CacheModel
  readonly #clients: Client[] = []
  readonly #words = new Map<string, string>()
  readonly #answered = new Set<Connection>()
  #origin!: Listener
  #server!: RemoteServer
  #taken = 0
  #now: number

  constructor(check: Check, requirement: string, maxBytes: number) {
    this.#c = check
    this.#fallback = requirement
    this.#maxBytes = maxBytes
    this.#model = new CacheModel(maxBytes)
    this.#now = drawStart(check.random)
  }

  async run(steps: readonly Step[]): Promise<void> {
    const { learner } = this.#c
    learner.holdClock()
    this.#origin = await this.#c.listen({ name: 'origin' })
    const now = await learner.make('clockAt', this.#now)
    const address = { host: '127.0.0.1', port: this.#origin.port }
    this.#server = await learner.serve('startCache', address, { now, maxBytes: this.#maxBytes })
    for (const step of steps) {
      await this.#act(step)
      await learner.idle()
      await this.#compare()
    }
    await this.#leave()
  }

  async #act(step: Step): Promise<void> {
    if ('get' in step) return await this.#ask(step)
    if ('client' in step) return await this.#clientLeaves(step)
    if ('seconds' in step) {
      // When a request was asked for is certain only where no time has passed since.
      if (!step.whileAsked && this.#model.asks.some(({ state }) => state.is === 'upstream')) return
      await this.#c.learner.tick(step.seconds * 1000)
      this.#now += step.seconds * 1000
      return
    }
    const [reply, upTo, end] =
      'answers' in step ? [step.answers, 'whole' as const, 'FIN' as const] : [step.cuts, step.upTo, step.end]
    const waiting = this.#clients.filter(
      ({ ask, asked }) => ask.state.is === 'upstream' && !this.#isAnswered(asked.at(-1)),
    )
    const client = step.at === 'last' ? waiting.at(-1) : waiting[0]
    if (client) await this.#answer(client, reply, upTo, end)
  }

  #isAnswered(wire: Connection | undefined): boolean {
    return wire === undefined || this.#answered.has(wire)
  }

  #wordOf(letter: string): string {
    const word = this.#words.get(letter) ?? this.#c.random.word()
    this.#words.set(letter, word)
    return word
  }

  async #ask(step: Extract<Step, { get: string }>): Promise<void> {
    const { random } = this.#c
    const { method = 'GET', host = 'a.example', brings = [], body } = step
    const name = `client ${this.#clients.length + 1}`
    const target = `/${this.#wordOf(step.get)}`
    const lines: Line[] = [['X-Ask', String(this.#clients.length)], ...brings.map(lineOf)]
    const content = body ? random.bytes(random.integer(10, 60)) : Buffer.alloc(0)
    const framing = {
      length: `Content-Length: ${content.length}\r\n`,
      chunks: 'Transfer-Encoding: chunked\r\n',
    }
    const fields = [['Host', host] as const, ...lines]
      .map(([field, value]) => `${field}: ${value}\r\n`)
      .join('')
    const head = `${method} ${target} HTTP/1.1\r\n${fields}${body ? framing[body] : ''}\r\n`
    const chunks = [`${content.length.toString(16)}\r\n`, content, '\r\n0\r\n\r\n'].map((part) =>
      Buffer.from(part as string),
    )
    const wire = await this.#c.connect(this.#server.port, { name })
    await wire.send(Buffer.concat([Buffer.from(head, 'latin1'), ...(body === 'chunks' ? chunks : [content])]))
    const ask = this.#model.ask({ method, host, target, lines: lines.slice(1) }, this.#now)
    const client = {
      ask,
      wire,
      lines,
      body: content,
      name,
      asked: [],
      first: null,
      isTold: false,
      hasLeft: false,
      hasHalfClosed: false,
    }
    this.#clients.push({ ...client, fetch: null })
  }

  async #clientLeaves({ client: number, does }: Extract<Step, { client: number }>): Promise<void> {
    const client = this.#clients[number]
    if (!client || client.hasLeft || client.isTold) return
    client.hasLeft = does === 'RST'
    client.hasHalfClosed = true
    await (does === 'RST' ? client.wire.reset() : client.wire.fin())
  }

  async #answer(client: Client, reply: Reply, upTo: Cut, end: 'FIN' | 'RST'): Promise<void> {
    const wire = client.asked.at(-1)
    const { ask, fetch } = client
    if (!wire || !fetch) return
    this.#answered.add(wire)
    const { method } = ask.question
    const held: Whole | null =
      fetch.held?.tag && fetch.range && client.first
        ? {
            content: client.first.sent.content,
            tag: fetch.held.tag,
            have: fetch.held.content.length,
            isTotalKnown: client.first.total,
          }
        : null
    const sent = made(reply, { random: this.#c.random, now: this.#now, method, held })
    const bytes = sent.bytes.subarray(0, cutAt(sent, upTo).bytes)
    if (bytes.length > 0) await wire.send(bytes)
    await this.#c.learner.idle()
    const isOver = wire.ended !== 'open'
    if (!isOver) await (end === 'FIN' ? wire.fin() : wire.reset())
    fetch.came(cameOf(sent, upTo, end))
    if (fetch.held?.lines === sent.lines) client.first = { sent, total: sent.framing === 'length' }
    const { outcome } = fetch
    if (outcome.is === 'pending') return
    if (outcome.is === 'resolved') this.#model.came(ask, outcome, this.#now)
    else this.#model.failed(ask)
  }

  async #leave(): Promise<void> {
    for (const { wire } of this.#clients) if (wire.ended !== 'RST') await wire.fin()
    for (;;) {
      const open = this.#clients.flatMap(({ asked }) => asked).filter((wire) => !this.#answered.has(wire))
      for (const wire of open) {
        this.#answered.add(wire)
        await wire.reset()
      }
      await this.#c.learner.idle()
      if (this.#origin.accepted === this.#taken) return
      await this.#takeAll()
    }
  }

  // --- against the model ---

  async #compare(): Promise<void> {
    for (const client of this.#clients)
      if (client.ask.state.is === 'upstream') client.fetch ??= this.#fetchOf(client.ask)
    await this.#takeAll((client, request) => expectArrival(this.#c, this.#fallback, client, request))
    for (const client of this.#clients) await this.#expectAsked(client)
    for (const client of this.#clients) await this.#expectTold(client)
  }

  #fetchOf({ question, state }: Ask): FetchModel {
    return new FetchModel({
      method: question.method,
      isConditional: state.is === 'upstream' && state.isConditional,
    })
  }

  async #takeAll(see?: (client: Client, request: HttpMessage) => Promise<void>): Promise<void> {
    while (this.#origin.accepted > this.#taken) {
      const wire = await this.#origin.connection()
      this.#taken++
      if (!see) {
        this.#answered.add(wire)
        await wire.reset()
        continue
      }
      const request = await this.#c.blame('R8', () => wire.request())
      const client = this.#clients[Number(request.header('x-ask') ?? -1)]
      if (!client)
        return await this.#c.blame('R8', () =>
          this.#c.fail('X-Ask at the origin as its client gave it', request.startLine),
        )
      client.asked.push(wire)
      await see(client, request)
    }
  }

  async #expectAsked({ ask, asked, fetch, name }: Client): Promise<void> {
    if (ask.state.is !== 'upstream' || !fetch || asked.length >= fetch.attempts) return
    const { method, target } = ask.question
    const requirement = fetch.attempts > 1 ? 'R15' : (ask.requirement ?? this.#fallback)
    const why = fetch.attempts > 1 ? fetch.why : ask.why
    await this.#c.blame(requirement, () =>
      this.#c.fail(`${method} ${target} of ${name} at the origin: ${why}`, 'nothing: your cache is idle'),
    )
  }

  async #expectTold(client: Client): Promise<void> {
    const { ask, wire, isTold, hasLeft, hasHalfClosed, name } = client
    if (isTold || hasLeft) return
    const { blame, expect } = this.#c
    const isDone = ask.state.is === 'answered' || ask.state.is === 'failed'
    if (isDone) {
      client.isTold = true
      return await expectAnswer(this.#c, client, this.#fallback)
    }
    const promise = hasHalfClosed ? 'R17' : ask.state.is === 'waits' ? 'R14' : 'R15'
    const saw = `${wire.received.length} bytes: ${wire.received.toString('latin1', 0, 40)}${wire.ended === 'open' ? '' : `, ${wire.ended}`}`
    await blame(promise, () =>
      expect(
        wire.received.length === 0 && wire.ended === 'open',
        `nothing for ${name} yet: no whole answer has come for it`,
        saw,
      ),
    )
  }
}

import type { Check, Connection, HttpMessage } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { bytesOf, isEndless, isForNobodyElse, looksWhole, nameOf, requestOf, whyNot } from './messages.ts'
import { isOver, ProxyModel, type Answer, type Ask } from './model.ts'
import { countsOnce, LIMITS, place, START, takeWires, type Place } from './place.ts'
import type { AskStep, Step } from './steps.ts'

interface Client {
  readonly wire: Connection
  readonly isOld: boolean
  readonly told: Set<Ask>
  hasLeft: boolean
  hasEnded: boolean
}

/** Conversations through the proxy, held against the model after each step. */
export function talking(
  scripts: Readonly<Record<string, readonly Step[]>>,
  draw?: (random: Random) => readonly Step[],
): Conversations<Step> {
  const play = (check: Check, steps: readonly Step[]): Promise<void> => new Play(check).run(steps)
  return { scripts, drawn: 3, ...(draw && { draw }), play }
}

class Play {
  readonly #c: Check
  readonly #model = new ProxyModel()
  readonly #clients = new Map<number, Client>()
  readonly #words = new Map<string, string>()
  readonly #atOrigin = new Map<Ask, Connection>()
  readonly #free: Connection[] = []
  readonly #freeSince = new Map<Connection, number>()
  readonly #gone = new Set<Connection>()
  #place!: Place
  #now = START

  constructor(check: Check) {
    this.#c = check
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#place = await place(this.#c)
    for (const step of steps) {
      await this.#act(step)
      await this.#c.learner.idle()
      await this.#compare()
    }
    const { asks } = this.#model
    const begun = asks.filter(({ state }) => state !== 'queued').length
    await countsOnce(this.#c, this.#place, begun, asks.length)
    for (const { wire, hasLeft } of this.#clients.values())
      if (!hasLeft && wire.ended === 'open') await wire.reset()
    for (const { wire, hasEnded } of this.#clients.values())
      if (wire.ended === 'FIN' && !hasEnded) await wire.fin()
    await this.#c.learner.idle()
    await this.#place.proxy.close()
  }

  async #act(step: Step): Promise<void> {
    if ('asks' in step) return await this.#ask(step)
    if ('seconds' in step) {
      // An origin has its time too, which other scenes look at.
      if (this.#atOrigin.size > 0) return
      await this.#c.learner.tick(step.seconds * 1000)
      this.#now += step.seconds * 1000
      this.#endIdle()
      return
    }
    if ('leaves' in step) return await this.#leave(step.leaves)
    if ('ends' in step) return await this.#end(step.ends)
    const open = this.#model.asks.filter((ask) => this.#atOrigin.has(ask))
    const ask = 'answers' in step && step.at === 'last' ? open.at(-1) : open[0]
    if (ask) await this.#answer(ask, step)
  }

  /** Connections to the origin that have been idle for too long. */
  #endIdle(): void {
    for (const wire of this.#free.slice())
      if (this.#now - (this.#freeSince.get(wire) ?? 0) >= LIMITS.idleMs) {
        this.#gone.add(wire)
        this.#free.splice(this.#free.indexOf(wire), 1)
      }
  }

  async #ask(step: AskStep): Promise<void> {
    const known = this.#clients.get(step.asks)
    if (known && (known.hasLeft || known.hasEnded || known.wire.ended !== 'open')) return
    const name = `client ${step.asks}`
    const client = known ?? {
      wire: await this.#c.connect(this.#place.proxy.port, { name }),
      isOld: step.old === true,
      told: new Set<Ask>(),
      hasLeft: false,
      hasEnded: false,
    }
    // Behind the answer to HTTP/1.0 nothing is read.
    if (client.isOld && known) return
    this.#clients.set(step.asks, client)
    const { method = 'GET', host = 'a.example', language = null } = step
    const target = `/${this.#wordOf(step.for)}`
    const id = this.#model.asks.length
    await client.wire.send(requestOf(step, target, id, client.isOld))
    const { authorized = false, noCache = false } = step
    this.#model.ask({ client: step.asks, method, target, host, language, authorized, noCache }, this.#now)
  }

  async #answer(ask: Ask, step: Extract<Step, { answers: unknown } | { cuts: unknown }>): Promise<void> {
    const isCut = 'cuts' in step
    const wire = this.#atOrigin.get(ask) as Connection
    const given = 'cuts' in step ? step.cuts : step.answers
    // Nobody says 304 to a question without a condition.
    if (given.status === 304 && ask.condition === null) return
    const body = given.status === 304 ? '' : (given.body ?? this.#c.random.word())
    const answer: Answer = { status: 200, ...given, body }
    const isToFin = 'answers' in step && step.framing === 'FIN' && ask.method !== 'HEAD'
    const bytes = bytesOf(answer, isToFin ? 'FIN' : step.framing, ask.method)
    this.#atOrigin.delete(ask)
    await wire.send(isCut ? bytes.slice(0, -3) : bytes)
    if (isCut || isToFin) {
      await this.#c.learner.idle()
      await wire.fin()
      this.#gone.add(wire)
    } else {
      this.#free.push(wire)
      this.#freeSince.set(wire, this.#now)
    }
    if (isCut) {
      ask.shown = { status: answer.status, body: answer.body, age: null, requirement: 'R9' }
      this.#model.wasCut(ask, this.#now)
    } else {
      this.#model.cameWhole(ask, answer, this.#now)
    }
  }

  async #leave(number: number): Promise<void> {
    const client = this.#clients.get(number)
    if (!client || client.hasLeft || client.wire.ended !== 'open') return
    client.hasLeft = true
    await client.wire.reset()
    for (const ask of this.#model.asks.filter((each) => each.client === number && !isOver(each))) {
      const wire = this.#atOrigin.get(ask)
      this.#atOrigin.delete(ask)
      if (wire) {
        this.#gone.add(wire)
        await this.#c.blame('R13', () => wire.seesEnd())
      }
      this.#model.wasCut(ask, this.#now)
    }
  }

  async #end(number: number): Promise<void> {
    const client = this.#clients.get(number)
    if (!client || client.hasLeft || client.hasEnded || client.wire.ended !== 'open') return
    client.hasEnded = true
    await client.wire.fin()
  }

  #wordOf(letter: string): string {
    const word = this.#words.get(letter) ?? `${letter}-${this.#c.random.word()}`
    this.#words.set(letter, word)
    return word
  }

  // --- against the model ---

  async #compare(): Promise<void> {
    await takeWires(this.#place.origin, this.#place.wires)
    for (const wire of this.#place.wires) while (wire.unread.length > 0) await this.#seeRequest(wire)
    for (const ask of this.#model.asks)
      if (ask.state === 'at the origin' && !this.#atOrigin.has(ask))
        await this.#c.blame(this.#whoPromises(ask), () =>
          this.#c.fail(`${nameOf(ask)} at the origin`, 'nothing: your proxy is idle'),
        )
    for (const ask of this.#model.asks) await this.#seeAnswer(ask)
    for (const [number, { wire, isOld, hasLeft, told }] of this.#clients) {
      if (hasLeft || wire.unread.length === 0) continue
      const waiting = this.#model.asks.find((ask) => ask.client === number && !isOver(ask))
      const last = [...told].at(-1)
      const isStored = !waiting && last?.shown?.age !== undefined && last.shown?.age !== null
      const requirement = waiting?.state === 'waits' ? 'R17' : isStored ? 'R16' : isOld ? 'R10' : 'R5'
      await this.#c.blame(requirement, () =>
        this.#c.fail(`nothing for client ${number} yet`, wire.unread.toString('latin1', 0, 60)),
      )
    }
  }

  /** That the origin is asked. */
  #whoPromises(ask: Ask): string {
    if (this.#hasEnded(ask)) return 'R5'
    return ask.condition === null && !this.#isBehindOthers(ask) ? 'R16' : 'R17'
  }

  #hasEnded(ask: Ask | null): boolean {
    return ask !== null && this.#clients.get(ask.client)?.hasEnded === true
  }

  /** Nobody has had this whole, though somebody has asked; or somebody still asks for itself alone. */
  #isBehindOthers({ id, target }: Ask): boolean {
    return this.#model.asks.some((each) => each.id < id && each.target === target && isForNobodyElse(each))
  }

  async #seeRequest(wire: Connection): Promise<void> {
    const request = await wire.request()
    const ask = this.#model.asks[Number(request.header('x-ask') ?? -1)]
    if (!ask)
      return await this.#c.blame('R9', () => this.#c.fail('X-Ask as its client gave it', request.startLine))
    const isAwaited = ask.state === 'at the origin' && !this.#atOrigin.has(ask)
    const whose = ask.state === 'waits' || ask.shown?.requirement === 'R17' ? 'R17' : 'R16'
    // Who asks although somebody else has asked, and was given up for its FIN.
    const isGivenUp = ask.state === 'waits' && this.#hasEnded(ask.waitsFor)
    await this.#c.blame(isGivenUp ? 'R5' : whose, () =>
      this.#c.expect(isAwaited, `no ${nameOf(ask)} at the origin: ${whyNot(ask)}`, request.startLine),
    )
    await this.#c.blame('R17', () =>
      this.#c.expectEqual(request.header('if-none-match'), ask.condition, `If-None-Match of ${nameOf(ask)}`),
    )
    await this.#c.blame('R11', () => this.#seeConnection(ask, wire))
    this.#atOrigin.set(ask, wire)
  }

  /** The connection used last, if there is one that nobody uses. */
  #seeConnection(ask: Ask, wire: Connection): void {
    const last = this.#free.at(-1)
    const isFree = this.#free.includes(wire)
    const isBusy = [...this.#atOrigin.values()].includes(wire)
    const isNew = !isFree && !this.#gone.has(wire) && !isBusy
    // Whoever has waited may have asked a moment before that connection was free.
    const isRight = ask.waitsFor ? isFree || isNew : last === undefined ? isNew : wire === last
    const right = last ? 'the connection to the origin that was used last' : 'a new connection'
    const other = isBusy ? 'one whose answer is still to come' : 'another one that was kept'
    this.#c.expect(isRight, `${nameOf(ask)} on ${right}`, isNew ? 'a new one' : other)
    if (isFree) this.#free.splice(this.#free.indexOf(wire), 1)
  }

  async #seeAnswer(ask: Ask): Promise<void> {
    const client = this.#clients.get(ask.client)
    if (!client || !isOver(ask) || client.told.has(ask) || client.hasLeft) return
    client.told.add(ask)
    if (ask.state === 'cut') return await this.#seeCut(ask, client)
    const shown = ask.shown ?? { status: 0, body: '', age: null, requirement: 'R9' }
    const { status, body, age } = shown
    const requirement = client.hasEnded ? 'R5' : shown.requirement
    if (age !== null && ask.method !== 'HEAD') await this.#c.blame('R10', () => this.#seeEnd(ask, client))
    const got = await this.#c.blame(requirement, () =>
      client.wire.response({ head: ask.method === 'HEAD', as: `the answer to ${nameOf(ask)}` }),
    )
    await this.#c.blame(requirement, () => {
      this.#c.expectEqual(
        [got.words[1], got.body.toString()],
        [String(status), body],
        `the answer to ${nameOf(ask)}`,
      )
      if (age !== null) this.#c.expectEqual(got.header('age'), String(age), `Age for ${nameOf(ask)}`)
    })
    await this.#c.blame('R10', () => this.#seeFraming(ask, client, got))
    if (!client.isOld) return
    await this.#c.blame('R4', () => client.wire.sees('FIN'))
  }

  /** Whoever reads it knows where it ends, be there nothing in it. */
  #seeEnd(ask: Ask, { wire }: Client): void {
    const said = wire.unread.toString('latin1')
    this.#c.expect(
      wire.ended !== 'open' || !isEndless(said),
      `Content-Length of what is stored, in the answer to ${nameOf(ask)}`,
      `a head without a length, on a connection that stays open: ${said.slice(0, 60)}`,
    )
  }

  #seeFraming(ask: Ask, { isOld }: Client, got: HttpMessage): void {
    if (isOld)
      this.#c.expectEqual(got.header('transfer-encoding'), null, 'Transfer-Encoding of an answer to HTTP/1.0')
    if (ask.shown?.age === null || ask.method === 'HEAD') return
    const length = String(Buffer.byteLength(ask.shown?.body ?? ''))
    this.#c.expectEqual(got.header('content-length'), length, 'Content-Length of what is stored')
  }

  /** Whatever of it has come, nobody can take it for all. */
  async #seeCut(ask: Ask, { wire, isOld }: Client): Promise<void> {
    const said = wire.unread.toString('latin1')
    const status = said.slice(9, 12)
    await this.#c.blame('R13', () => {
      if (status === '502') return
      this.#c.expect(
        wire.ended !== 'open',
        `the end of the connection, behind half of the answer to ${nameOf(ask)}`,
        'nothing: your proxy is idle',
      )
      this.#c.expect(
        !looksWhole(said, wire.ended === 'FIN'),
        `half an answer for ${nameOf(ask)} that nobody takes for a whole one`,
        isOld ? 'FIN' : said.slice(0, 60),
      )
    })
    if (status === '502') await wire.response()
    else if (wire.unread.length > 0) await wire.take(wire.unread.length)
  }
}

import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import {
  lastEvent,
  wrongEvent,
  type Body,
  type Event,
  type PageModel,
  type Plan,
  type Reason,
} from './model.ts'
import { bodySent, type Answer, type Page } from './scenes.ts'

/** One page under way: what the server holds of it, and the model of the client. */
export interface Scene {
  readonly c: Check
  readonly server: Listener
  readonly model: PageModel
  readonly call: Call<Page>
  /** By target. */
  readonly answers: Map<string, Answer>
  /** In the order in which they were accepted. */
  readonly wires: Connection[]
  /** Numbers of connections that the server has reset. */
  readonly reset: Set<number>
  readonly events: Event[]
  /** Told when the promise had settled. */
  readonly late: Event[]
  /** Nobody is told of events. */
  readonly isSilent: boolean
}

/** Holds what the client has shown against the model. */
export class Watch {
  readonly #scene: Scene
  #eventsSeen = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Everything that a right program has shown by now, and nothing else: to be called when something has happened. */
  async look(): Promise<void> {
    await this.#scene.c.learner.idle()
    const plan = this.#scene.model.plan()
    await this.#takeAll(plan)
    await this.#ends()
    await this.#nothingMissing(plan)
    if (!this.#scene.isSilent) await this.#lookAtEvents()
    await this.#settlesInTime()
    this.#scene.model.seen()
  }

  // --- internal ---

  async #takeAll(plan: Plan): Promise<void> {
    const known = this.#scene.wires.length
    while (this.#scene.server.accepted > this.#scene.wires.length)
      this.#scene.wires.push(await this.#scene.server.connection())
    await this.#cap()
    let opened = 0
    for (const [number, wire] of this.#scene.wires.entries()) {
      let requests = 0
      for (; wire.unread.length > 0; requests++) await this.#take(number, wire)
      if (number < known) continue
      opened++
      const why = 'a connection is opened for a request that is sent on it at once'
      if (requests === 0)
        await this.#fail({ requirement: 'R4', why }, 'no connection without a request', 'a silent one')
    }
    const why = 'a kept connection is used before a new one is opened'
    if (opened > plan.opens)
      await this.#fail(
        { requirement: 'R8', why },
        'the request on the connection that is free',
        'a new connection',
      )
  }

  async #cap(): Promise<void> {
    const open = this.#scene.wires.filter(
      (wire, number) => wire.ended === 'open' && !this.#scene.reset.has(number),
    ).length
    const { max } = this.#scene.model
    if (open <= max) return
    // Who lets go of nothing has too many open as well: that is told by what has been broken first.
    await this.#ends()
    const why = "the page's own is one of them"
    await this.#fail(
      { requirement: 'R4', why },
      `at most ${max} open`,
      `${open} connections open at one time`,
    )
  }

  async #take(number: number, wire: Connection): Promise<void> {
    const request = await this.#scene.c.blame('R2', () => wire.request())
    const [, target = ''] = /^GET (\S+) HTTP\/1\.1$/.exec(request.startLine) ?? []
    if (target === '')
      await this.#fail(
        { requirement: 'R2', why: 'each request is a GET' },
        'GET, HTTP/1.1',
        request.startLine,
      )
    const wrong = this.#scene.model.asked(target, number)
    if (wrong) await this.#fail(wrong, `no GET ${target} on connection ${number + 1}`, request.startLine)
    const { port } = this.#scene.server
    await this.#scene.c.blame('R2', () =>
      this.#scene.c.expectEqual(request.header('host'), `127.0.0.1:${port}`, 'the Host field'),
    )
    const options = (request.header('connection') ?? '')
      .toLowerCase()
      .split(',')
      .map((each) => each.trim())
    const isLast = options.includes('close')
    const saw = `Connection: ${request.header('connection') ?? 'none'}`
    if (isLast === this.#scene.model.reuse) {
      const requirement = isLast ? 'R8' : 'R7'
      const expected = isLast ? 'no `close`' : '`Connection: close`'
      await this.#fail({ requirement, why: `reuse is ${isLast}` }, `${expected} in GET ${target}`, saw)
    }
  }

  /** Connections that have to be closed are, and no other one is. */
  async #ends(): Promise<void> {
    const { isDone, hasFailures, links, page, pageState } = this.#scene.model
    if (isDone) return
    for (const [number, { state, over, target }] of links) {
      const ended = this.#scene.reset.has(number) ? 'RST' : (this.#scene.wires[number]?.ended ?? 'open')
      const name = `connection ${number + 1}`
      if (state === 'over' && ended === 'open') await this.#fail(over, `${name} closed`, 'it is open')
      if (state === 'busy' && ended !== 'open') {
        const requirement = hasFailures ? 'R6' : target === page ? 'R2' : 'R5'
        await this.#fail(
          { requirement, why: 'its answer is still to come' },
          `${name} open`,
          `${ended} from you`,
        )
      }
      if (state === 'free' && ended !== 'open' && pageState === 'loading') {
        const why = 'it persists, and the page may show another image'
        await this.#fail({ requirement: 'R8', why }, `${name} open`, `${ended} from you`)
      }
    }
  }

  async #nothingMissing({ asks }: Plan): Promise<void> {
    const missing = asks.find(({ target }) => this.#scene.model.fates.get(target) === 'waiting')
    if (!missing) return
    const open = `${this.#scene.model.open} of ${this.#scene.model.max} connections open`
    await this.#fail(missing, `GET ${missing.target} on the wire`, `none: your client is idle, ${open}`)
  }

  async #lookAtEvents(): Promise<void> {
    const [late] = this.#scene.late
    const why = 'the promise has settled'
    if (late)
      await this.#fail({ requirement: 'R9', why }, 'no further event', `${late.state} of ${late.target}`)
    if (this.#scene.model.pageState === 'failed') return
    for (const event of this.#scene.events.slice(this.#eventsSeen)) {
      const wrong = wrongEvent(
        event,
        this.#scene.events.slice(0, this.#eventsSeen),
        this.#bodyOf(event.target),
      )
      if (wrong)
        await this.#fail(
          { requirement: 'R9', why: 'what has come' },
          `a true event of ${event.target}`,
          wrong,
        )
      this.#eventsSeen++
    }
    for (const target of this.#scene.model.fates.keys()) {
      const due = lastEvent(this.#bodyOf(target) as Body)
      const last = this.#scene.events.findLast((event) => event.target === target)
      if (!due || (last?.bytes === due.bytes && last.state === due.state)) continue
      const saw = last ? `${last.state}, ${last.bytes} bytes` : 'none'
      const expected = `an event: ${due.state}, ${due.bytes} bytes of ${target}`
      await this.#fail({ requirement: 'R9', why: 'it could be shown now' }, expected, saw)
    }
  }

  #bodyOf(target: string): Body | undefined {
    const fate = this.#scene.model.fates.get(target)
    if (fate === undefined) return undefined
    const answer = this.#scene.answers.get(target)
    const failed = typeof fate === 'object'
    if (!answer || answer.sent < answer.headLength) return { come: 0, length: null, failed }
    return { come: bodySent(answer), length: answer.body.length, failed }
  }

  async #settlesInTime(): Promise<void> {
    const { isDone, hasFailures, pageState } = this.#scene.model
    const requirement = hasFailures && pageState !== 'failed' ? 'R6' : 'R2'
    if (isDone || !this.#scene.call.settled) return
    const saw =
      this.#scene.call.outcome?.ok === false
        ? `it has rejected: ${this.#scene.call.outcome.error.message}`
        : 'it has resolved'
    await this.#fail({ requirement, why: 'not everything is there' }, 'loadPage() still pending', saw)
  }

  #fail({ requirement, why }: Reason, expected: string, saw: string): Promise<never> {
    return this.#scene.c.blame(requirement, () => this.#scene.c.fail(`${expected}: ${why}`, saw))
  }
}

import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import { ClientModel, type Reason } from './client-model.ts'
import { expectOutcomes, pipeline, take, type Outcome } from './client-scenes.ts'
import { answer, cutInside, drawErrands, interim, name, optionsOf, type Errand, type Says } from './scenes.ts'

/** What the origin does next. A step that means nothing where it is met, as an answer to nothing, is passed over. */
export type ClientStep =
  /** The first step: the words of each request. */
  | { readonly ask: readonly string[]; readonly depth?: number }
  /** Final answers to the oldest, in one piece; `says` is the Connection of the last of them. */
  | {
      readonly answer: number
      readonly says?: readonly string[]
      readonly version?: '1.0'
      /** This 1xx stands before the first answer, or behind the last, in the same piece. */
      readonly before?: number
      readonly behind?: number
      /** In many pieces, cut in every head and body. */
      readonly cut?: true
      /** What is no answer to anything: it comes behind the end of the persistence. */
      readonly stray?: true
    }
  | { readonly interim: number }
  /** The connection ends, behind a part of an answer or behind none. */
  | { readonly lose: 'fin' | 'reset'; readonly behind?: 'half a head' | 'half a body' }
  /** What is no HTTP, where an answer is due; so many whole answers stand before it in the same piece. */
  | { readonly garbage: string; readonly after?: number }
  /** Virtual milliseconds in which nobody does anything. */
  | { readonly wait: number }
  /** From here on the origin takes no further connection. */
  | { readonly refuse: true }

export async function playClient(c: Check, steps: readonly ClientStep[]): Promise<void> {
  const [ask, ...others] = steps
  if (!ask || !('ask' in ask) || ask.ask.length === 0) return
  const play = new ClientPlay(c, await c.listen({ name: 'origin' }), ask.ask, ask.depth)
  await play.begin()
  for (const step of others) await play.step(step)
  await play.finish()
}

class ClientPlay {
  readonly #c: Check
  readonly #origin: Listener
  readonly #errands: readonly Errand[]
  readonly #model: ClientModel
  readonly #call: Call<Outcome[]>
  #connection: Connection | null = null
  #refuses = false

  constructor(c: Check, origin: Listener, ask: readonly string[], depth: number | undefined) {
    this.#c = c
    this.#origin = origin
    this.#errands = drawErrands(c, ask, { bodies: 20, answers: 30 })
    const asked = this.#errands.map(({ request }) => ({
      name: name(request),
      method: request.method,
    }))
    this.#model = new ClientModel(asked, depth ?? Infinity)
    this.#call = pipeline(c, origin.port, this.#errands, depth === undefined ? undefined : { depth })
  }

  async begin(): Promise<void> {
    await this.#accept()
    await this.#look()
  }

  async step(step: ClientStep): Promise<void> {
    if ('refuse' in step) {
      this.#refuses = true
      this.#c.learner.permit('127.0.0.1', this.#origin.port, 'refused')
      return
    }
    if (!this.#connection || this.#model.waiting.length === 0) return
    if ('answer' in step) await this.#answers(step)
    else if ('wait' in step) await this.#wait(step.wait)
    else if ('interim' in step) await this.#interim(step.interim)
    else if ('lose' in step) await this.#lose(step)
    else if ('garbage' in step) await this.#garbage(step)
    await this.#look()
  }

  /** Answers whatever is left, and holds the outcomes against the model's. */
  async finish(): Promise<void> {
    const { outcomes } = this.#model
    for (let rounds = this.#errands.length; !this.#model.isDone && rounds > 0; rounds--)
      await this.step({ answer: this.#model.waiting.length })
    const without = Object.fromEntries(
      outcomes.flatMap((outcome, index) => (outcome && outcome !== 'response' ? [[index, outcome]] : [])),
    )
    await this.#c.blame(Object.keys(without).length > 0 ? 'R7' : 'R1', () =>
      expectOutcomes(this.#c, this.#call, this.#errands, without),
    )
    await this.#c.blame('R1', () => this.#c.learner.leavesNothing())
  }

  // --- internal: what the origin does ---

  /**
   * An answer that ends the persistence comes in a piece of its own where the one before it lets a request out: in one
   * piece with it, a client may have sent that request before it came to the end, or not.
   */
  async #answers(step: Answer): Promise<void> {
    const before = Math.min(step.answer, this.#model.waiting.length) - 1
    if (before < 1 || !endOf(step) || !this.#model.hasUnsent) return this.#answer(step)
    const { before: interimBefore, cut } = step
    await this.#answer({
      answer: before,
      ...(interimBefore ? { before: interimBefore } : {}),
      ...(cut ? { cut } : {}),
    })
    await this.#look()
    const { before: _, ...last } = step
    await this.#answer({ ...last, answer: 1 })
  }

  async #answer(step: Answer): Promise<void> {
    const connection = this.#connection as Connection
    const due = this.#model.waiting.slice(0, Math.max(1, step.answer)).map((index) => this.#errands[index]!)
    // Without a request that waits, a 1xx would be about none.
    const behind = this.#model.waiting.length > due.length ? step.behind : undefined
    const answers = due.map((errand, index) => answer(errand, index === due.length - 1 ? step : {}))
    const pieces = [
      ...(step.before ? [interim(step.before)] : []),
      ...answers,
      ...(behind ? [interim(behind)] : []),
      ...(step.stray ? [answer({ ...due[0]!, body: Buffer.from('not yours') }, { version: '1.0' })] : []),
    ]
    if (step.cut) await connection.sendInParts(cutInside(this.#c, pieces))
    else await connection.send(Buffer.concat(pieces))
    const ends = endOf(step)
    for (const index of due.keys()) this.#model.answered(index === due.length - 1 ? ends : null)
    if (behind) this.#model.interim()
    this.#c.step(`the origin has answered ${due.map(({ request }) => name(request)).join(', ')}${said(step)}`)
  }

  async #interim(status: number): Promise<void> {
    await this.#connection?.send(interim(status))
    this.#model.interim()
    this.#c.step(`the origin has sent a ${status}, which is not the answer yet`)
  }

  async #lose({ lose, behind }: Extract<ClientStep, { lose: string }>): Promise<void> {
    const connection = this.#connection as Connection
    const whole = answer(this.#errands[this.#model.waiting[0]!]!)
    if (behind) await connection.send(whole.subarray(0, behind === 'half a head' ? 12 : -1))
    await connection[lose]()
    this.#model.lost(`a ${lose === 'fin' ? 'FIN' : 'reset'} ended the connection`)
    this.#c.step(`the origin has ended the connection (${lose})${behind ? ` behind ${behind}` : ''}`)
  }

  /** In one piece with what lets a request out, a client may have sent that one before it came to the garbage, or not. */
  async #garbage({ garbage: bytes, after = 0 }: Extract<ClientStep, { garbage: string }>): Promise<void> {
    const due = this.#model.waiting.slice(0, this.#model.hasUnsent ? 0 : after)
    const whole = due.map((index) => answer(this.#errands[index]!))
    await this.#connection?.send(Buffer.concat([...whole, Buffer.from(bytes)]))
    for (const _ of due) this.#model.answered(null)
    this.#model.lost('what came was no HTTP')
    this.#model.mustClose = true
    const before = due.length > 0 ? `${due.length} whole answers, and in one piece with them ` : ''
    this.#c.step(`the origin has sent ${before}what is no HTTP: ${JSON.stringify(bytes)}`)
  }

  async #wait(milliseconds: number): Promise<void> {
    await this.#c.learner.tick(milliseconds)
    const { ended } = this.#connection as Connection
    if (ended === 'open') return
    const reason = { requirement: 'R1', why: 'an answer may take an hour' }
    await this.#fail(reason, `the connection open still: ${reason.why}`, `${ended} from you`)
  }

  // --- internal: what the client has to have shown ---

  async #look(): Promise<void> {
    await this.#c.learner.idle()
    await this.#takeAll()
    const next = this.#model.next()
    if (next?.kind === 'must') await this.#missing(next.index, next.reason)
    if (!this.#model.isOpen) await this.#ended()
    else await this.#nothingElse()
  }

  /** Every request that has come, each in its turn. */
  async #takeAll(): Promise<void> {
    const connection = this.#connection
    if (!connection) return
    while (connection.unread.length > 0) {
      const [line = ''] = connection.unread.toString('latin1').split('\r\n')
      const index = this.#errands.findIndex(({ request }) => line === `${name(request)} HTTP/1.1`)
      const wrong =
        index === -1 ? { requirement: 'R1', why: 'only what you were given' } : this.#model.sent(index)
      if (wrong) await this.#fail(wrong, `no further request: ${wrong.why}`, line)
      await this.#c.blame('R1', () => take(this.#c, connection, this.#errands[index]!))
    }
  }

  async #missing(index: number, reason: Reason): Promise<void> {
    const wanted = name(this.#errands[index]!.request)
    await this.#fail(
      reason,
      `${wanted} on the wire of connection ${this.#model.connections}: ${reason.why}`,
      'nothing there: your program is idle',
    )
  }

  /** The connection carries nothing more: it is closed, and another one is there where something is left. */
  async #ended(): Promise<void> {
    const { mustClose, another, isDone } = this.#model
    const connection = this.#connection
    if (connection && mustClose && connection.ended === 'open') {
      const reason = another ?? { requirement: 'R1', why: 'every request has its outcome' }
      await this.#fail(
        reason,
        `your socket closed: ${reason.why}`,
        'nothing: your client is idle, the connection open',
      )
    }
    if (connection?.ended === 'open' && !isDone) await connection.fin()
    this.#connection = null
    if (this.#refuses && another) this.#model.refused()
    await this.#c.learner.idle()
    if (this.#model.isDone) return this.#nothingElse()
    await this.#c.blame((another as Reason).requirement, () => this.#accept())
    await this.#look()
  }

  async #accept(): Promise<void> {
    const number = this.#model.connections + 1
    this.#connection = await this.#origin.connection({
      as: `connection ${number}${number > 1 ? ' for the rest' : ''}`,
    })
    this.#model.connected()
  }

  /** No further connection, and the promise pending as long as there is no outcome for each. */
  async #nothingElse(): Promise<void> {
    if (this.#origin.accepted > this.#model.connections) await this.#tooMany()
    if (this.#model.isDone || !this.#call.settled) return
    const reason = { requirement: 'R1', why: `${this.#model.waiting.length} requests have no outcome yet` }
    await this.#fail(reason, `pipeline() still pending: ${reason.why}`, 'it has settled')
  }

  async #tooMany(): Promise<void> {
    const further = await this.#origin.connection()
    const [line = ''] = further.unread.toString('latin1').split('\r\n')
    const index = this.#errands.findIndex(({ request }) => line === `${name(request)} HTTP/1.1`)
    const known = index === -1 ? null : this.#model.sent(index)
    const reason = known ?? { requirement: 'R1', why: 'one connection at a time' }
    await this.#fail(
      reason,
      `no further connection: ${reason.why}`,
      `connection ${this.#origin.accepted}, ${line || 'silent'}`,
    )
  }

  #fail({ requirement }: Reason, expected: string, saw: string): Promise<never> {
    return this.#c.blame(requirement, () => this.#c.fail(expected, saw))
  }
}

type Answer = Extract<ClientStep, { answer: number }>

function endOf({ says = [], version }: Says): 'close' | 'no keep-alive' | null {
  const options = optionsOf(says.join(','))
  if (options.includes('close')) return 'close'
  return version === '1.0' && !options.includes('keep-alive') ? 'no keep-alive' : null
}

function said({ says, version }: Says): string {
  const inVersion = version ? `, in HTTP/${version}` : ''
  return `${inVersion}${says ? `, with ${says.map((line) => `Connection: ${line}`).join(' and ')}` : ''}`
}

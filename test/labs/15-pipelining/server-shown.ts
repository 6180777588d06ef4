import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import { expectClose, name, type Errand } from './scenes.ts'
import type { Reason, ServerModel } from './server-model.ts'

/** A client's connection: what went over it, and what has to come back. */
export interface Line {
  readonly name: string
  readonly end: Connection
  readonly model: ServerModel
  readonly errands: Errand[]
  /** What was sent and is not whole yet. */
  half: { readonly errand: Errand; readonly rest: Buffer } | null
  /** Answers that have been read. */
  seen: number
  /** What came, came in more than one piece: a server that holds requests back may have stopped reading before the last. */
  isInPieces: boolean
  sentFin: boolean
  isReset: boolean
}

/** Holds what a server has shown against the model of each connection. */
export class Shown {
  readonly #c: Check
  /** By target. */
  readonly #errands: ReadonlyMap<string, Errand>
  /** Targets that the handler was given, in their order. */
  readonly #handled: readonly string[]

  constructor(c: Check, errands: ReadonlyMap<string, Errand>, handled: readonly string[]) {
    this.#c = c
    this.#errands = errands
    this.#handled = handled
  }

  /** The program is idle: what has to have come has come. */
  async look(lines: readonly Line[], closed: ReadonlyArray<Call<void>>): Promise<void> {
    for (const line of lines) {
      if (line.isReset) continue
      await this.#handlers(line)
      await this.#answers(line)
      await this.#fin(line)
    }
    await this.#closing(lines, closed)
  }

  // --- internal ---

  async #handlers({ model, errands }: Line): Promise<void> {
    const given = this.#handled.filter((target) => errands.some(({ request }) => request.target === target))
    const early = given.findIndex((target, index) => errands[index]?.request.target !== target)
    const called = (index: number): string => name((errands[index] as Errand).request)
    if (early !== -1)
      await this.#fail(
        { requirement: 'R9', why: '' },
        `${called(early)} given to the handler next`,
        given[early] ?? '',
      )
    const last = errands.length > 0 && given.length > model.given ? called(given.length - 1) : ''
    const tooMany = model.handed(given.length)
    if (tooMany)
      await this.#fail(
        tooMany,
        `no further request given to the handler: ${tooMany.why}`,
        `${last} given to the handler`,
      )
    if (given.length >= model.given) return
    const reason = model.lets(given.length)
    const saw = 'it has not been given: your server is idle'
    await this.#fail(reason, `${called(given.length)} given to the handler: ${reason.why}`, saw)
  }

  async #answers(line: Line): Promise<void> {
    const { model, end, errands } = line
    while (end.unread.length > 0) {
      const due = errands[line.seen]
      const response = await end.response({ as: due ? `the answer to ${name(due.request)}` : 'no answer' })
      const whose = [...this.#errands.values()].find(({ body }) => body.equals(response.body))
      const saw = whose
        ? `the answer to ${name(whose.request)}`
        : `${response.startLine}, a body of none of them`
      if (line.seen >= model.answered) {
        const reason = model.keepsBack(line.seen)
        await this.#fail(reason, `nothing further on the wire of ${line.name}: ${reason.why}`, saw)
      }
      if (!due || whose !== due) await this.#order(due, saw)
      else
        await this.#c.blame('R9', () => this.#asReturned(due, response.words[1], response.header('x-answer')))
      if (model.saysClose(line.seen))
        await this.#c.blame('R11', () => expectClose(this.#c, response, due as Errand))
      line.seen++
    }
    if (line.seen >= model.answered) return
    const reason = model.answers(line.seen)
    const what = `the answer to ${name((errands[line.seen] as Errand).request)} on the wire of ${line.name}`
    await this.#fail(
      reason,
      `${what}: ${reason.why}`,
      end.ended === 'open' ? 'nothing' : `${end.ended} from you`,
    )
  }

  #order(due: Errand | undefined, saw: string): Promise<never> {
    const expected = due ? `the answer to ${name(due.request)}, which is the oldest without one` : 'nothing'
    return this.#fail({ requirement: 'R9', why: '' }, expected, saw)
  }

  #asReturned({ request, response }: Errand, status: string, field: string | null): void {
    this.#c.expectEqual(status, String(response.status), `the status of the answer to ${name(request)}`)
    this.#c.expectEqual(
      field,
      response.headers[0]?.[1],
      `the field X-Answer of the answer to ${name(request)}`,
    )
  }

  async #fin({ name: called, model, end }: Line): Promise<void> {
    const { fin, staysOpen } = model
    if (!fin && end.ended !== 'open')
      await this.#fail(
        staysOpen,
        `the connection of ${called} open: ${staysOpen.why}`,
        `${end.ended} from you`,
      )
    if (!fin || end.ended === 'FIN') return
    const saw = end.ended === 'RST' ? 'RST from you' : 'nothing: your server is idle, the connection open'
    await this.#fail(fin, `FIN from your server to ${called}: ${fin.why}`, saw)
  }

  async #closing(lines: readonly Line[], closed: ReadonlyArray<Call<void>>): Promise<void> {
    const here = lines.find(({ model, sentFin, isReset }) => !isReset && !(model.fin && sentFin))
    for (const [index, call] of closed.entries()) {
      const which = index === 0 ? 'close()' : `call ${index + 1} of close()`
      const reason = { requirement: 'R12', why: '' }
      if (call.outcome && !call.outcome.ok)
        await this.#fail(reason, `${which} to resolve`, `it rejected: ${call.outcome.error.message}`)
      if (call.outcome && here)
        await this.#fail(
          reason,
          `${which} still pending: the connection of ${here.name} is not gone`,
          'it resolved',
        )
      // Behind a close that was said, a server may still throw away what comes; what it has left it need not read.
      const lingers = lines.some((line) => line.model.saidClose || (line.isInPieces && line.model.holdsBack))
      if (!call.outcome && !here && !lingers)
        await this.#fail(reason, `${which} resolved: every connection is gone`, 'it is still pending')
    }
  }

  #fail({ requirement }: Reason, expected: string, saw: string): Promise<never> {
    return this.#c.blame(requirement, () => this.#c.fail(expected, saw))
  }
}

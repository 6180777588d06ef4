import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import { codeOf, GARBAGE, type End } from './ends.ts'
import { imagesIn } from './html-model.ts'
import { PageModel, type Event } from './model.ts'
import { bodySent, drawAnswer, drawTarget, expectImages, expectResponse, loadPage } from './scenes.ts'
import { persists, type Answer, type Page, type Says } from './scenes.ts'
import { Watch, type Scene } from './watch.ts'

/** How the page is loaded: `load` is the most connections. `$1` in a piece of it is the target of image 1. */
interface Load extends Says {
  readonly load: number
  readonly reuse?: boolean
  readonly page: readonly string[]
  readonly silent?: true
  readonly refused?: true
}

/** What the server does next. A step that means nothing where it is met is passed over. */
export type Step =
  /** The first step. */
  | Load
  /** So many further pieces of the page, together; or byte by byte. */
  | { readonly page: number; readonly bytewise?: true }
  /** All that is left of an answer: to the image that was asked for first (0), or to a later one. */
  | (Says & {
      readonly answer: number
      readonly empty?: true
      readonly cut?: true
      /** In the same piece come bytes that nobody has asked for. */
      readonly stray?: true
      readonly fin?: true
    })
  /** Head and half of the body; or one byte more. */
  | { readonly part: number }
  | { readonly lose: number; readonly how: End; readonly behind?: 'half a head' | 'half a body' }
  | { readonly losePage: End }
  | { readonly refuse: boolean }
  /** Time passes, and nothing else happens. */
  | { readonly wait: number }
  /** A connection that is free. */
  | { readonly free: number; readonly ends: 'fin' | 'reset' | 'bytes' }

export async function playPage(c: Check, steps: readonly Step[]): Promise<void> {
  const [load, ...others] = steps
  if (!load || !('load' in load)) return
  const play = new Play(c, await c.listen({ name: 'server' }), load)
  await play.look()
  for (const step of others) await play.step(step)
  await play.finish()
}

class Play {
  readonly #c: Check
  readonly #scene: Scene
  readonly #watch: Watch
  readonly #pieces: Buffer[]
  readonly #keepsPage: boolean

  constructor(c: Check, server: Listener, load: Load) {
    this.#c = c
    const target = `/${c.random.word()}?tide=low`
    this.#pieces = drawPieces(c, load.page)
    this.#keepsPage = persists(load)
    const answers = new Map([[target, drawAnswer(c, Buffer.concat(this.#pieces), load)]])
    const model = new PageModel(target, load.load, load.reuse === true)
    if (load.refused) refuse(c, server, model, true)
    const events: Event[] = []
    const isSilent = load.silent === true
    const late: Event[] = []
    const onEvent = (event: unknown): void => void (call.settled ? late : events).push(event as Event)
    const call: Call<Page> = loadPage(c, server.port, target, {
      maxConnections: load.load,
      ...(load.reuse !== undefined && { reuse: load.reuse }),
      ...(!isSilent && { onEvent }),
    })
    this.#scene = { c, server, model, call, answers, wires: [], reset: new Set(), events, late, isSilent }
    this.#watch = new Watch(this.#scene)
  }

  get #model(): PageModel {
    return this.#scene.model
  }

  look(): Promise<void> {
    return this.#watch.look()
  }

  async step(step: Step): Promise<void> {
    if (this.#model.isDone) return
    if ('answer' in step) await this.#answer(step)
    else if ('part' in step) await this.#part(step.part)
    else if ('lose' in step) await this.#lose(step)
    else if ('losePage' in step) await this.#losePage(step.losePage)
    else if ('wait' in step) await this.#wait(step.wait)
    else if ('free' in step) await this.#spoil(step)
    else if ('refuse' in step) refuse(this.#c, this.#scene.server, this.#model, step.refuse)
    else if (!('load' in step)) await this.#page(step.page, step.bytewise === true)
  }

  /** Sends whatever is left, and holds the result against the model's. */
  async finish(): Promise<void> {
    const model = this.#model
    while (!model.isDone && model.pageState === 'loading')
      await this.#page(Math.max(1, this.#pieces.length), false)
    for (let rounds = model.found.length; !model.isDone && rounds > 0; rounds--)
      await this.#answer({ answer: 0 })
    await this.#settles()
    await this.#c.blame('R2', () => this.#c.learner.leavesNothing())
    await this.look()
  }

  async #settles(): Promise<void> {
    const { page, pageState, found, fates, hasFailures } = this.#model
    if (pageState === 'failed') return await this.#c.blame('R2', () => this.#rejects())
    const result = await this.#c.blame(hasFailures ? 'R6' : 'R2', async () => await this.#scene.call)
    const answer = this.#scene.answers.get(page) as Answer
    await this.#c.blame('R2', () => {
      if (!result || typeof result !== 'object') this.#c.fail('a page', JSON.stringify(result) ?? 'undefined')
      expectResponse(this.#c, result.response, answer, 'the page')
    })
    const all = found.map((target) => [target, fates.get(target) ?? 'waiting'] as const)
    await expectImages(this.#c, result, all, this.#scene.answers)
  }

  async #rejects(): Promise<void> {
    const error = await this.#scene.call.rejects()
    const fate = this.#model.fates.get(this.#model.page)
    const code = typeof fate === 'object' ? fate.failed : ''
    if (code.startsWith('ECONN')) this.#c.expectEqual(error.code, code, 'the `code` of the error')
  }

  // --- internal: what the server does ---

  async #wait(milliseconds: number): Promise<void> {
    await this.#c.learner.tick(milliseconds)
    this.#c.step(`${milliseconds} ms have passed`)
    await this.look()
  }

  async #page(pieces: number, bytewise: boolean): Promise<void> {
    const model = this.#model
    if (model.pageState !== 'loading' || pieces < 1) return
    const answer = this.#scene.answers.get(model.page) as Answer
    const next = this.#pieces.splice(0, pieces)
    const last = this.#pieces.length === 0 ? next.pop() : undefined
    // Where the next connection would be refused, it counts which one is free: the end comes alone.
    const isAlone = model.refuses && model.reuse && last && next.length > 0
    const parts = isAlone ? [Buffer.concat(next), last] : [Buffer.concat([...next, ...(last ? [last] : [])])]
    for (const part of parts) {
      const end = bodySent(answer) + part.length + answer.headLength
      const bytes = answer.bytes.subarray(answer.sent, end)
      for (const chunk of bytewise ? bytes : [bytes]) {
        const piece = typeof chunk === 'number' ? Buffer.of(chunk) : chunk
        await this.#sendPage(answer, piece)
      }
    }
  }

  async #sendPage(answer: Answer, bytes: Buffer): Promise<void> {
    const model = this.#model
    const number = this.#numberOf(model.page)
    await this.#scene.wires[number]?.send(bytes)
    answer.sent += bytes.length
    const html = answer.body.toString('latin1', 0, bodySent(answer))
    model.shows(imagesIn(html))
    const isWhole = answer.sent === answer.bytes.length
    this.#c.step(`the page has come${isWhole ? '' : ` up to ${JSON.stringify(html.slice(-24))}`}`)
    if (isWhole) model.answered(number, this.#keepsPage)
    await this.look()
  }

  #numberOf(target: string): number {
    return [...this.#model.links].find(([, link]) => link.target === target)?.[0] ?? -1
  }

  #pick(which: number): { number: number; target: string; wire: Connection } | null {
    const all = this.#model.underWay
    const one = all[which % Math.max(all.length, 1)]
    const wire = one && this.#scene.wires[one.number]
    return one && wire ? { ...one, wire } : null
  }

  #answerTo(target: string, says: Says = {}, empty = false): Answer {
    const known = this.#scene.answers.get(target)
    if (known) return known
    const body = this.#c.random.bytes(empty ? 0 : this.#c.random.integer(4, 60))
    const answer = drawAnswer(this.#c, body, { ...says, small: true })
    this.#scene.answers.set(target, answer)
    return answer
  }

  async #answer(step: Extract<Step, { answer: number }>): Promise<void> {
    const one = this.#pick(step.answer)
    if (!one) return
    const { number, target, wire } = one
    const isNew = !this.#scene.answers.has(target)
    const answer = this.#answerTo(target, step, step.empty)
    const rest = answer.bytes.subarray(answer.sent)
    const parts = step.cut && rest.length > 3 ? this.#c.random.split(rest, 3) : [rest]
    for (const part of parts) {
      const isLast = part === parts.at(-1)
      await wire.send(isLast && step.stray ? Buffer.concat([part, Buffer.from('HTTP/1.1 200 OK\r\n')]) : part)
      answer.sent += part.length
      if (!isLast) await this.look()
    }
    const keeps = (!isNew || persists(step)) && !step.stray
    if (step.fin && !this.#model.reuse) await wire.fin()
    this.#c.step(`the server has answered GET ${target}${saidBy(isNew ? step : {})}`)
    this.#model.answered(number, keeps, step.stray ? 'bytes have come that nobody asked for' : undefined)
    await this.look()
  }

  async #part(which: number): Promise<void> {
    const one = this.#pick(which)
    if (!one) return
    const answer = this.#answerTo(one.target)
    const left = answer.bytes.length - answer.sent
    if (left < 2) return
    const length = answer.sent === 0 ? answer.headLength + Math.floor(answer.body.length / 2) : 1
    await one.wire.send(answer.bytes.subarray(answer.sent, answer.sent + length))
    answer.sent += length
    this.#c.step(`${bodySent(answer)} bytes of ${one.target} have come`)
    await this.look()
  }

  async #lose({ lose, how, behind }: Extract<Step, { lose: number }>): Promise<void> {
    const one = this.#pick(lose)
    if (!one) return
    if (behind) {
      const answer = this.#answerTo(one.target)
      const end = behind === 'half a head' ? 12 : answer.headLength + Math.floor(answer.body.length / 2)
      if (answer.sent < end) await one.wire.send(answer.bytes.subarray(answer.sent, end))
      answer.sent = Math.max(answer.sent, end)
    }
    if (how in GARBAGE && (this.#scene.answers.get(one.target)?.sent ?? 0) > 0) return await this.look()
    await this.#end(one.number, how)
    this.#c.step(
      `the connection of ${one.target} has ${how in GARBAGE ? `brought ${how}` : `ended: ${codeOf(how)}`}`,
    )
    this.#model.lost(one.number, codeOf(how))
    await this.look()
  }

  async #losePage(how: End): Promise<void> {
    const { page, pageState } = this.#model
    const number = this.#numberOf(page)
    if (pageState !== 'loading' || number === -1) return
    if (how === 'garbage' && (this.#scene.answers.get(page)?.sent ?? 0) > 0) return
    await this.#end(number, how)
    this.#c.step(`the page's connection has ended: ${codeOf(how)}`)
    this.#model.lost(number, codeOf(how))
    await this.look()
  }

  async #end(number: number, how: End): Promise<void> {
    const wire = this.#scene.wires[number] as Connection
    if (how !== 'fin' && how !== 'reset') return await wire.send(GARBAGE[how])
    if (how === 'reset') this.#scene.reset.add(number)
    await wire[how]()
  }

  async #spoil({ free, ends }: Extract<Step, { free: number }>): Promise<void> {
    const all = this.#model.free
    const number = all[free % Math.max(all.length, 1)]
    if (number === undefined || this.#model.pageState !== 'loading') return
    if (ends === 'bytes')
      await this.#scene.wires[number]?.send('HTTP/1.1 408 Too Late\r\nContent-Length: 0\r\n\r\n')
    else await this.#end(number, ends)
    this.#c.step(`a connection that was free has ${ends === 'bytes' ? 'brought bytes' : `ended: ${ends}`}`)
    this.#model.spoilt(
      number,
      ends === 'bytes' ? 'bytes have come that nobody asked for' : 'the server has ended it',
    )
    await this.look()
  }
}

function refuse(c: Check, server: Listener, model: PageModel, refuses: boolean): void {
  model.refuses = refuses
  c.learner.permit('127.0.0.1', server.port, refuses ? 'refused' : server)
  c.step(refuses ? 'from here on connections are refused' : 'connections are accepted again')
}

function drawPieces(c: Check, pieces: readonly string[]): Buffer[] {
  const targets = new Map<string, string>()
  return pieces.map((piece) => {
    const html = piece.replaceAll(/\$(\d)/g, (_, digit: string) => {
      const target = targets.get(digit) ?? drawTarget(c, Number(digit))
      targets.set(digit, target)
      return target
    })
    return Buffer.from(html)
  })
}

function saidBy({ says, version }: Says): string {
  return `${version ? `, in HTTP/${version}` : ''}${says ? `, with Connection: ${says.join(' and ')}` : ''}`
}

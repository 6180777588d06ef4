import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Asking } from './fixture.ts'
import { judge } from './judge.ts'
import { PoolModel } from './model.ts'
import { openPlaces, type Place } from './places.ts'
import { made, outcomeOf, requestsIn, type Made } from './seen.ts'
import type { Act, Asked, Outcome, PoolOptions, Seen } from './state.ts'
import { FOUND, UNASKED, type Answer, type Step, type Wish } from './steps.ts'

interface Remote {
  close(): Call<void>
}

type OriginStep = Extract<Step, { origin: number }>
type ServerStep = Extract<Step, { server: string }>

/** What comes behind an answer in the same write. */
const MORE = { bytes: 'HTTP/1.1 200 OK\r\n', line: '\r\n', fin: '' }

const OPTIONS: PoolOptions = { maxPerOrigin: 2, maxWaiting: 3, idleMs: 10_000, marginMs: 1_000 }

/** Plays a conversation with a pool, and asks the model behind each step whether every promise has been kept. */
export async function play(c: Check, steps: readonly Step[]): Promise<void> {
  c.learner.holdClock()
  const first = steps.find((step) => 'pool' in step)
  const options = { ...OPTIONS, ...(first && 'pool' in first ? first.pool : {}) }
  const places = await openPlaces(c, steps)
  const pool = await c.learner.construct<Remote>('Pool', options)
  const playing = new Playing(c, pool, places, options)
  for (const step of steps) await playing.play(step)
  await playing.leave()
}

// --- internal ---

class Playing {
  readonly #c: Check
  readonly #pool: Remote
  readonly #places: readonly Place[]
  readonly #model: PoolModel
  readonly #code: string
  readonly #calls = new Map<string, Call<Response>>()
  readonly #signals = new Map<string, object>()
  /** By caller: an answer may come in parts. */
  readonly #answers = new Map<string, Made & { sent: number; readonly answer: Answer }>()
  #closing: Call<void> | null = null

  constructor(c: Check, pool: Remote, places: readonly Place[], options: PoolOptions) {
    this.#c = c
    this.#pool = pool
    this.#places = places
    this.#code = `E${c.random.word().toUpperCase()}`
    this.#model = new PoolModel(options, places.length, this.#code)
  }

  async play(step: Step): Promise<void> {
    const act = await this.#perform(step)
    if (!act) return
    await this.#look(act)
  }

  /** Every conversation ends with close(), and with nothing left: who still waits gets an answer, or FIN in its middle. */
  async leave(): Promise<void> {
    const { blame, learner, expect } = this.#c
    await this.play(FOUND)
    await this.play({ close: true })
    for (let name = this.#awaited(); name !== undefined; name = this.#awaited())
      await this.play(
        this.#model.asks.get(name)?.begun ? { server: 'fin', on: name } : { reply: name, with: {} },
      )
    for (const [name, signal] of this.#signals) {
      const count = await learner.make<number>('listenersOf', signal)
      const saw = `${count} on the signal of ${name}`
      await blame('R11', () =>
        expect(count === 0, 'no listener left on a signal whose callers are served', saw),
      )
    }
    await blame('R13', () => learner.leavesNothing())
  }

  #awaited(): string | undefined {
    return [...this.#model.asks.keys()].find((name) => this.#model.isUnderWay(name))
  }

  async #look(act: Act): Promise<void> {
    const { learner } = this.#c
    await learner.idle()
    for (const { listener, connections } of this.#places)
      while (connections.length < listener.accepted) connections.push(await listener.connection())
    this.#model.apply(act)
    const broken = judge(this.#model, act, this.#seen())
    if (broken) await this.#c.blame(broken.requirement, () => this.#c.fail(broken.expected, broken.saw))
  }

  /** Null where the step means nothing in this state. */
  async #perform(step: Step): Promise<Act | null> {
    const { learner } = this.#c
    if ('asks' in step) return this.#ask(step.asks)
    if ('reply' in step) return this.#model.isUnderWay(step.reply) ? this.#reply(step) : null
    if ('server' in step) return this.#server(step)
    if ('abort' in step) {
      const signal = this.#signals.get(step.abort)
      if (!signal) return null
      this.#c.step(`the signal of ${step.abort} is aborted`)
      await learner.make('abort', signal, this.#code)
      return { act: 'abort', signal: step.abort }
    }
    if ('milliseconds' in step) {
      this.#c.step(`${step.milliseconds} ms pass`)
      await learner.tick(step.milliseconds)
      return { act: 'tick', milliseconds: step.milliseconds }
    }
    if ('origin' in step) return this.#turn(step.origin, step.now)
    if ('counted' in step) return this.#count()
    if ('leaves' in step) return this.#leaves()
    if ('pool' in step || this.#closing) return null
    this.#closing = this.#pool.close()
    return { act: 'close' }
  }

  async #ask(wishes: readonly Wish[]): Promise<Act | null> {
    const c = this.#c
    const [first] = wishes
    if (!first || wishes.some(({ as }) => this.#model.asks.has(as))) return null
    // Whoever looks at the signal a little later would give the place to another.
    const isAtOnce = wishes.some(({ aborted }) => aborted === 'at once')
    if (isAtOnce && (wishes.length > 1 || !this.#model.opensOrWaits(first.of ?? 0))) return null
    const asked = wishes.map((wish) => this.#asked(wish))
    for (const { signal } of asked)
      if (signal !== null && !this.#signals.has(signal))
        this.#signals.set(signal, await c.learner.make<object>('newController'))
    for (const { name, method, origin, aborted } of asked)
      c.step(`caller ${name} asks ${this.#nameOf(origin)}: ${method}${aborted ? `, aborted ${aborted}` : ''}`)
    const all: Asking[] = asked.map(({ origin, method, target, fields, body, signal, aborted }, index) => {
      const { host, port } = this.#places[origin] as Place
      const { method: named, version } = wishes[index] as Wish
      const given = { ...(named !== undefined && { method }), ...(version && { version }) }
      const request = { target, headers: fields, ...given, ...(body.length > 0 ? { body } : {}) }
      return {
        origin: { host, port },
        request,
        controller: this.#signals.get(signal ?? '') as AbortController,
        aborted,
      }
    })
    const calls = await c.learner.make<object>(
      'start',
      this.#pool,
      all.map((each) => ({ ...each, controller: each.controller ?? null })),
      this.#code,
    )
    for (const [index, { name }] of asked.entries())
      this.#calls.set(name, c.learner.make<Response>('answer', calls, index))
    return { act: 'ask', asked }
  }

  #asked({ as, of = 0, method = 'GET', headers = [], body, signal, aborted }: Wish): Asked {
    const { random } = this.#c
    const { host, port } = this.#places[of] as Place
    const given = headers.find(([name]) => name.toLowerCase() === 'host')
    return {
      name: as,
      origin: of,
      method,
      target: `/${random.word()}-${as.replaceAll(' ', '-')}`,
      fields: [['X-Mark', random.word()], ...headers],
      body: body ? random.bytes(random.integer(10, 90)) : Buffer.alloc(0),
      host: given?.[1] ?? `${host}:${port}`,
      signal: signal ?? (aborted ? as : null),
      aborted: aborted ?? null,
    }
  }

  /** The connection that has carried the request of this caller last. */
  #connectionOf(name: string): Connection | null {
    const line = this.#model.lineOf(name)
    const target = this.#model.asks.get(line?.carried[0]?.name ?? '')?.asked.target
    const connections = this.#places[line?.origin ?? 0]?.connections ?? []
    return connections.find(({ received }) => requestsIn(received).requests[0]?.target === target) ?? null
  }

  async #reply({ reply: name, with: given, upTo }: Extract<Step, { reply: string }>): Promise<Act | null> {
    const ask = this.#model.asks.get(name)
    const connection = this.#connectionOf(name)
    if (!ask || !connection) return null
    const { method } = ask.asked
    const known = this.#answers.get(name) ?? {
      ...made(this.#c.random, given, method),
      sent: 0,
      answer: given,
    }
    this.#answers.set(name, known)
    const { bytes, replied, sent, answer } = known
    // What is no HTTP may be known by its first byte, or by its last: it comes in one piece.
    const wanted = replied.isHttp ? upTo : undefined
    const place = wanted === 'half' ? Math.floor(bytes.length / 2) : (wanted ?? bytes.length)
    const end = place < 0 ? bytes.length + place : place
    if (end <= sent) return null
    const isAll = end === bytes.length
    // Where somebody waits for this connection, FIN behind the answer would meet the next request.
    const isFin = isAll && answer.behind === 'fin' && this.#model.counts.waiting === 0
    const more = isAll && answer.behind ? MORE[answer.behind] : ''
    const part = isAll ? 'the end' : `bytes ${sent + 1} to ${end} of ${bytes.length}`
    this.#c.step(
      `${part} of the answer to caller ${name} is sent${more ? `, and more (${JSON.stringify(more)})` : ''}${isFin ? ', and FIN' : ''}`,
    )
    known.sent = end
    await connection.send(Buffer.concat([bytes.subarray(sent, end), Buffer.from(more)]))
    // Whoever looks at it only when it is whole hears of it now.
    if (isFin || (!replied.isHttp && isAll)) await connection.fin()
    const far =
      replied.end === 'nothing' && end >= known.head ? bytes.subarray(known.head, end) : replied.body
    return {
      act: 'reply',
      name,
      replied: { ...replied, body: Buffer.from(far) },
      hasHead: end >= known.head,
      isWhole: isAll,
      behind: isFin ? 'fin' : more ? 'bytes' : null,
    }
  }

  /** Two may have the same port: it is the name or address that tells them apart. */
  #nameOf(origin: number): string {
    const { host, port } = this.#places[origin] as Place
    return `origin ${origin + 1} at ${host}:${port}`
  }

  async #server({ server: does, on: name, bytes = UNASKED }: ServerStep): Promise<Act | null> {
    const line = this.#model.lineOf(name)
    const connection = this.#connectionOf(name)
    if (!line || !connection || (does === 'stray' && line.state !== 'idle')) return null
    const what = {
      fin: 'its FIN',
      reset: 'its RST',
      stray: `bytes that nobody has asked for (${JSON.stringify(bytes)})`,
    }[does]
    this.#c.step(`origin ${line.origin + 1} sends ${what} on connection ${line.number}`)
    if (does === 'stray') await connection.send(bytes)
    else await connection[does]()
    return { act: does, name }
  }

  async #turn(origin: number, now: OriginStep['now']): Promise<Act | null> {
    const place = this.#places[origin]
    if (now === 'is looked up' || now === 'is found') return this.#lookUp(origin, now)
    if (!place) return null
    this.#c.learner.permit(place.host, place.port, now === 'refuses' ? 'refused' : place.listener)
    this.#c.step(`origin ${origin + 1} ${now} from here on`)
    return { act: now === 'refuses' ? 'refuse' : 'accept', origin }
  }

  async #lookUp(origin: number, now: 'is looked up' | 'is found'): Promise<Act | null> {
    const isHeld = now === 'is looked up'
    if (!this.#places[origin] || this.#model.origins[origin]?.isLookedUp === isHeld) return null
    this.#c.step(
      isHeld ? 'from here on no answer comes when a name is looked up' : 'the answer to each lookup comes',
    )
    await this.#c.learner.make(isHeld ? 'holdLookups' : 'answerLookups')
    return { act: isHeld ? 'look up' : 'find', origin }
  }

  async #count(): Promise<null> {
    const c = this.#c
    await c.learner.idle()
    const counts = await c.learner.make('countsOf', this.#pool)
    const { opening } = this.#model
    const what = opening > 0 ? `counts while ${opening} of the connections are being opened` : 'counts'
    await c.blame('R12', () => c.expectEqual(counts, this.#model.counts, what))
    return null
  }

  /** Nobody waits and no connection is there: neither is a timer, nor a listener on a signal. */
  async #leaves(): Promise<null> {
    if (!this.#model.isQuiet || this.#model.counts.open > 0) return null
    await this.#c.blame('R8', () => this.#c.learner.leavesNothing())
    return null
  }

  #seen(): Seen {
    const calls = new Map<string, Outcome>()
    for (const [name, call] of this.#calls) calls.set(name, outcomeOf(call))
    return {
      connections: this.#places.map(({ connections }) =>
        connections.map(({ received, ended }) => ({ ...requestsIn(received), ended })),
      ),
      calls,
      closed: this.#closing && this.#closing.settled,
    }
  }
}

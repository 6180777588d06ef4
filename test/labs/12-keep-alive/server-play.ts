import type { Request } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, RemoteServer } from '../../../workbook/grading/check.ts'
import { ask, nameOf, type Ask, type Wish } from './server-asks.ts'
import { answersIn } from './seen.ts'
import { judge } from './server-model.ts'
import { apply, serving, type Act, type Limits, type SentPart, type State } from './server-state.ts'
import type { Part, Place, Step } from './server-steps.ts'

/** Plays a conversation with a server, and asks the model behind each step whether every promise has been kept. */
export async function playWithServer(c: Check, steps: readonly Step[]): Promise<void> {
  c.learner.holdClock()
  const [first, ...further] = steps
  if (!first || !('serve' in first)) return
  const { idleMs = 1_000 * c.random.integer(2, 20), maxRequests = 50 } = first.serve
  const playing = new Playing(c, { idleMs, maxRequests })
  await playing.serve()
  for (const step of further) await playing.play(step)
}

class Playing {
  readonly #c: Check
  readonly #limits: Limits
  readonly #state: State
  readonly #asks = new Map<Wish, Ask>()
  /** Bytes of each request that have been sent. */
  readonly #sent = new Map<Ask, number>()
  readonly #clients: Connection[] = []
  readonly #handled: Request[] = []
  readonly #closes: Array<Call<void>> = []
  /** Handlers that wait, by target: told whether to fail. */
  readonly #gates = new Map<string, (fails: boolean) => void>()
  /** Told before they were called. */
  readonly #told = new Map<string, boolean>()
  #server: RemoteServer | null = null

  constructor(c: Check, limits: Limits) {
    this.#c = c
    this.#limits = limits
    this.#state = serving(limits)
  }

  async serve(): Promise<void> {
    const handler = (request: Request) => this.#handle(request)
    this.#server = await this.#c.learner.serve('serve', handler, this.#limits)
  }

  async play(step: Step): Promise<void> {
    const act = this.#actOf(step)
    if (!act) return
    this.#c.step(spoken(act))
    await this.#perform(act)
    await this.#c.learner.idle()
    apply(this.#state, act)
    const broken = judge(this.#state, this.#seen())
    if (broken) await this.#c.blame(broken.requirement, () => this.#c.fail(broken.expected, broken.saw))
  }

  // --- internal ---

  /** Null where the step means nothing: what it speaks of is not there. */
  #actOf(step: Step): Act | null {
    if ('serve' in step) return null
    if ('connect' in step) return this.#closes.length > 0 ? null : { act: 'connect', how: step.connect }
    if ('close' in step) return { act: 'close' }
    if ('spans' in step)
      return { act: 'tick', milliseconds: step.spans * this.#limits.idleMs + step.milliseconds }
    if ('handler' in step) return { act: step.handler, ask: this.#askOf(step.wish) }
    if (!this.#clients[step.client]) return null
    if ('does' in step) return { act: step.does, client: step.client }
    const parts = step.send.flatMap((part) => this.#partOf(part))
    return parts.length > 0 ? { act: 'send', client: step.client, parts } : null
  }

  #askOf(wish: Wish): Ask {
    const known = this.#asks.get(wish) ?? ask(this.#c.random, wish)
    this.#asks.set(wish, known)
    return known
  }

  #partOf({ wish, upTo }: Part) {
    const request = this.#askOf(wish)
    const from = this.#sent.get(request) ?? 0
    const to = placeIn(request, upTo)
    if (to <= from) return []
    this.#sent.set(request, to)
    return [{ ask: request, from, to }]
  }

  async #handle(request: Request) {
    if (!isRequest(request)) this.#c.fail('a request as the argument of the handler', 'something else')
    this.#handled.push(request)
    const { target } = request
    const known = [...this.#asks.values()].find((each) => each.target === target)
    if (!known)
      return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.alloc(0) } as const
    let fails = this.#told.get(target) ?? known.handler === 'rejects'
    if (known.handler === 'waits' && !this.#told.has(target))
      fails = await new Promise<boolean>((resolve) => void this.#gates.set(target, resolve))
    if (fails) throw new Error('the handler has failed')
    return known.response
  }

  async #perform(act: Act): Promise<void> {
    const c = this.#c
    const server = this.#server as RemoteServer
    if (act.act === 'tick') return c.learner.tick(act.milliseconds)
    if (act.act === 'close') return void this.#closes.push(server.close())
    if (act.act === 'connect') {
      const name = `connection ${this.#clients.length + 1}`
      return void this.#clients.push(await c.connect(server.port, { name, paused: act.how === 'paused' }))
    }
    if (!('client' in act)) {
      this.#told.set(act.ask.target, act.act === 'rejects')
      return this.#gates.get(act.ask.target)?.(act.act === 'rejects')
    }
    const client = this.#clients[act.client] as Connection
    if (act.act === 'send')
      return client.send(Buffer.concat(act.parts.map((part) => part.ask.bytes.subarray(part.from, part.to))))
    return client[act.act]()
  }

  #seen() {
    return {
      clients: this.#clients.map(({ received, ended }) => ({ ...answersIn(received), ended })),
      handled: this.#handled.map(({ headers, body, ...request }) => ({
        ...request,
        fields: headers,
        body: Buffer.from(body),
      })),
      closes: this.#closes.map(({ outcome }) =>
        !outcome ? 'pending' : outcome.ok ? 'resolved' : 'rejected',
      ),
    }
  }
}

function isRequest(given: Partial<Request> | undefined): boolean {
  return Array.isArray(given?.headers) && given.body instanceof Uint8Array && typeof given.target === 'string'
}

function placeIn({ bytes }: Ask, place: Place): number {
  if (place === 'end') return bytes.length
  if (place === 'half') return Math.floor(bytes.length / 2)
  if (typeof place === 'object') return bytes.indexOf('\r\n\r\n') + 4 + place.head
  return place < 0 ? bytes.length + place : place
}

function spoken(act: Act): string {
  switch (act.act) {
    case 'connect':
      return act.how === 'paused' ? 'a client connects, and does not read' : 'a client connects'
    case 'send':
      return `connection ${act.client + 1} sends ${act.parts.map(spokenPart).join(', ')}`
    case 'returns':
      return `the handler returns for ${nameOf(act.ask)}`
    case 'rejects':
      return `the handler fails for ${nameOf(act.ask)}`
    case 'tick':
      return `${act.milliseconds} ms pass`
    case 'close':
      return 'close() is called'
    case 'fin':
      return `connection ${act.client + 1} sends its FIN`
    case 'reset':
      return `connection ${act.client + 1} is reset by its client`
    default:
      return `connection ${act.client + 1} reads`
  }
}

function spokenPart({ ask: request, from, to }: SentPart): string {
  const { length } = request.bytes
  if (from === 0 && to === length) return nameOf(request)
  return `bytes ${from + 1} to ${to} of the ${length} of ${nameOf(request)}`
}

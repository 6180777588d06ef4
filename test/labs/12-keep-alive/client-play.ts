import type { Request, Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { ClientModel } from './client-model.ts'
import type { Act, Asked, Outcome, Replied, Seen } from './client-state.ts'
import { inChunks } from './server-asks.ts'
import { requestsIn } from './seen.ts'

/** What happens in a conversation with a client, as plain data. */
export type Step =
  | { readonly construct: '1.0' | '1.1' | 'default' }
  | { readonly request: Wish }
  /** The server's answer, or its first bytes; what is left of it comes with the next one of the same object. */
  | { readonly reply: Answer; readonly upTo?: number | 'half' }
  | { readonly stray: string }
  | { readonly server: 'fin' | 'reset' | 'refuses' }
  | { readonly milliseconds: number }
  /** Nothing is left where no other conversation has left anything. */
  | { readonly close: 'settles' | 'leaves nothing' }

export interface Wish {
  readonly method?: string
  readonly headers?: ReadonlyArray<readonly [string, string]>
  readonly body?: 'some'
}

export interface Answer {
  readonly version?: '1.0' | '1.1'
  readonly status?: number
  readonly says?: ReadonlyArray<readonly [string, string]>
  readonly end?: Replied['end']
  readonly size?: number
  /** Bytes behind it, in the same write. */
  readonly more?: string
  /** Bytes that are no HTTP, instead of it, and FIN behind them. */
  readonly noise?: string
}

interface Remote {
  request(partial: Partial<Request>): Call<Response>
  close(): Call<void>
}

/** Plays a conversation with a client, and asks the model behind each step whether every promise has been kept. */
export async function playWithClient(c: Check, steps: readonly Step[]): Promise<void> {
  c.learner.holdClock()
  const [first, ...further] = steps
  if (!first || !('construct' in first)) return
  const origin = await c.listen({ name: 'server' })
  const options = first.construct === 'default' ? [] : [{ version: first.construct }]
  const client = await c.learner.construct<Remote>('KeepAliveClient', origin.port, ...options)
  const playing = new Playing(c, client, origin, first.construct === '1.0' ? '1.0' : '1.1')
  for (const step of further) await playing.play(step)
}

class Playing {
  readonly #c: Check
  readonly #client: Remote
  readonly #origin: Listener
  readonly #model: ClientModel
  readonly #connections: Connection[] = []
  readonly #answers = new Map<Answer, { readonly replied: Replied; readonly bytes: Buffer; sent: number }>()
  #call: Call<Response> | null = null
  #closing: Call<void> | null = null

  constructor(c: Check, client: Remote, origin: Listener, version: '1.0' | '1.1') {
    this.#c = c
    this.#client = client
    this.#origin = origin
    this.#model = new ClientModel(version)
  }

  async play(step: Step): Promise<void> {
    const act = await this.#perform(step)
    if (!act) return
    await this.#c.learner.idle()
    while (this.#connections.length < this.#origin.accepted)
      this.#connections.push(await this.#origin.connection())
    this.#model.apply(act)
    const broken = this.#model.judge(this.#seen())
    if (broken) await this.#c.blame(broken.requirement, () => this.#c.fail(broken.expected, broken.saw))
    if ('close' in step && step.close === 'leaves nothing')
      await this.#c.blame('R13', () => this.#c.learner.leavesNothing())
  }

  // --- internal ---

  /** Null where the step means nothing in this state. */
  async #perform(step: Step): Promise<Act | null> {
    const c = this.#c
    if ('construct' in step || this.#closing) return null
    if ('request' in step) return this.#model.isBusy ? null : this.#request(step.request)
    if ('reply' in step) return this.#model.isBusy ? this.#reply(step.reply, step.upTo) : null
    if ('milliseconds' in step) {
      c.step(`${step.milliseconds} ms pass`)
      await c.learner.tick(step.milliseconds)
      return { act: 'tick' }
    }
    if ('close' in step) {
      if (this.#model.isBusy) return null
      this.#closing = this.#client.close()
      return { act: 'close' }
    }
    if ('server' in step && step.server === 'refuses') {
      c.learner.permit('127.0.0.1', this.#origin.port, 'refused')
      c.step('from here on the port refuses')
      return { act: 'refuse' }
    }
    const connection = this.#connections.at(-1)
    if (!connection || (!this.#model.isBusy && !this.#model.hasKept)) return null
    if ('stray' in step) {
      if (this.#model.isBusy) return null
      c.step('the server sends bytes that nobody has asked for')
      await connection.send(step.stray)
      return { act: 'stray' }
    }
    const act = step.server === 'fin' ? 'fin' : 'reset'
    c.step(`the server sends its ${act === 'fin' ? 'FIN' : 'RST'}`)
    await connection[act]()
    return { act }
  }

  #request({ method = 'GET', headers = [], body }: Wish): Act {
    const { random } = this.#c
    const asked: Asked = {
      method,
      target: `/${random.word()}`,
      fields: [['X-Mark', random.word()], ...headers],
      body: body ? random.bytes(random.integer(10, 90)) : Buffer.alloc(0),
    }
    const { target, fields } = asked
    const partial = { target, headers: fields, ...(method === 'GET' ? {} : { method }) }
    this.#call = this.#client.request(body ? { ...partial, body: asked.body } : partial)
    return { act: 'request', asked }
  }

  async #reply(answer: Answer, upTo: number | 'half' | undefined): Promise<Act | null> {
    const known = this.#answers.get(answer) ?? { ...made(this.#c.random, answer), sent: 0 }
    this.#answers.set(answer, known)
    const { bytes, replied, sent } = known
    const place = upTo === 'half' ? Math.floor(bytes.length / 2) : (upTo ?? bytes.length)
    const end = place < 0 ? bytes.length + place : place
    const connection = this.#connections.at(-1)
    if (end <= sent || !connection) return null
    const isAll = end === bytes.length
    const more = isAll ? (answer.more ?? '') : ''
    this.#c.step(
      `the server sends ${isAll ? 'the end' : `bytes ${sent + 1} to ${end} of ${bytes.length}`} of its answer${more ? ', and more' : ''}`,
    )
    known.sent = end
    await connection.send(Buffer.concat([bytes.subarray(sent, end), Buffer.from(more)]))
    // Whoever looks at it only when it is whole hears of it now.
    if (!replied.isHttp && isAll) await connection.fin()
    const hasHead = bytes.subarray(0, end).includes('\r\n\r\n')
    // Without a length, what has come so far is the body.
    const far =
      replied.end === 'nothing' && hasHead ? bytes.subarray(bytes.indexOf('\r\n\r\n') + 4, end) : replied.body
    return {
      act: 'reply',
      replied: { ...replied, body: Buffer.from(far) },
      hasHead,
      isWhole: isAll,
      isMore: more !== '',
    }
  }

  #seen(): Seen {
    return {
      connections: this.#connections.map(({ received, ended }) => ({ ...requestsIn(received), ended })),
      call: this.#call && outcomeOf(this.#call),
      closed: this.#closing && this.#closing.settled,
    }
  }
}

function made(
  random: Random,
  { version = '1.1', status = 200, says = [], end = 'length', size, noise }: Answer,
) {
  const body = random.bytes(size ?? random.integer(1, 200))
  const lengths = {
    length: [['Content-Length', `${body.length}`] as const],
    chunks: [['Transfer-Encoding', 'chunked'] as const],
    nothing: [],
  }[end]
  const fields = [['X-Mark', random.word()] as const, ...says, ['x-MARK', 'blue'] as const, ...lengths]
  const lines = fields.map(([name, value]) => `${name}: ${value}`)
  const head = Buffer.from([`HTTP/${version} ${status} So`, ...lines, '', ''].join('\r\n'))
  const content = end === 'chunks' ? inChunks(random, body, 'X-Sum: 1\r\n') : body
  const replied: Replied = { version, status, fields, body, end, isHttp: noise === undefined }
  return { replied, bytes: noise === undefined ? Buffer.concat([head, content]) : Buffer.from(noise) }
}

function outcomeOf({ outcome }: Call<Response>): Outcome {
  if (!outcome) return { is: 'pending' }
  if (!outcome.ok) return { is: 'rejected', code: outcome.error.code }
  const { status, headers, body } = (outcome.value ?? {}) as Partial<Response>
  return {
    is: 'resolved',
    status,
    fields: headers,
    body: body instanceof Uint8Array ? Buffer.from(body) : null,
  }
}

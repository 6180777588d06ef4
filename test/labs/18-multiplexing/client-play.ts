/* oxlint-disable max-lines -- one conversation is one object: its acts, and what they have to bring about */
import type { Request, Response } from '../../../labs/kit/http.ts'
import { ERROR, FRAME, nameOfError, PREFACE, SETTING } from '../../../labs/kit/http2.ts'
import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import { ClientModel } from './client-model.ts'
import type { Asked, Line, Outcome } from './client-state.ts'
import type { Answer, Step, Wish } from './client-steps.ts'
import { Peer, type Broken } from './peer.ts'
import { data, frame, goaway, headers, rst, settings, SETTINGS_ACK, windowUpdate } from './wire.ts'

interface Reply {
  readonly line: Line
  readonly answer: Answer
  readonly body: Buffer
  unsent: Buffer
}

interface Client {
  request(partial: Partial<Request>): Call<Response>
  close(): Call<void>
}

export async function playWithClient(c: Check, steps: readonly Step[]): Promise<void> {
  const playing = new ClientPlay(c)
  await playing.begin()
  for (const step of steps) await playing.play(step)
  await playing.end()
}

class ClientPlay {
  readonly #c: Check
  readonly #model = new ClientModel()
  readonly #calls: Call<Response>[] = []
  readonly #replies = new Map<Line, Reply>()
  #client: Client | null = null
  #peer: Peer | null = null
  #port = 0
  #closing: Call<void> | null = null
  #isOver = false
  #wasReset = false
  #sentConnection = 0
  readonly #sent = new Map<number, number>()
  readonly #pings: string[] = []

  constructor(c: Check) {
    this.#c = c
    c.learner.holdClock()
  }

  async begin(): Promise<void> {
    const listener = await this.#c.listen({ name: 'server' })
    this.#port = listener.port
    const connecting = this.#c.learner.call<Client>('H2Client.connect', listener.port)
    const wire = await listener.connection()
    this.#client = await this.#c.blame('R15', () => connecting)
    this.#peer = new Peer(wire, PREFACE.length)
    await this.#c.learner.idle()
    await wire.send(Buffer.concat([settings(), SETTINGS_ACK]))
  }

  async play(step: Step): Promise<void> {
    if (this.#isOver || !(await this.#perform(step))) return
    await this.#settle()
  }

  /** close() at last, and nothing is left. */
  async end(): Promise<void> {
    this.#closing ??= (this.#client as Client).close()
    this.#model.isClosed = true
    for (const line of this.#model.open) {
      this.#model.resets(Object.assign(line, { isSecond: true }), 'CANCEL')
      await this.#wire.send(rst(line.id, ERROR.CANCEL))
    }
    await this.#settle()
    await this.#c.blame('R18', () => this.#c.learner.leavesNothing())
  }

  // --- internal ---

  get #seen(): Peer {
    return this.#peer as Peer
  }

  get #wire(): Connection {
    return this.#seen.wire
  }

  async #perform(step: Step): Promise<boolean> {
    const c = this.#c
    if ('ask' in step) return this.#ask(step.ask)
    if ('milliseconds' in step) return (await c.learner.tick(step.milliseconds), true)
    if ('close' in step) {
      if (this.#closing) return false
      c.step('close() is called')
      this.#closing = (this.#client as Client).close()
      this.#model.isClosed = true
      return true
    }
    if (this.#wire.ended !== 'open' || this.#wasReset) return false
    if ('reply' in step) return await this.#reply(step.reply, step.with ?? {})
    if ('more' in step) return await this.#more(step)
    await this.#say(step)
    return true
  }

  #ask({
    fields = [],
    sent = fields,
    host,
    body: length = 0,
    method = length > 0 ? 'POST' : 'GET',
  }: Wish): boolean {
    const { random } = this.#c
    const [target, body, mark] = [
      `/${random.word()}/${this.#calls.length + 1}`,
      random.bytes(length),
      ['x-mark', random.word()] as const,
    ]
    const asked: Asked = {
      method,
      target,
      authority: host ?? `127.0.0.1:${this.#port}`,
      fields: [mark, ...sent],
      body,
    }
    const partial = {
      target,
      headers: [
        ['X-Mark', mark[1]] as const,
        ...(host === undefined ? [] : [['Host', host] as const]),
        ...fields,
      ],
      ...(method === 'GET' ? {} : { method }),
      ...(length > 0 ? { body } : {}),
    }
    this.#model.asks(asked)
    this.#calls.push((this.#client as Client).request(partial))
    return true
  }

  async #say(
    step: Exclude<
      Step,
      { ask: Wish } | { close: true } | { reply: number } | { more: number } | { milliseconds: number }
    >,
  ): Promise<void> {
    const { lines } = this.#model
    if ('settings' in step) {
      const { max, window } = step.settings
      this.#c.step(
        `the server sets ${max === undefined ? '' : `${max} streams `}${window === undefined ? '' : `a window of ${window}`}`,
      )
      this.#model.sets(max, window)
      return this.#wire.send(
        settings(
          ...(max === undefined ? [] : [[SETTING.MAX_CONCURRENT_STREAMS, max] as const]),
          ...(window === undefined ? [] : [[SETTING.INITIAL_WINDOW_SIZE, window] as const]),
        ),
      )
    }
    if ('grant' in step) {
      const line = lines[step.grant - 1] ?? null
      if (step.grant > 0 && (line?.id ?? 0) === 0) return
      this.#model.grants(line, step.bytes)
      return this.#wire.send(windowUpdate(line?.id ?? 0, step.bytes))
    }
    if ('reset' in step) {
      const line = lines[step.reset - 1]
      if (!line || line.id === 0 || line.wanted.is !== 'pending') return
      this.#c.step(`the server resets stream ${line.id} with ${step.code}`)
      const bytes = rst(line.id, ERROR[step.code])
      this.#replies.delete(line)
      this.#model.resets(line, step.code)
      return this.#wire.send(bytes)
    }
    if ('goaway' in step) {
      const last = lines[step.goaway - 1]?.id ?? 0
      this.#c.step(`the server sends GOAWAY with ${last}`)
      this.#model.goesAway(last)
      return this.#wire.send(goaway(last, ERROR[step.code ?? 'NO_ERROR']))
    }
    if ('server' in step) return this.#break(step.server)
    const ping = this.#c.random.bytes(8)
    if (step.says === 'PING') this.#pings.push(ping.toString('hex'))
    const bytes = {
      PING: frame(FRAME.PING, 0, 0, ping),
      unknown: frame(0xfa, 0xff, 1, ping),
      PRIORITY: frame(FRAME.PRIORITY, 0, 7, ping.subarray(0, 5)),
    }
    return this.#wire.send(bytes[step.says])
  }

  async #break(how: 'fin' | 'rst'): Promise<void> {
    this.#c.step(`the server sends ${how.toUpperCase()}`)
    this.#model.breaks(`the server has sent ${how.toUpperCase()}`, how === 'rst' ? 'ECONNRESET' : null)
    this.#wasReset = how === 'rst'
    await (how === 'rst' ? this.#wire.reset() : this.#wire.fin())
  }

  async #reply(index: number, answer: Answer): Promise<boolean> {
    const line = this.#model.lines[index - 1]
    if (!line || line.id === 0 || line.wanted.is !== 'pending' || this.#replies.has(line)) return false
    const { status = 200, fields = [], form = {}, interim = [], send, section } = answer
    const isBodiless = line.asked.method === 'HEAD' || status === 204 || status === 304
    const body = this.#c.random.bytes(isBodiless ? 0 : (answer.body ?? this.#c.random.integer(1, 50)))
    line.replied = { status, fields, body }
    const reply: Reply = { line, answer, body, unsent: body }
    this.#replies.set(line, reply)
    const { encoder } = this.#seen
    const isEnd = body.length === 0 && !answer.ends
    this.#c.step(`the server answers ${line.asked.target} with ${status}`)
    const bytes = Buffer.concat([
      ...interim.map((early) =>
        headers(
          line.id,
          encoder.encode([
            [':status', `${early}`],
            ['x-early', 'y'],
          ]),
          { isEnd: false },
        ),
      ),
      headers(line.id, encoder.encode(section ?? [[':status', `${status}`], ...fields]), { ...form, isEnd }),
    ])
    await (answer.drip
      ? this.#wire.sendInParts(
          Array.from({ length: Math.ceil(bytes.length / answer.drip) }, (_, at) =>
            bytes.subarray(at * (answer.drip ?? 1), (at + 1) * (answer.drip ?? 1)),
          ),
        )
      : this.#wire.send(bytes))
    if (isEnd) this.#whole(reply)
    else await this.#body(reply, send ?? body.length, answer.padding ?? null)
    return true
  }

  async #more({ more, bytes, padding }: Extract<Step, { more: number }>): Promise<boolean> {
    const line = this.#model.lines[more - 1]
    const reply = line && this.#replies.get(line)
    if (!reply || line.wanted.is !== 'pending') return false
    await this.#body(reply, bytes ?? reply.unsent.length, padding ?? null)
    return true
  }

  /** As the windows of the client allow. */
  async #body(reply: Reply, bytes: number, padding: number | null): Promise<void> {
    const { line, answer } = reply
    const overhead = padding === null ? 0 : padding + 1
    for (let due = bytes; ;) {
      const sent = this.#sent.get(line.id) ?? 0
      const room = Math.min(
        65_535 + this.#seen.on(line.id).granted - sent,
        65_535 + this.#seen.granted - this.#sentConnection,
      )
      const length = Math.min(due, room - overhead, 16_384 - overhead)
      if (length <= 0 && due > 0) {
        await this.#c.learner.idle()
        const before = this.#seen.granted + this.#seen.on(line.id).granted
        this.#seen.read()
        if (this.#seen.granted + this.#seen.on(line.id).granted > before) continue
        await this.#fail({
          requirement: 'R16',
          expected: `WINDOW_UPDATE from your client: ${due} bytes are left of the answer on stream ${line.id}`,
          saw: 'none: your client is idle',
        })
      }
      const piece = reply.unsent.subarray(0, Math.max(length, 0))
      reply.unsent = reply.unsent.subarray(piece.length)
      due -= piece.length
      const isLast = due === 0 && reply.unsent.length === 0
      this.#sent.set(line.id, sent + piece.length + overhead)
      this.#sentConnection += piece.length + overhead
      await this.#wire.send(data(line.id, piece, isLast && !answer.ends, padding))
      if (isLast && answer.ends === 'with empty DATA')
        await this.#wire.send(data(line.id, Buffer.alloc(0), true))
      if (isLast && answer.ends === 'with trailers')
        await this.#wire.send(
          headers(line.id, this.#seen.encoder.encode([['x-trailer', 'left out']]), { isEnd: true }),
        )
      if (isLast) this.#whole(reply)
      if (due === 0) return
    }
  }

  #whole({ line, answer }: Reply): void {
    if (answer.isMalformed) this.#model.fails(line, 'its answer is malformed', 'PROTOCOL_ERROR', 'R18')
    else if (line.replied) this.#model.answers(line, line.replied)
  }

  async #settle(): Promise<void> {
    await this.#c.learner.idle()
    const heard = this.#seen.read()
    const { received } = this.#wire
    const isHello = received.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, received.length))
    const broken =
      (isHello
        ? this.#seen.broken
        : {
            requirement: 'R15',
            expected: 'the preface first',
            saw: JSON.stringify(received.subarray(0, 24).toString('latin1')),
          }) ??
      this.#model.follows(heard) ??
      this.#model.judge({
        streams: this.#seen.streams,
        outcomes: this.#calls.map(outcomeOf),
        goaway: this.#seen.goaway,
      }) ??
      this.#judgeTalk()
    if (broken) await this.#fail(broken)
    await this.#judgeClose()
  }

  #judgeTalk(): Broken | null {
    const { pongs, settings: said, goaway: gone, settingsSeen } = this.#seen
    const wrong = (expected: string, saw: string, requirement = 'R15'): Broken => ({
      requirement,
      expected,
      saw,
    })
    if (settingsSeen > 0 && said.get(SETTING.ENABLE_PUSH) !== 0)
      return wrong('SETTINGS with ENABLE_PUSH 0', `${said.get(SETTING.ENABLE_PUSH)}`)
    if (gone && gone.code !== 0)
      return wrong(
        'no GOAWAY with an error: nothing is wrong with the connection',
        nameOfError(gone.code),
        'R16',
      )
    if (this.#wire.ended !== 'open' || this.#wasReset) return null
    if (pongs.join() !== this.#pings.join())
      return wrong(
        `PING answered with its eight bytes, ${this.#pings.length} times`,
        pongs.join() || 'no answer',
      )
    const isMalformed = ({ line, answer }: Reply): boolean =>
      answer.isMalformed === true &&
      this.#seen.on(line.id).reset !== ERROR.PROTOCOL_ERROR &&
      line.wanted.is === 'rejected'
    const spared = [...this.#replies.values()].find(isMalformed)
    return spared ? wrong(`RST_STREAM with PROTOCOL_ERROR on stream ${spared.line.id}`, 'none', 'R18') : null
  }

  async #judgeClose(): Promise<void> {
    const isDone = this.#model.lines.every(({ wanted }) => wanted.is !== 'pending')
    const wrong = (expected: string, saw: string): Promise<never> =>
      this.#fail({ requirement: 'R18', expected, saw })
    if (this.#wire.ended !== 'open' && !isDone)
      await wrong('the connection open: an answer is not whole', this.#wire.ended)
    if (!this.#closing) return
    if (!isDone)
      return void (
        this.#closing.settled && (await wrong('close() pending: an answer is not whole', 'it has settled'))
      )
    if (this.#wire.ended === 'open' && !this.#wasReset)
      await wrong(
        'FIN from your client: nothing is under way, and close() was called',
        'the connection is open',
      )
    if (!this.#seen.goaway && !this.#model.isDeaf)
      await wrong('GOAWAY from your client before its FIN', 'none')
    if (!this.#isOver && this.#wire.ended === 'FIN') await this.#wire.fin()
    this.#isOver = true
    await this.#c.learner.idle()
    if (!this.#closing.settled) await wrong('close() resolved: the connection is gone', 'it is pending')
  }

  async #fail({ requirement, expected, saw }: Broken): Promise<never> {
    return await this.#c.blame(requirement, () => this.#c.fail(expected, saw))
  }
}

// --- internal ---

function outcomeOf({ outcome }: Call<Response>): Outcome {
  if (!outcome) return { is: 'pending' }
  if (!outcome.ok) return { is: 'rejected', code: outcome.error.code, message: outcome.error.message }
  const { status, headers: fields, body } = (outcome.value ?? {}) as Partial<Response>
  return { is: 'resolved', status, headers: fields, body }
}

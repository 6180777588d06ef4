/* oxlint-disable max-lines -- one conversation is one object: its acts, and what they have to bring about */
import type { Headers, Request, Response } from '../../../labs/kit/http.ts'
import { FLAG, FRAME, PREFACE, SETTING } from '../../../labs/kit/http2.ts'
import type { Call, Check, Connection, RemoteServer } from '../../../workbook/grading/check.ts'
import { parts, unlikeAnswer, unlikeRequest, wantedFields } from './messages.ts'
import { ServerModel, type Line } from './model.ts'
import { initialWindow, Peer, type Broken } from './peer.ts'
import type { Ask, Reply, Step } from './server-steps.ts'
import { data, frame, goaway, headers, rst, settings, SETTINGS_ACK, windowUpdate } from './wire.ts'

interface Upload {
  readonly line: Line
  readonly request: Request
  readonly ends: NonNullable<Ask['ends']>
  unsent: Buffer
  /** Bytes that are to be sent by now. */
  due: number
}

export async function playWithServer(c: Check, steps: readonly Step[]): Promise<void> {
  c.learner.holdClock()
  const [first] = steps
  const { maxStreams = 100, windowBytes = 65_535 } = first && 'server' in first ? first.server : {}
  const playing = new ServerPlay(c, maxStreams, windowBytes)
  await playing.begin()
  for (const step of steps) await playing.play(step)
  await playing.end()
}

class ServerPlay {
  readonly #c: Check
  readonly #options: { readonly maxStreams: number; readonly windowBytes: number }
  readonly #model: ServerModel
  readonly #uploads: Upload[] = []
  readonly #calls = new Map<
    number,
    {
      readonly request: Request
      readonly resolve: (response: Response) => void
      readonly reject: (error: Error) => void
    }
  >()
  readonly #counts = new Map<number, number>()
  readonly #replies = new Map<
    number,
    { readonly method: string; readonly reply: Reply; readonly body: Buffer }
  >()
  #server: RemoteServer | null = null
  #closing: Call<void> | null = null
  #peer: Peer | null = null
  #nextId = 1
  #sentSettings = 0
  #isAcknowledged = false
  #sentConnection = 0
  readonly #pings: string[] = []
  #isGone = false

  constructor(c: Check, maxStreams: number, windowBytes: number) {
    this.#c = c
    this.#options = { maxStreams, windowBytes }
    this.#model = new ServerModel(maxStreams)
  }

  async begin(): Promise<void> {
    const c = this.#c
    this.#server = await c.learner.serve(
      'serveH2',
      (request: Request) => this.#handle(request),
      this.#options,
    )
    const wire = await c.connect(this.#server.port)
    this.#peer = new Peer(wire)
    await wire.send(Buffer.concat([PREFACE, settings()]))
    this.#sentSettings++
    await this.#settle()
  }

  async play(step: Step): Promise<void> {
    if (this.#isGone || 'server' in step) return
    if (!(await this.#perform(step))) return
    await this.#settle()
  }

  /** Whatever is open is given up. */
  async end(): Promise<void> {
    if (this.#isGone) return
    this.#isGone = true
    for (const { reject } of this.#calls.values()) reject(new Error('the conversation is over'))
    if (this.#wire.ended === 'open') await this.#wire.reset()
    this.#closing ??= this.#server?.close() ?? null
    await this.#c.learner.idle()
    if (this.#closing && !this.#closing.settled) await this.#fail(PENDING)
  }

  // --- internal ---

  get #wire(): Connection {
    return this.#seen.wire
  }

  get #seen(): Peer {
    return this.#peer as Peer
  }

  #handle(request: Request): Promise<Response> {
    const upload = this.#uploads.find((each) => each.request.target === request.target)
    if (!upload) return Promise.reject(new Error('nobody has asked for this'))
    const { id } = upload.line
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    return new Promise((resolve, reject) => this.#calls.set(id, { request, resolve, reject }))
  }

  /** @returns Whether the step means anything here. */
  async #perform(step: Step): Promise<boolean> {
    const c = this.#c
    if ('milliseconds' in step) return (await c.learner.tick(step.milliseconds), true)
    if ('answer' in step) return this.#answer(step.answer, step.with ?? {})
    if ('close' in step) return this.#close()
    if (this.#model.clientLeft === 'fin' || 'server' in step) return false
    if ('ask' in step) return this.#ask(step.ask)
    if ('more' in step) return this.#more(step)
    if ('says' in step) return this.#say(step.says)
    if ('client' in step) return this.#leave(step.client)
    const send = async (bytes: Buffer): Promise<true> => (await this.#wire.send(bytes), true)
    if ('initial' in step) {
      c.step(`the client sets its initial window to ${step.initial}`)
      this.#model.setsInitial(step.initial)
      this.#sentSettings++
      return send(settings([SETTING.INITIAL_WINDOW_SIZE, step.initial]))
    }
    const line = this.#model.lines[('grant' in step ? step.grant : step.reset) - 1]
    if ('grant' in step) {
      if (step.grant > 0 && !line) return false
      c.step(`the client grants ${step.bytes} bytes ${line ? `on ${line.name}` : 'on the connection'}`)
      this.#model.grants(line ?? null, step.bytes)
      return send(windowUpdate(line?.id ?? 0, step.bytes))
    }
    if (!line || line.kept === 'untouched') return false
    c.step(`the client resets ${line.name}`)
    this.#model.resets(line)
    const upload = this.#uploads.find((each) => each.line === line)
    if (upload) upload.due = 0
    return send(rst(line.id, 8))
  }

  async #ask(ask: Ask): Promise<boolean> {
    const {
      method = ask.body === undefined ? 'GET' : 'POST',
      fields = [],
      body: length = 0,
      form = {},
      ends = 'in the last frame',
      skips = 0,
    } = ask
    const { random } = this.#c
    this.#nextId += skips * 2
    const id = this.#nextId
    this.#nextId += 2
    const body = random.bytes(length)
    const authority = ask.authority === undefined ? `${random.word()}.example:81` : ask.authority
    const target = `/${random.word()}/${id}`
    const name = `stream ${id}`
    const line = this.#model.opens(id, name)
    const mark = ['x-mark', random.word()] as const
    const pseudo: Headers = [
      [':method', method],
      [':scheme', 'http'],
      [':path', target],
      ...(authority === null ? [] : [[':authority', authority] as const]),
    ]
    const request: Request = {
      method,
      target,
      version: '1.1',
      headers: wantedFields(authority, [mark, ...fields]),
      body,
    }
    const isEnd = length === 0 && ends === 'in the last frame'
    this.#c.step(`${method} ${target} on ${name}${isEnd ? '' : ', whose body follows'}`)
    const block = this.#seen.encoder.encode([...pseudo, mark, ...fields])
    const bytes = headers(id, block, { ...form, isEnd })
    if (isEnd) line.isWhole = true
    const upload: Upload = { line, request, ends, unsent: isEnd ? Buffer.alloc(0) : body, due: 0 }
    this.#uploads.push(upload)
    await (ask.drip ? this.#wire.sendInParts(parts(bytes, ask.drip)) : this.#wire.send(bytes))
    if (!isEnd) await this.#send(upload, ask.send ?? length, ask.padding)
    return true
  }

  async #more({ more, bytes, padding }: Extract<Step, { more: number }>): Promise<boolean> {
    const upload = this.#uploads[more - 1]
    if (!upload || upload.line.isWhole || upload.line.isReset) return false
    await this.#send(upload, bytes ?? upload.unsent.length, padding)
    return true
  }

  /** As the windows of the server allow; what they do not, it has to allow before it is idle. */
  async #send(upload: Upload, bytes: number, padding: number | null = null): Promise<void> {
    const { line, request, ends } = upload
    const name = `${request.method} ${request.target}`
    upload.due = Math.min(bytes, upload.unsent.length)
    for (;;) {
      const isLast = upload.due === upload.unsent.length
      const room = line.kept === 'untouched' ? 0 : Math.min(this.#room(line), this.#connectionRoom)
      const overhead = padding === null ? 0 : padding + 1
      const length = Math.min(upload.due, room - overhead, 16_384 - overhead)
      if (length > 0 || (upload.due === 0 && (isLast || bytes === 0) && room >= overhead)) {
        const piece = upload.unsent.subarray(0, length)
        upload.unsent = upload.unsent.subarray(length)
        upload.due -= length
        const isEnd = isLast && upload.due === 0
        line.sent += length + overhead
        this.#sentConnection += length + overhead
        const endsHere =
          isEnd && (ends === 'in the last frame' || (ends === 'with empty DATA' && length === 0))
        await this.#wire.send(data(line.id, piece, endsHere, padding))
        if (isEnd && !endsHere) await this.#wire.send(this.#lastWord(line.id, ends))
        if (isEnd) line.isWhole = true
        if (upload.due > 0) continue
        return
      }
      if (upload.due === 0 || line.kept === 'untouched') return
      await this.#c.learner.idle()
      const before = room
      this.#seen.read()
      if (Math.min(this.#room(line), this.#connectionRoom) > Math.max(before, overhead)) continue
      if (line.kept !== 'taken' || this.#wire.ended !== 'open') return
      const window = this.#room(line) <= overhead ? line.name : 'the connection'
      await this.#fail({
        requirement: 'R8',
        expected: `WINDOW_UPDATE from your server for ${window}: ${name} has ${upload.due} bytes left to send, and no window`,
        saw: 'none: your server is idle',
      })
    }
  }

  #lastWord(id: number, ends: Upload['ends']): Buffer {
    if (ends === 'with empty DATA') return data(id, Buffer.alloc(0), true)
    return headers(id, this.#seen.encoder.encode([['x-trailer', 'left out']]), { isEnd: true })
  }

  /** What the server lets the client send on a stream. */
  #room(line: Line): number {
    const initial = this.#isAcknowledged ? initialWindow(this.#seen) : 65_535
    return initial + this.#seen.on(line.id).granted - line.sent
  }

  get #connectionRoom(): number {
    return 65_535 + this.#seen.granted - this.#sentConnection
  }

  #answer(index: number, reply: Reply): boolean {
    const line = this.#model.lines[index - 1]
    const call = line && this.#calls.get(line.id)
    if (!line || !call || line.answer) return false
    const { status = 200, fields = [], fails } = reply
    const body = this.#c.random.bytes(reply.body ?? this.#c.random.integer(1, 60))
    const { method } = call.request
    const isBodiless = method === 'HEAD' || status === 204 || status === 304
    this.#c.step(
      fails
        ? `the handler of ${line.name} fails`
        : `the handler of ${line.name} is done: ${body.length} bytes`,
    )
    const shown = isBodiless ? Buffer.alloc(0) : body
    line.answer = fails ? { fields: [], status: 500, body: Buffer.alloc(0) } : { fields, status, body: shown }
    this.#replies.set(line.id, { method, reply, body })
    if (fails) call.reject(new Error('it fails'))
    else call.resolve({ version: '1.1', status, reason: 'Whatever', headers: fields, body })
    return true
  }

  #close(): boolean {
    if (this.#closing) return false
    this.#c.step('close() is called')
    this.#closing = this.#server?.close() ?? null
    this.#model.isLeaving = true
    return true
  }

  async #say(word: Extract<Step, { says: string }>['says']): Promise<boolean> {
    const ping = this.#c.random.bytes(8)
    const id = this.#model.lines.at(-1)?.id ?? 1
    const bytes = {
      PING: frame(FRAME.PING, 0, 0, ping),
      'PING ACK': frame(FRAME.PING, FLAG.ACK, 0, ping),
      SETTINGS: settings([0x99, 7], [SETTING.MAX_FRAME_SIZE, 20_000], [SETTING.ENABLE_PUSH, 0]),
      'SETTINGS ACK': SETTINGS_ACK,
      unknown: Buffer.concat([frame(0xfa, 0xff, id, ping), frame(0xfb, 0, 0, ping)]),
      PRIORITY: frame(FRAME.PRIORITY, 0, id + 100, Buffer.from([0, 0, 0, 1, 9])),
    }[word]
    if (word === 'SETTINGS ACK' && this.#isAcknowledged) return false
    if (word === 'SETTINGS ACK') this.#isAcknowledged = true
    if (word === 'SETTINGS') this.#sentSettings++
    if (word === 'PING') this.#pings.push(ping.toString('hex'))
    this.#c.step(`the client sends ${word}`)
    await this.#wire.send(bytes)
    return true
  }

  async #leave(how: 'goaway' | 'fin' | 'rst'): Promise<boolean> {
    this.#c.step(`the client sends ${how === 'goaway' ? 'GOAWAY' : how.toUpperCase()}`)
    if (how === 'rst') {
      await this.#wire.reset()
      await this.end()
      return false
    }
    if (how === 'goaway') await this.#wire.send(goaway(0, 0))
    else await this.#wire.fin()
    this.#model.clientLeft = how
    return true
  }

  /** Nothing is left to happen: now everything has to be as the model has it. */
  async #settle(): Promise<void> {
    await this.#c.learner.idle()
    const heard = this.#seen.read()
    const broken =
      this.#seen.broken ??
      this.#model.follows(heard) ??
      this.#judgeAnswered() ??
      this.#model.judge({
        streams: this.#seen.streams,
        calls: this.#counts,
        goaway: this.#seen.goaway,
        ended: this.#wire.ended,
      }) ??
      this.#judgeTalk()
    if (broken) await this.#fail(broken)
    if (this.#wire.ended === 'open') return
    this.#isGone = true
    if (this.#model.clientLeft !== 'fin') await this.#wire.fin()
    this.#closing ??= this.#server?.close() ?? null
    await this.#c.learner.idle()
    if (this.#closing && !this.#closing.settled) await this.#fail(PENDING)
  }

  #judgeAnswered(): Broken | null {
    for (const { line, request } of this.#uploads) {
      const call = this.#calls.get(line.id)
      const unlike = call && unlikeRequest(call.request, request, line.name)
      if (unlike) return unlike
      const reply = this.#replies.get(line.id)
      const shown = this.#seen.streams.get(line.id)
      const [section] = shown?.sections ?? []
      const wrong =
        reply && section && unlikeAnswer(section, reply.method, reply.reply, reply.body.length, line.name)
      if (wrong) return wrong
      if (shown && shown.sections.length > 1)
        return { requirement: 'R4', expected: `one section on ${line.name}`, saw: `${shown.sections.length}` }
    }
    return null
  }

  #judgeTalk(): Broken | null {
    const { settings: said, settingsSeen, settingsAcks, pongs } = this.#seen
    const { maxStreams, windowBytes } = this.#options
    const wrong = (expected: string, saw: string, requirement = 'R2'): Broken => ({
      requirement,
      expected,
      saw,
    })
    if (settingsSeen === 0) return wrong('SETTINGS from your server', 'none: it is idle')
    if (said.get(SETTING.MAX_CONCURRENT_STREAMS) !== maxStreams)
      return wrong(
        `SETTINGS_MAX_CONCURRENT_STREAMS of ${maxStreams}`,
        `${said.get(SETTING.MAX_CONCURRENT_STREAMS)}`,
      )
    if (initialWindow(this.#seen) !== windowBytes)
      return wrong(
        `SETTINGS_INITIAL_WINDOW_SIZE of ${windowBytes}`,
        `${said.get(SETTING.INITIAL_WINDOW_SIZE)}`,
      )
    const isOver = this.#wire.ended !== 'open'
    if (!isOver && settingsAcks !== this.#sentSettings)
      return wrong(`${this.#sentSettings} SETTINGS acknowledged`, `${settingsAcks}`)
    if (!isOver && pongs.join() !== this.#pings.join())
      return wrong(
        `PING answered with its eight bytes, ${this.#pings.length} times`,
        pongs.join() || 'no answer',
      )
    for (const { line } of this.#uploads) {
      const room = this.#room(line)
      if (this.#isAcknowledged && room > windowBytes)
        return wrong(`a window of at most ${windowBytes} on ${line.name}`, `${room}`, 'R8')
    }
    return this.#connectionRoom > 65_535
      ? wrong("at most 65535 in the connection's window", `${this.#connectionRoom}`, 'R8')
      : null
  }

  async #fail({ requirement, expected, saw }: Broken): Promise<never> {
    return await this.#c.blame(requirement, () => this.#c.fail(expected, saw))
  }
}

// --- internal ---

const PENDING: Broken = {
  requirement: 'R14',
  expected: 'close() resolved: every connection is gone',
  saw: 'it is pending',
}

import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import {
  expectAnswers,
  expectClosing,
  expectEnd,
  leaveAll,
  startWorld,
  type ClientEnd,
  type LineEnd,
  type World,
} from './hop-ends.ts'
import * as model from './hop-model.ts'
import type { Asked, How } from './hop-model.ts'
import { drawnStep, type Framing, type Method, type Step } from './hop-scripts.ts'
import { FIELD_OF, framed, isWhole, message, saidOf, versionOf } from './messages.ts'
import { optionsOf, stepOf } from './model.ts'

/** Conversations through the hop, held against the model after each step. */
export function through(scripts: Readonly<Record<string, readonly Step[]>>, drawn = 0): Conversations<Step> {
  return {
    scripts,
    drawn,
    draw: (random) => Array.from({ length: 14 }, () => drawnStep(random)),
    play: (check, steps) => new Play(check).run(steps),
  }
}

class Play implements model.Hop {
  readonly #check: Check
  readonly clients: ClientEnd[] = []
  readonly lines: LineEnd[] = []
  closing: Map<model.Client, number> | null = null
  readonly #halves = new Map<ClientEnd, Asked>()
  #world!: World
  #closed: Call<void> | null = null

  constructor(check: Check) {
    this.#check = check
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#world = await startWorld(this.#check)
    for (const step of steps) {
      await this.#act(step)
      await this.#check.learner.idle()
      await this.#compare()
    }
    const { listener } = this.#world
    const lines = this.lines.map(({ wire }) => wire)
    // Whoever has waited so far may be sent on a new connection, which ends as well.
    for (let ended = 0; ended < lines.length; ended++) {
      await lines[ended]?.fin()
      await this.#check.learner.idle()
      while (listener.accepted > lines.length) lines.push(await listener.connection())
    }
    const clients = this.clients.map(({ wire }) => wire)
    await this.#check.blame('R15', () => leaveAll(this.#check, clients, this.#closed))
  }

  async #act(step: Step): Promise<void> {
    if ('client' in step) return await this.#client(step)
    if ('answers' in step) return await this.#answer(step.answers, step.at)
    if ('next' in step) return await this.#next(step.next)
    if (step.does === 'an hour') return await this.#check.learner.tick(3_600_000)
    if (this.#closed) return
    this.closing = new Map(this.clients.map((client) => [client, model.inProgress(client)]))
    this.#closed = this.#world.server.close()
  }

  // --- clients ---

  async #client(step: Extract<Step, { client: number }>): Promise<void> {
    const client = this.clients[step.client] ?? (await this.#connect(step.client))
    if (!client || client.end !== 'open' || (this.closing && !client.begun && !('does' in step))) return
    if ('does' in step && step.does !== 'half') {
      client.end = step.does
      return await (step.does === 'RST' ? client.wire.reset() : client.wire.fin())
    }
    if (client.wire.ended !== 'open') return
    if ('does' in step) await this.#half(client)
    else await this.#ask(client, step)
  }

  async #connect(number: number): Promise<ClientEnd | null> {
    if (this.closing) return null
    while (this.clients.length <= number) {
      const name = this.clients.length === 0 ? 'client' : `client ${this.clients.length + 1}`
      const wire = await this.#check.connect(this.#world.server.port, { name })
      this.clients.push({ name, wire, requests: [], begun: false, end: 'open', rest: null, taken: 0 })
    }
    return this.clients[number] ?? null
  }

  async #half(client: ClientEnd): Promise<void> {
    if (client.begun || this.closing || !client.requests.every(model.stays)) return
    const [asked, bytes] = this.#request(client, 'new', 'POST')
    client.begun = true
    client.rest = bytes.subarray(30)
    this.#halves.set(client, asked)
    await client.wire.send(bytes.subarray(0, 30))
  }

  async #ask(client: ClientEnd, step: Extract<Step, { asks: How }>): Promise<void> {
    const { asks, method = 'GET', times = 1 } = step
    const [rest, half] = [client.rest, this.#halves.get(client)]
    if (rest && half) {
      client.requests.push(half)
      client.rest = null
      client.begun = false
      return await client.wire.send(rest)
    }
    const all = Array.from({ length: times }, () => this.#request(client, asks, method))
    client.requests.push(...all.map(([asked]) => asked))
    await client.wire.send(Buffer.concat(all.map(([, bytes]) => bytes)))
  }

  #request(client: ClientEnd, how: How, method: Method): [Asked, Buffer] {
    const target = `/${this.clients.indexOf(client)}/${this.#check.random.word()}/${this.#check.random.word()}`
    const asked: Asked = { target, method, how, state: 'waits', saysClose: null }
    const limit = model.isOurs(asked) ? ['Max-Forwards: 0'] : []
    const fields = ['Host: a.example', ...FIELD_OF[how], ...limit]
    const startLine = `${method} ${target} HTTP/${versionOf(how)}`
    return [asked, message(startLine, fields, method === 'POST' ? target : '')]
  }

  // --- the next hop ---

  async #answer(given: Framing, at?: 'last'): Promise<void> {
    const line = this.#busy(at)
    if (!line?.asked) return
    // Whoever waits might rightly be sent on this connection before the FIN has come.
    const waits = this.clients.some(({ requests }) => requests.some(({ state }) => state === 'waits'))
    const how = given === 'length, FIN' && waits ? 'length' : given
    const { asked, rest } = line
    this.#settle(asked)
    line.asked = null
    line.rest = null
    await line.wire.send(rest ?? framed(this.#check, how, asked.target))
    if (rest) return
    const said = { version: versionOf(how), options: optionsOf(saidOf(how)) }
    line.over ||= !stepOf('client', { version: '1.1', options: line.options }, said).persists
    if (how.endsWith('more')) line.spoken = line.over = true
    if (!how.endsWith('FIN')) return
    line.gone = 'FIN'
    line.over = true
    await line.wire.fin()
  }

  /** Whether its answer says close is settled when it leaves. */
  #settle(asked: Asked): void {
    const isBegun = this.lines.some((line) => line.asked === asked && line.rest)
    asked.state = 'answered'
    asked.saysClose = isBegun && this.closing ? null : !model.stays(asked) || this.closing !== null
  }

  async #next(does: Extract<Step, { next: string }>['next']): Promise<void> {
    if (does === 'ends idle' || does === 'resets idle' || does === 'speaks idle') {
      const line = this.lines.find((each) => each.asked === null && !each.over && each.gone === 'open')
      if (!line || line.wire.ended !== 'open') return
      if (does !== 'speaks idle') return await this.#leave(line, does === 'ends idle' ? 'FIN' : 'RST')
      line.spoken = line.over = true
      return await line.wire.send(message('HTTP/1.1 200 OK', [], this.#check.random.word()))
    }
    const line = this.#busy()
    if (!line?.asked) return
    if (does === 'half' && !line.rest) {
      const bytes = message('HTTP/1.1 200 OK', [], line.asked.target)
      line.rest = bytes.subarray(-4)
      await line.wire.send(bytes.subarray(0, -4))
    }
    // A GET may be asked again on another connection.
    if (does === 'half' || line.asked.method === 'GET') return
    line.asked.state = 'cut'
    line.asked = null
    await this.#leave(line, does === 'cuts' ? 'FIN' : 'RST')
  }

  async #leave(line: LineEnd, gone: 'FIN' | 'RST'): Promise<void> {
    line.gone = gone
    line.over = true
    await (gone === 'FIN' ? line.wire.fin() : line.wire.reset())
  }

  #busy(at?: 'last'): LineEnd | undefined {
    const busy = this.lines.filter(
      ({ asked, gone, wire }) => asked !== null && gone === 'open' && wire.ended === 'open',
    )
    return at === 'last' ? busy.at(-1) : busy[0]
  }

  // --- against the model ---

  async #compare(): Promise<void> {
    this.#settleOurs()
    await this.#arrivals()
    await this.#nothingWaits()
    for (const client of this.clients) await expectAnswers(this.#check, client, this.closing !== null)
    for (const client of this.clients) {
      const end = model.clientEnd(this, client)
      await this.#check.blame(end.requirement, () => expectEnd(this.#check, client.name, client.wire, end))
    }
    for (const line of this.lines) {
      const end = model.lineEnd(this, line)
      await this.#check.blame(end.requirement, () => expectEnd(this.#check, line.name, line.wire, end))
    }
    const isNeeded = this.clients.some((client) => model.clientEnd(this, client).value === 'open')
    if (this.#closed) await expectClosing(this.#check, this.#closed, isNeeded)
  }

  /** Requests that have come to the next hop, each on a connection that may carry it. */
  async #arrivals(): Promise<void> {
    const known = this.lines.length
    const free = this.lines.map(
      (line) => this.clients.find((client) => model.isFreeFor(client, line)) ?? null,
    )
    while (this.#world.listener.accepted > this.lines.length) {
      const wire = await this.#world.listener.connection()
      const name = `next hop (connection ${this.lines.length + 1})`
      const nobody = {
        asked: null,
        last: null,
        over: false,
        gone: 'open',
        options: [],
        rest: null,
        spoken: false,
      } as const
      this.lines.push({ name, wire, ...nobody })
    }
    for (const line of this.lines) while (isWhole(line.wire.unread)) await this.#arrival(line)
    for (const line of this.lines.slice(known)) {
      const unused = this.lines.find(
        (each, at) => each.asked === null && line.last !== null && free[at] === line.last,
      )
      if (!unused) continue
      const expected = `the next request of this client on the ${unused.name}, which stays and is free`
      await this.#check.blame('R12', () => this.#check.expect(false, expected, 'a new connection'))
    }
  }

  async #arrival(line: LineEnd): Promise<void> {
    const { blame, expect } = this.#check
    const { startLine, words, headers } = await line.wire.request()
    const client = this.clients.find(({ requests }) => requests.some(({ target }) => target === words[1]))
    const asked = client?.requests.find(({ target }) => target === words[1])
    const saw = `${startLine} on the ${line.name}`
    const isCounted = client !== undefined && asked !== undefined && model.counted(client).includes(asked)
    await blame(asked && model.isOurs(asked) ? 'R13' : 'R11', () =>
      expect(
        isCounted && !model.isOurs(asked),
        'no request that ends at the hop, and nothing behind the last one',
        saw,
      ),
    )
    if (!client || !asked) return
    const first = model.isOrphaned(client) ? asked : model.turnOf(this, client)
    const expected = `one request at a time, each once${first ? `: the turn is with ${first.target}` : ''}`
    await blame(this.closing ? 'R15' : 'R10', () =>
      expect(first === asked && asked.state === 'waits', expected, saw),
    )
    await blame('R12', () =>
      expect(!line.over && line.asked === null, 'a connection that stays, with no answer due on it', saw),
    )
    asked.state = 'at the next hop'
    line.asked = asked
    line.last = client
    line.options = optionsOf(headers)
  }

  /** What ends at the hop is answered as soon as it has its turn. */
  #settleOurs(): void {
    for (const client of this.clients) {
      let turn = model.turnOf(this, client)
      while (turn && model.isOurs(turn)) {
        this.#settle(turn)
        turn = model.turnOf(this, client)
      }
    }
  }

  /** What is to be forwarded is there, of one client at least. */
  async #nothingWaits(): Promise<void> {
    if (this.lines.some(({ asked }) => asked !== null)) return
    const [waiting] = this.clients.flatMap((client) => {
      const turn = model.turnOf(this, client)
      return turn?.state === 'waits' ? [{ client, turn }] : []
    })
    if (!waiting) return
    const { client, turn } = waiting
    const requirement = this.closing ? 'R15' : this.lines.some(({ over }) => over) ? 'R12' : 'R10'
    const expected = `${turn.method} ${turn.target} of the ${client.name} at the next hop`
    await this.#check.blame(requirement, () =>
      this.#check.expect(false, expected, 'nothing: your hop is idle'),
    )
  }
}

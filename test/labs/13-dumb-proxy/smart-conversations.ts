import type { Call, Check, Listener, RemoteServer } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { framed, KEEP_ALIVE, message, type Framing } from './messages.ts'
import * as model from './model.ts'
import type { Asked } from './model.ts'
import type { ClientEnd, LineEnd } from './smart-ends.ts'
import { addressOf, expectEnd, expectPending, isWhole, leaveAll } from './scenes.ts'
import { drawnStep, scriptsOf, type ScriptKind, type How, type Step } from './smart-scripts.ts'

/** Conversations through the smart proxy, held against the model after each step. */

/** Each group is a check of its own, so that none takes long. */
export const [ASKING, LEAVING, ORIGINS, CLOSING] = [
  group('asking', 2),
  group('leaving', 0),
  group('origins', 2),
  group('closing', 0),
]

function group(kind: ScriptKind, drawn: number): Conversations<Step> {
  return {
    scripts: scriptsOf(kind),
    drawn,
    draw: (random) => Array.from({ length: 14 }, () => drawnStep(random)),
    play: (check, steps) => new Play(check).run(steps),
  }
}

class Play implements model.Smart {
  readonly #check: Check
  readonly clients: ClientEnd[] = []
  readonly lines: LineEnd[] = []
  closing: Map<model.Client, number> | null = null
  #listener!: Listener
  #server!: RemoteServer
  #closed: Call<void> | null = null

  constructor(check: Check) {
    this.#check = check
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#listener = await this.#check.listen({ name: 'origin' })
    this.#server = await this.#check.learner.serve('startSmartProxy', addressOf(this.#listener))
    for (const step of steps) {
      await this.#act(step)
      await this.#check.learner.idle()
      await this.#compare()
    }
    const last = this.#closed
    const lines = this.lines.map(({ wire }) => wire)
    // Whoever has waited so far may be sent on a new connection, which ends as well.
    for (let ended = 0; ended < lines.length;) {
      await lines[ended++]?.fin()
      await this.#check.learner.idle()
      while (this.#listener.accepted > lines.length) lines.push(await this.#listener.connection())
    }
    const clients = this.clients.map(({ wire }) => wire)
    if (last) await this.#check.blame('R10', () => leaveAll(this.#check, lines, clients, last))
    else for (const client of clients) await client.fin()
  }

  async #act(step: Step): Promise<void> {
    if ('client' in step) return await this.#client(step)
    if ('answers' in step) return await this.#answer(step.answers, step.at)
    if ('origin' in step) return await this.#origin(step.origin)
    if (step.does === 'an hour') return await this.#check.learner.tick(3_600_000)
    if (this.#closed) return
    this.closing = new Map(this.clients.map((client) => [client, model.inProgress(client)]))
    this.#closed = this.#server.close()
  }

  // --- clients ---

  async #client(step: Extract<Step, { client: number }>): Promise<void> {
    const client = this.clients[step.client] ?? (await this.#connect(step.client))
    if (!client || client.end !== 'open' || (this.closing && !client.begun && !('does' in step))) return
    if ('does' in step && step.does === 'RST') {
      client.end = 'RST'
      for (const line of this.lines) line.orphaned ||= client.requests.includes(line.asked as Asked)
      return await client.wire.reset()
    }
    if ('does' in step && step.does === 'FIN') {
      client.end = 'FIN'
      return await client.wire.fin()
    }
    if (client.wire.ended !== 'open') return
    if ('does' in step) await this.#half(client)
    else await this.#ask(client, step)
  }

  async #connect(number: number): Promise<ClientEnd | null> {
    if (this.closing) return null
    while (this.clients.length <= number) {
      const name = ['client', 'second client', 'third client'][this.clients.length] ?? 'further client'
      const wire = await this.#check.connect(this.#server.port, { name })
      this.clients.push({ name, wire, requests: [], begun: false, end: 'open', rest: null, taken: 0 })
    }
    return this.clients[number] as ClientEnd
  }

  async #half(client: ClientEnd): Promise<void> {
    if (client.begun || this.closing || client.requests.some(({ how }) => how !== 'new')) return
    const [asked, bytes] = this.#request(client, 'new', 'POST')
    client.begun = true
    client.rest = bytes.subarray(30)
    client.requests.pop()
    this.#halves.set(client, asked)
    await client.wire.send(bytes.subarray(0, 30))
  }

  readonly #halves = new Map<ClientEnd, Asked>()

  async #ask(
    client: ClientEnd,
    { asks, method = 'GET', times = 1 }: Extract<Step, { asks: How }>,
  ): Promise<void> {
    if (client.rest) {
      client.requests.push(this.#halves.get(client) as Asked)
      const rest = client.rest
      client.rest = null
      client.begun = false
      return await client.wire.send(rest)
    }
    const all = Array.from({ length: times }, () => this.#request(client, asks, method)[1])
    await client.wire.send(Buffer.concat(all))
  }

  #request(client: ClientEnd, how: How, method: Asked['method']): [Asked, Buffer] {
    const target = `/${this.clients.indexOf(client)}/${client.requests.length}/${this.#check.random.word()}`
    const asked: Asked = { target, method, how, state: 'waits' }
    client.requests.push(asked)
    const fields = { new: [], close: ['Connection: close'], old: [KEEP_ALIVE] }[how]
    const startLine = `${method} ${target} HTTP/${how === 'old' ? '1.0' : '1.1'}`
    return [asked, message(startLine, ['Host: a.example', ...fields], method === 'POST' ? target : '')]
  }

  // --- the origin ---

  async #answer(given: Framing, at?: 'last'): Promise<void> {
    const line = this.#busy(at)
    if (!line?.asked) return
    // Whoever waits might rightly be sent on this connection before the FIN has come.
    const waits = this.clients.some(({ requests }) => requests.some(({ state }) => state === 'waits'))
    const how = given === 'length, FIN' && waits ? 'length' : given
    const { target } = line.asked
    const rest = line.rest
    line.over ||= !rest && !['length', 'chunks'].includes(how)
    line.asked.state = 'answered'
    line.asked.isReframed = !rest && ['chunks', 'FIN'].includes(how)
    line.asked = null
    line.rest = null
    await line.wire.send(rest ?? framed(this.#check, how, target))
    if (rest || !how.endsWith('FIN')) return
    line.gone = 'FIN'
    await line.wire.fin()
  }

  async #origin(does: Extract<Step, { origin: string }>['origin']): Promise<void> {
    if (does === 'ends idle' || does === 'resets idle') {
      const line = this.lines.find(model.isFree)
      if (line) await this.#leave(line, does === 'ends idle' ? 'FIN' : 'RST')
      return
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
    const { blame, expect } = this.#check
    await this.#arrivals()
    const [due] = model.waiting(this)
    const busy = this.lines.some(({ asked }) => asked !== null)
    const asker = this.clients.find(({ requests }) => due && requests.includes(due))
    if (due && asker && !busy) {
      const saw = 'nothing: your proxy is idle'
      await blame(model.promiseTo(this, asker), () =>
        expect(false, `${due.method} ${due.target} of the ${asker.name} at the origin`, saw),
      )
    }
    for (const client of this.clients) await this.#answers(client)
    for (const client of this.clients) {
      const end = model.clientEnd(this, client)
      await blame(end.requirement, () => expectEnd(this.#check, client.name, client.wire, end))
    }
    for (const [index, line] of this.lines.entries()) {
      const end = model.lineEnd(this, line)
      await blame(end.requirement, () =>
        expectEnd(this.#check, `origin (connection ${index + 1})`, line.wire, end),
      )
    }
    if (this.#closed && this.clients.some((client) => model.clientEnd(this, client).value === 'open'))
      await blame('R10', () => expectPending(this.#check, this.#closed as Call<void>))
  }

  /** Requests that have come to the origin, each on a connection that may carry it. */
  async #arrivals(): Promise<void> {
    const { blame, expect } = this.#check
    const free = this.lines.filter(model.isFree)
    const known = this.lines.length
    while (this.#listener.accepted > this.lines.length) {
      const wire = await this.#listener.connection()
      this.lines.push({ wire, asked: null, over: false, gone: 'open', orphaned: false, rest: null })
    }
    for (const [index, line] of this.lines.entries()) {
      while (isWhole(line.wire.unread)) {
        const { startLine, words } = await line.wire.request()
        const on = `on connection ${index + 1} to the origin`
        const asked = this.#askedBy(words[1])
        await blame('R8', () =>
          expect(
            asked?.state === 'waits',
            'each request once, and nothing behind the last one',
            `${startLine} ${on}`,
          ),
        )
        await blame('R8', () =>
          expect(
            !line.over,
            'a connection to the origin that will be used again',
            `${startLine} ${on}, which was at its end`,
          ),
        )
        if (!asked) continue
        asked.state = 'at the origin'
        line.asked = asked
        line.orphaned = this.clients.some(({ end, requests }) => end === 'RST' && requests.includes(asked))
      }
    }
    const opened = this.lines.slice(known).some(({ asked }) => asked)
    const unused = free.find(({ asked }) => asked === null)
    if (opened && unused) {
      const expected = `the next request on connection ${this.lines.indexOf(unused) + 1} to the origin, which is kept and free`
      await blame('R8', () => expect(false, expected, 'a new connection'))
    }
  }

  #askedBy(target: string): Asked | undefined {
    return this.clients
      .flatMap((client) => model.counted(this, client))
      .find((asked) => asked.target === target)
  }

  async #answers(client: ClientEnd): Promise<void> {
    const { requirement, value } = model.answersDue(this, client)
    if (client.end === 'RST') return
    const { blame, expect, expectBytes } = this.#check
    for (const { target, method, isReframed } of value.slice(client.taken)) {
      const what = `the answer to ${method} ${target}`
      await blame(isReframed ? 'R7' : requirement, async () => {
        const { body } = await client.wire.response({ as: `${what} at the ${client.name}` })
        expectBytes(body, target, `the body of ${what} at the ${client.name}`)
      })
      client.taken++
    }
    if (client.requests.some(({ state }) => state === 'cut')) return
    const { unread } = client.wire
    const isEarly = unread.length > 0 && isWhole(unread)
    await blame(requirement, () =>
      expect(
        !isEarly,
        `nothing more at the ${client.name}: no further answer has left the origin`,
        `${unread.length} bytes: ${unread.toString('latin1', 0, 30)}`,
      ),
    )
  }
}

import { unlikeRequest, unlikeResponse } from './messages.ts'
import type { PoolModel } from './model.ts'
import type { Act, Ask, Broken, Line, Outcome, Replied, Seen, SeenConnection } from './state.ts'

/** Compares what is seen with what the model says, and tells the first promise that is broken. */
export function judge(model: PoolModel, act: Act, seen: Seen): Broken | null {
  return new Judgement(model, act, seen).broken()
}

// --- internal ---

/** Whose promise it is that everything else goes on as it was. */
const UNTOUCHED: Readonly<Record<Act['act'], string>> = {
  ask: 'R4',
  reply: 'R1',
  fin: 'R10',
  reset: 'R10',
  stray: 'R8',
  abort: 'R11',
  tick: 'R6',
  refuse: 'R10',
  accept: 'R10',
  'look up': 'R10',
  find: 'R10',
  close: 'R13',
}

const AGAIN = 'its answer is not whole: it has lost the race, and is sent once more'

class Judgement {
  readonly #model: PoolModel
  readonly #act: Act
  readonly #seen: Seen

  constructor(model: PoolModel, act: Act, seen: Seen) {
    this.#model = model
    this.#act = act
    this.#seen = seen
  }

  broken(): Broken | null {
    return (
      this.#early() ?? this.#placed() ?? this.#unasked() ?? this.#called() ?? this.#ended() ?? this.#closed()
    )
  }

  #placed(): Broken | null {
    for (const line of this.#lines()) {
      if (line.isOpening) continue
      const connection = this.#find(line)
      for (const [index, { name, cause }] of line.carried.entries()) {
        const { asked, isRepeated } = this.#ask(name)
        const request = connection?.requests[index]
        if (request?.target === asked.target) {
          const unlike = unlikeRequest(asked, request, isRepeated && index === 0)
          if (unlike) return unlike
          continue
        }
        const where = index === 0 ? 'a new connection' : nameOf(line)
        const elsewhere = this.#whereIs(asked.target, line)
        return {
          requirement: elsewhere?.requirement ?? cause.requirement,
          expected: `${asked.method} of caller ${name} on ${where}: ${cause.why}`,
          saw:
            elsewhere?.saw ??
            (connection && connection.rest > 0
              ? `${connection.rest} bytes of it`
              : 'nothing of it: your pool is idle'),
        }
      }
    }
    return null
  }

  /** Where a request has come that belongs elsewhere. */
  #whereIs(target: string, wanted: Line): { readonly requirement?: string; readonly saw: string } | null {
    const origins = this.#seen.connections
    const at = origins.findIndex((all) =>
      all.some(({ requests }) => requests.some((each) => each.target === target)),
    )
    if (at >= 0 && at !== wanted.origin) return { requirement: 'R3', saw: `it at origin ${at + 1}` }
    for (const line of this.#lines().filter((each) => each !== wanted)) {
      const index = this.#find(line)?.requests.findIndex((request) => request.target === target) ?? -1
      if (index < line.carried.length) continue
      const saw = `it on ${nameOf(line)}${line.ended ? `, and ${line.ended.why}` : ''}`
      return { saw, ...(line.ended ? { requirement: line.ended.requirement } : {}) }
    }
    const isNew = origins.flat().some(({ requests }) => requests[0]?.target === target)
    return isNew ? { saw: 'it on a new one' } : null
  }

  /** What nobody has promised to send. */
  #unasked(): Broken | null {
    for (const origin of this.#model.origins) {
      const lines = new Map(origin.lines.map((line) => [this.#find(line), line]))
      let phantoms = 0
      for (const connection of this.#seen.connections[origin.number] ?? []) {
        const line = lines.get(connection)
        const further = connection.requests[line?.carried.length ?? 0]
        const where = line ? nameOf(line) : `a new connection to origin ${origin.number + 1}`
        if (further) return this.#tooMuch(further.target, `${further.method} of caller`, where)
        if (connection.rest > 0)
          return { requirement: 'R1', expected: `nothing more on ${where}`, saw: `${connection.rest} bytes` }
        if (line) continue
        phantoms++
        if (connection.ended !== 'open' && phantoms <= origin.phantoms) continue
        const requirement = connection.ended === 'open' && phantoms <= origin.phantoms ? 'R11' : 'R2'
        const saw = `one more, on which nothing is sent${connection.ended === 'open' ? '' : ', and its end'}`
        return { requirement, expected: `no further open connection to origin ${origin.number + 1}`, saw }
      }
    }
    return null
  }

  #tooMuch(target: string, what: string, where: string): Broken {
    const ask = [...this.#model.asks.values()].find(({ asked }) => asked.target === target)
    const saw = `it on ${where}`
    if (!ask)
      return { requirement: 'R1', expected: 'no request that nobody has made', saw: `one on ${where}` }
    const { wanted, asked, line } = ask
    const name = `${what} ${asked.name}`
    if (wanted.is === 'rejected')
      return {
        requirement: wanted.cause.requirement,
        expected: `${name} rejected, and not sent: ${wanted.cause.why}`,
        saw,
      }
    if (line)
      return {
        requirement: ask.isRepeated ? 'R9' : 'R1',
        expected: `${name} sent once`,
        saw: `${saw} once more`,
      }
    const { maxPerOrigin } = this.#model.options
    const busy = where.startsWith('a new')
    const why = busy ? `${maxPerOrigin} connections are there` : 'no answer on it is whole'
    return { requirement: busy ? 'R3' : 'R5', expected: `${name} waiting: ${why}`, saw }
  }

  /** Whoever is told something too early makes room for others: that is looked at first. */
  #early(): Broken | null {
    for (const [name, ask] of this.#model.asks) {
      const call = this.#seen.calls.get(name)
      if (!call || call.is === 'pending' || ask.wanted.is !== 'pending') continue
      const sent = ask.isRepeated ? AGAIN : 'its answer is not whole'
      const state = ask.line ? sent : 'it waits for a place'
      return {
        requirement: this.#whoDisturbs(ask),
        expected: `${promiseOf(ask)} pending: ${state}`,
        saw: sawOf(call),
      }
    }
    return null
  }

  #called(): Broken | null {
    for (const [name, ask] of this.#model.asks) {
      const call = this.#seen.calls.get(name)
      const { wanted } = ask
      if (!call || wanted.is === 'pending') continue
      const [promise, saw] = [promiseOf(ask), sawOf(call)]
      if (wanted.is === 'rejected') {
        const { cause, code } = wanted
        const { requirement, why } = cause
        if (call.is !== 'rejected') return { requirement, expected: `${promise} rejected: ${why}`, saw }
        if (code !== null && call.code !== code)
          return { requirement, expected: `${promise} rejected with ${code}: ${why}`, saw }
        continue
      }
      const { requirement, replied } = wanted
      if (call.is !== 'resolved')
        return {
          requirement,
          expected: `${promise} resolved: its answer is whole${afterInterim(replied)}`,
          saw,
        }
      const unlike = unlikeResponse(replied, call, `the answer to caller ${name}`, requirement)
      if (unlike) return unlike
    }
    return null
  }

  /** Who asks, or is answered, is not disturbed by another. */
  #whoDisturbs({ asked, isRepeated, line }: Ask): string {
    const act = this.#act
    if (isRepeated) return 'R9'
    // Neither an answer nor a place has a deadline.
    if (act.act === 'tick') return line ? 'R1' : 'R4'
    if (act.act === 'ask') return act.asked.some(({ name }) => name === asked.name) ? 'R4' : 'R10'
    return UNTOUCHED[act.act]
  }

  #ended(): Broken | null {
    for (const line of this.#lines()) {
      const ended = this.#find(line)?.ended
      const { state, wasReset } = line
      if (line.ended && !wasReset && ended === 'open')
        return {
          requirement: line.ended.requirement,
          expected: `${nameOf(line)} closed by your pool: ${line.ended.why}`,
          saw: 'it is open',
        }
      if (state === 'gone' || ended === 'open' || ended === undefined) continue
      const why =
        state === 'idle' ? 'both sides keep it, and its time is not over' : 'an answer is awaited on it'
      return {
        requirement: this.#whoEnds(line),
        expected: `${nameOf(line)} open: ${why}`,
        saw: `${ended} from you`,
      }
    }
    return null
  }

  #whoEnds({ state, isHinted, carried }: Line): string {
    const act = this.#act
    if (state === 'busy') return this.#whoDisturbs(this.#ask(carried.at(-1)?.name ?? ''))
    if (act.act === 'tick') return isHinted ? 'R7' : 'R6'
    if (act.act !== 'reply') return act.act === 'ask' ? 'R2' : UNTOUCHED[act.act]
    return act.name === carried.at(-1)?.name ? (isHinted ? 'R7' : 'R5') : 'R10'
  }

  #closed(): Broken | null {
    const { closed } = this.#seen
    const { isClosed, isQuiet } = this.#model
    if (!isClosed || closed === null || closed === isQuiet) return null
    return isQuiet
      ? { requirement: 'R13', expected: 'close() resolved: nothing is under way', saw: 'it is pending' }
      : { requirement: 'R13', expected: 'close() pending: a request is under way', saw: 'it has resolved' }
  }

  #lines(): Line[] {
    return this.#model.origins.flatMap(({ lines }) => lines)
  }

  #ask(name: string): Ask {
    return this.#model.asks.get(name) as Ask
  }

  /** A connection is known by the first request on it. */
  #find({ origin, carried }: Line): SeenConnection | undefined {
    const target = this.#ask(carried[0]?.name ?? '').asked.target
    return this.#seen.connections[origin]?.find(({ requests }) => requests[0]?.target === target)
  }
}

function nameOf({ origin, number }: Line): string {
  return `connection ${number} to origin ${origin + 1}`
}

function promiseOf({ asked }: Ask): string {
  return `the promise of caller ${asked.name} (${asked.method})`
}

function sawOf(call: Outcome): string {
  if (call.is === 'pending') return 'it is pending'
  if (call.is === 'resolved') return `it has resolved with status ${String(call.status)}`
  return `it has rejected${call.code === undefined ? '' : ` with ${call.code}`}`
}

/** `: 200, after 100 and 102, which are interim`. */
function afterInterim({ status, interim = [] }: Replied): string {
  if (interim.length === 0) return ''
  return `: ${status}, after ${interim.join(' and ')}, which ${interim.length > 1 ? 'are' : 'is'} interim`
}

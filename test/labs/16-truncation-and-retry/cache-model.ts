import { Shelf, type Entry } from './cache-shelf.ts'
import {
  ageAtComing,
  isKept,
  isShown,
  lifetimeBy,
  lifetimeOf,
  saidIn,
  valueOf,
  withDate,
} from './cache-rules.ts'
import type { Answer, Question, State } from './cache-state.ts'
import type { Line } from './replies.ts'

/**
 * What a right cache has done by now, as a pure function of what clients have asked, what the origin has answered, and the
 * time. It knows nothing of sockets.
 */

export interface Ask {
  readonly question: Question
  state: State
  /** Whose promise it is that it stands so; null where the promise is that of the script. */
  requirement: string | null
  /** In the words of a report. */
  why: string
}

interface Underway extends Ask {
  readonly stored: Entry | null
  readonly askedAt: number
  leads: boolean
  /** What it asks for was changed meanwhile. */
  isOutdated: boolean
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export class CacheModel {
  readonly asks: Ask[] = []
  readonly #shelf: Shelf
  readonly #underway = new Map<Ask, Underway>()
  readonly #behind = new Map<Ask, Ask>()

  constructor(maxBytes: number) {
    this.#shelf = new Shelf(maxBytes)
  }

  ask(question: Question, now: number): Ask {
    const ask: Ask = {
      question,
      state: { is: 'waits' },
      requirement: 'R14',
      why: 'another one asks for the same',
    }
    this.asks.push(ask)
    if (!isShown(question)) {
      this.#send(ask, null, now, false)
      return Object.assign(ask, { requirement: 'R8', why: 'such a request is for the origin' })
    }
    const entry = this.#shelf.find(question)
    if (entry && this.#give(ask, entry, now)) return ask
    const leader = this.#leaderOf(question)
    if (leader && !saidIn(question.lines).has('no-cache')) this.#behind.set(ask, leader)
    else this.#lead(ask, entry, now)
    return ask
  }

  /** A whole answer to a question that was under way. */
  came(ask: Ask, came: Answer, now: number): void {
    const underway = this.#underway.get(ask)
    if (!underway) return
    this.#underway.delete(ask)
    const answer = { ...came, lines: withDate(came.lines, now) }
    if (!isShown(ask.question)) this.#passed(ask, answer)
    else this.#keep(ask, underway, answer, now)
    for (const waiting of this.#waitingFor(ask)) {
      const entry = this.#shelf.find(waiting.question)
      if (entry && this.#give(waiting, entry, now)) {
        // Whether what is shared tells its age is not said.
        if (waiting.state.is === 'answered') waiting.state = { ...waiting.state, age: null }
        continue
      }
      this.#ask(waiting, entry, now, false)
      Object.assign(waiting, { requirement: 'R14', why: 'the answer that it has waited for is not for it' })
    }
  }

  /** Nothing whole has come. */
  failed(ask: Ask): void {
    if (!this.#underway.delete(ask)) return
    const failed = { state: { is: 'failed' }, requirement: 'R15', why: 'no whole answer has come' } as const
    Object.assign(ask, failed)
    this.#shelf.explain(ask.question, 'R15', 'no whole answer has come before')
    for (const waiting of this.#waitingFor(ask))
      Object.assign(waiting, { ...failed, requirement: 'R14', why: 'what it has waited for has failed' })
  }

  // --- internal ---

  #leaderOf({ host, target }: Question): Ask | undefined {
    const isSame = ({ question, leads, isOutdated }: Underway) =>
      leads && !isOutdated && question.host.toLowerCase() === host.toLowerCase() && question.target === target
    return [...this.#underway].find(([, each]) => isSame(each))?.[0]
  }

  /** Others may wait for it; it has not waited for those whom the answer to another one did not serve. */
  #lead(ask: Ask, entry: Entry | null, now: number): void {
    const isAlone = ({ question, leads, isOutdated }: Underway) =>
      !leads && !isOutdated && isShown(question) && this.#shelf.isSame(question, ask.question)
    const isLate = [...this.#underway.values()].some(isAlone)
    this.#ask(ask, entry, now, true)
    if (isLate)
      Object.assign(ask, { requirement: 'R14', why: 'nobody waits for those who ask by themselves' })
  }

  #waitingFor(ask: Ask): Ask[] {
    const waiting = [...this.#behind].filter(([, leader]) => leader === ask).map(([each]) => each)
    for (const each of waiting) this.#behind.delete(each)
    return waiting
  }

  /** Whether it is given out unasked; otherwise the reason is noted. */
  #give(ask: Ask, entry: Entry, now: number): boolean {
    const wishes = saidIn(ask.question.lines)
    const age = entry.age + now - entry.cameAt
    const oldest = wishes.get('max-age')
    const source = lifetimeBy(entry.lines)
    const told = `its age is ${age / 1000} s of ${entry.lifetime / 1000} s${source === null ? '' : `, by ${source}`}`
    const reason =
      wishes.has('no-cache') || entry.asksAlways
        ? (['R11', 'no-cache asks for a question'] as const)
        : age >= entry.lifetime
          ? (['R10', told] as const)
          : oldest !== undefined && age > Number(oldest) * 1000
            ? (['R10', `its age is ${age / 1000} s, and the client takes ${oldest} s`] as const)
            : null
    if (reason) [ask.requirement, ask.why] = reason
    if (reason) return false
    this.#shelf.use(entry)
    const answer = { status: entry.status, lines: entry.lines, content: entry.content }
    const why = `${entry.why}, and ${told}`
    Object.assign(ask, {
      state: { is: 'answered', answer, age: Math.floor(age / 1000) },
      requirement: entry.requirement,
      why,
    })
    return true
  }

  #ask(ask: Ask, entry: Entry | null, now: number, leads: boolean): void {
    if (!entry) Object.assign(ask, this.#shelf.whyNothing(ask.question))
    this.#send(ask, entry, now, leads)
  }

  #send(ask: Ask, stored: Entry | null, askedAt: number, leads: boolean): void {
    const condition = stored ? conditionOf(stored.lines) : null
    const isConditional = condition !== null || !isShown({ ...ask.question, method: 'GET' })
    ask.state = { is: 'upstream', condition, isConditional }
    this.#underway.set(ask, { ...ask, stored, askedAt, leads, isOutdated: false })
  }

  #passed(ask: Ask, answer: Answer): void {
    ask.state = { is: 'answered', answer, age: null }
    const { method } = ask.question
    if (SAFE.has(method) || answer.status >= 400) return
    this.#shelf.forget(ask.question, 'R13', `a ${method} has changed it`)
    for (const each of this.#underway.values())
      if (this.#shelf.isSame(each.question, ask.question)) each.isOutdated = true
  }

  #keep(ask: Ask, { stored, askedAt, isOutdated }: Underway, came: Answer, now: number): void {
    const isGood = stored !== null && came.status === 304
    const answer = isGood ? updated(stored, came) : came
    ask.state = { is: 'answered', answer, age: null }
    ask.requirement = stored ? 'R11' : 'R8'
    ask.why = isGood ? 'what is stored is still good' : 'the origin has answered'
    if (stored) this.#shelf.remove(stored)
    if (isOutdated) return this.#shelf.explain(ask.question, 'R13', 'it was asked for before the change')
    const whyNot = isKept(ask.question, answer)
    if (whyNot && stored?.hasReplaced)
      return this.#shelf.explain(ask.question, 'R12', 'what had taken the place of an older answer has gone')
    if (whyNot) return this.#shelf.explain(ask.question, 'R9', `an answer is not kept: ${whyNot}`)
    const lifetime = lifetimeOf(answer.lines)
    const age = ageAtComing(came.lines, askedAt, now)
    const entry = {
      ...answer,
      question: ask.question,
      lines: answer.lines.filter(([name]) => name.toLowerCase() !== 'age'),
      age,
      cameAt: now,
      lifetime: lifetime ?? 0,
      asksAlways: saidIn(answer.lines).has('no-cache'),
      requirement: isGood ? 'R11' : null,
      why: isGood ? 'a 304 has made it fresh again' : 'it is stored',
    }
    this.#shelf.add(entry)
  }
}

function conditionOf(lines: readonly Line[]): Line | null {
  const [tag, date] = [valueOf(lines, 'etag'), valueOf(lines, 'last-modified')]
  if (tag !== null) return ['If-None-Match', tag]
  return date === null ? null : ['If-Modified-Since', date]
}

/** The fields of a 304 in place of those of their names. */
function updated(stored: Entry, { lines }: Answer): Answer {
  const news = lines.filter(
    ([name]) => !/^(?:content-length|transfer-encoding|x-hop|connection|keep-alive)$/i.test(name),
  )
  const replaced = new Set(news.map(([name]) => name.toLowerCase()))
  const kept = stored.lines.filter(([name]) => !replaced.has(name.toLowerCase()))
  return { status: stored.status, content: stored.content, lines: [...kept, ...news] }
}

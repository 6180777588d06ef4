/**
 * What a right client has shown by now: from what has come of the page, what the server has answered, and how
 * connections have ended. It knows nothing of sockets.
 */

/** Whose promise it is, and why. */
export interface Reason {
  readonly requirement: string
  readonly why: string
}

/** What has become of a target. */
export type Fate = 'waiting' | 'asked' | 'whole' | { readonly failed: string }

/** What a client that has seen all this has to do now. */
export interface Plan {
  readonly asks: ReadonlyArray<Reason & { readonly target: string }>
  /** How many of them may go out on new connections. */
  readonly opens: number
}

interface Link {
  target: string | null
  /** Requests that it has carried. */
  requests: number
  state: 'busy' | 'free' | 'over'
  /** Why it is over. */
  over: Reason
}

const PAGE_COUNTS = "the page's own is one of them"

export class PageModel {
  readonly page: string
  readonly max: number
  readonly reuse: boolean
  /** Targets of images, in the order of the document. */
  readonly found: string[] = []
  readonly fates = new Map<string, Fate>()
  /** By the number under which the server has accepted them. */
  readonly links = new Map<number, Link>()
  pageState: 'loading' | 'whole' | 'failed' = 'loading'
  refuses = false
  /** What has changed since the last plan. */
  #freed: Reason | null = null
  #fresh = new Set<string>()
  /** Places that were given back by a failure, and by the end of a free connection: who kept them would be full sooner. */
  #lost = 0
  #spoilt = 0
  #pageEndedWithTags = false

  constructor(page: string, max: number, reuse: boolean) {
    this.page = page
    this.max = max
    this.reuse = reuse
    this.fates.set(page, 'waiting')
    this.#fresh.add(page)
  }

  get isDone(): boolean {
    if (this.pageState === 'failed') return true
    const pending = [...this.fates.values()].some((fate) => fate === 'waiting' || fate === 'asked')
    return this.pageState === 'whole' && !pending
  }

  get hasFailures(): boolean {
    return this.found.some((target) => typeof this.fates.get(target) === 'object')
  }

  /** Images that are asked for and have no answer, the one that was asked for first in front. */
  get underWay(): Array<{ readonly number: number; readonly target: string }> {
    return [...this.links].flatMap(([number, { target, state }]) =>
      state === 'busy' && target !== null && target !== this.page ? [{ number, target }] : [],
    )
  }

  /** Connections without a request under way, which may carry the next one. */
  get free(): number[] {
    return [...this.links].filter(([, { state }]) => state === 'free').map(([number]) => number)
  }

  get open(): number {
    return [...this.links.values()].filter(({ state }) => state !== 'over').length
  }

  // History

  /** So many images are in what has come of the page. */
  shows(targets: readonly string[]): void {
    for (const target of targets.filter((each) => !this.fates.has(each))) {
      this.found.push(target)
      this.fates.set(target, 'waiting')
      this.#fresh.add(target)
    }
  }

  /** The answer on this connection is whole. @param keeps - Whether the server has left it open, and in order. */
  answered(number: number, keeps: boolean, why = 'it does not persist'): void {
    const link = this.links.get(number) as Link
    const target = link.target as string
    this.fates.set(target, 'whole')
    if (target === this.page) {
      this.pageState = 'whole'
      this.#pageEndedWithTags = this.#fresh.size > 0
    }
    link.target = null
    link.state = this.reuse && keeps ? 'free' : 'over'
    link.over = this.reuse
      ? { requirement: 'R8', why }
      : { requirement: 'R7', why: 'its answer is whole, and you wait for no FIN' }
    const byEnd = this.reuse && !keeps
    this.#freed = { requirement: byEnd ? 'R8' : 'R4', why: `GET ${target} has its answer: its place is free` }
  }

  lost(number: number, code: string): void {
    const link = this.links.get(number) as Link
    const target = link.target as string
    this.fates.set(target, { failed: code })
    if (target === this.page) this.pageState = 'failed'
    this.#lost++
    link.state = 'over'
    link.over = { requirement: target === this.page ? 'R2' : 'R6', why: `GET ${target} has failed on it` }
    this.#freed = { requirement: 'R6', why: `GET ${target} has failed: its place is free` }
  }

  /** A free connection has ended, or has brought what nobody asked for. */
  spoilt(number: number, why: string): void {
    const link = this.links.get(number) as Link
    this.#spoilt++
    link.state = 'over'
    link.over = { requirement: 'R8', why }
    this.#freed = { requirement: 'R8', why: 'a free connection has ended: its place is free' }
  }

  /** What has to happen now; connections that are refused have failed already when this returns. */
  plan(): Plan {
    const asks: Array<Reason & { target: string }> = []
    let [free, open, opens] = [this.free.length, this.open, 0]
    if (this.pageState === 'failed') return { asks, opens }
    const late = this.reuse && this.#pageEndedWithTags && free > 0
    for (const target of [this.page, ...this.found]) {
      if (this.fates.get(target) !== 'waiting') continue
      if (free > 0) free--
      else if (open >= this.max) break
      else if (this.refuses) {
        this.#refused(target)
        continue
      } else {
        open++
        opens++
      }
      asks.push({ target, ...this.#reason(target) })
    }
    // Tags in one piece with the page's end: whether the page's connection was free when they came is up to the client.
    const more = late && opens < asks.length && open < this.max ? 1 : 0
    return { asks, opens: opens + more }
  }

  /** This request has reached the server. @returns What is wrong with that. */
  asked(target: string, number: number): Reason | null {
    const wrong = this.#wrongTarget(target) ?? this.#wrongLink(number)
    if (wrong) return wrong
    const link = this.links.get(number) ?? {
      target,
      requests: 0,
      state: 'busy',
      over: { requirement: '', why: '' },
    }
    this.links.set(number, Object.assign(link, { target, state: 'busy', requests: link.requests + 1 }))
    this.fates.set(target, 'asked')
    return null
  }

  /** Everything of this step has been looked at. */
  seen(): void {
    this.#freed = null
    this.#fresh.clear()
    this.#pageEndedWithTags = false
  }

  // --- internal ---

  #refused(target: string): void {
    this.fates.set(target, { failed: 'ECONNREFUSED' })
    if (target === this.page) this.pageState = 'failed'
    // Whoever waits behind it has this to thank.
    this.#freed ??= { requirement: 'R6', why: `GET ${target} was refused: its place is free` }
  }

  #reason(target: string): Reason {
    if (target === this.page) return { requirement: 'R2', why: 'it is the page' }
    if (this.#fresh.has(target) && this.open < this.max) return this.#free()
    return this.#freed ?? { requirement: 'R4', why: 'a place is free' }
  }

  #free(): Reason {
    const why = 'its tag has come, and a place is free: what is whole needs none, whatever its server does'
    if (this.refuses && this.free.length > 0) return { requirement: 'R8', why: 'a kept connection is free' }
    const isFull = this.open + this.#lost + this.#spoilt >= this.max
    const requirement = isFull && this.#spoilt > 0 ? 'R8' : isFull && this.#lost > 0 ? 'R6' : 'R3'
    return { requirement, why }
  }

  #wrongTarget(target: string): Reason | null {
    if (this.pageState === 'failed') return { requirement: 'R2', why: 'the page has failed' }
    const fate = this.fates.get(target)
    if (fate === undefined)
      return { requirement: 'R3', why: 'nothing that has come of the page shows such an image' }
    if (typeof fate === 'object')
      return { requirement: 'R6', why: 'it has failed: nothing is asked for again' }
    if (fate !== 'waiting') return { requirement: 'R3', why: 'it has been asked for: each target once' }
    const limit = `${this.max} ${this.max === 1 ? 'connection' : 'connections'} at most, and ${PAGE_COUNTS}`
    const isDue = this.plan().asks.some((ask) => ask.target === target)
    const isFull = this.free.length === 0 && this.open >= this.max
    if (isDue) return null
    return { requirement: 'R4', why: isFull ? limit : 'they are asked for in the order of the document' }
  }

  #wrongLink(number: number): Reason | null {
    const link = this.links.get(number)
    if (!link) return null
    if (link.state === 'over') return { requirement: link.over.requirement, why: link.over.why }
    const why = 'one request at a time: another one is under way there'
    return link.state === 'busy' ? { requirement: this.reuse ? 'R8' : 'R7', why } : null
  }
}

/** What one body's events have to say: bytes that have come, of how many. */
export interface Body {
  readonly come: number
  /** Null while its head has not come. */
  readonly length: number | null
  readonly failed: boolean
}

export interface Event {
  readonly target: string
  readonly bytes: number
  readonly state: string
}

/** @returns What is wrong with this event behind those of before, or null. */
export function wrongEvent(event: Event, before: readonly Event[], body: Body | undefined): string | null {
  const { target, bytes, state } = event
  if (!body) return `an event of ${target}, of which nothing has come`
  const last = before.findLast((each) => each.target === target)
  if (last && last.state !== 'some') return `behind ${last.state}, which is the last one`
  const told = last?.bytes ?? 0
  const due = stateOf({ ...body, come: bytes, failed: state === 'failed' })
  if (state !== due || (state === 'failed' && !body.failed))
    return body.length === null
      ? `${state} with ${bytes} bytes, and no head of an HTTP answer has come`
      : `${state} with ${bytes} of ${body.length} bytes`
  if (bytes > body.come) return `${bytes} bytes, and ${body.come} have come`
  if (bytes < told || (bytes === told && state === 'some')) return `${bytes} bytes behind ${told}`
  if (state === 'failed' && bytes !== body.come)
    return `failed with ${bytes} bytes, and ${body.come} had come`
  return null
}

/** The event that has to be the last one of this body by now; null where none is due. */
export function lastEvent(body: Body): { readonly bytes: number; readonly state: string } | null {
  const state = stateOf(body)
  return state === 'some' && body.come === 0 ? null : { bytes: body.come, state }
}

function stateOf({ come, length, failed }: Body): 'some' | 'whole' | 'failed' {
  if (failed) return 'failed'
  return come === length ? 'whole' : 'some'
}

/** What `quickest` says: the smallest number of connections whose time is at most a tenth above the shortest. */
export function quickestOf(o: {
  readonly objects: number
  readonly bytes: number
  readonly rttMs: number
  readonly bytesPerMs: number
  readonly maxConnections: number
}): { connections: number; ms: number } {
  const times: number[] = []
  for (let connections = 1; connections <= o.maxConnections; connections++) {
    let ms = 0
    for (let left = o.objects; left > 0; left -= connections) {
      const together = Math.min(left, connections)
      ms += 2 * o.rttMs + (together * o.bytes) / o.bytesPerMs
    }
    times.push(ms)
  }
  const shortest = Math.min(...times)
  const index = times.findIndex((ms) => ms * 10 <= shortest * 11)
  return { connections: index + 1, ms: times[index] as number }
}

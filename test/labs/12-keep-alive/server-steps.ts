import type { Wish } from './server-asks.ts'
import type { Limits } from './server-state.ts'

/** What happens in a conversation with a server, a step after the other, as plain data. */
export type Step =
  /** The server starts; what is left out is drawn, or many. */
  | { readonly serve: Partial<Limits> }
  | { readonly connect: 'reading' | 'paused' }
  /** One write of this client's: requests, or parts of some. */
  | { readonly send: readonly Part[]; readonly client: number }
  | { readonly client: number; readonly does: 'fin' | 'reset' | 'read' }
  /** The handler that waits with this request returns, or rejects. */
  | { readonly handler: 'returns' | 'rejects'; readonly wish: Wish }
  /** So many spans of idleMs, and so many milliseconds more. */
  | { readonly spans: number; readonly milliseconds: number }
  | { readonly close: true }

/** The next bytes of a request, up to a place in it. The same object is the same request. */
export interface Part {
  readonly wish: Wish
  readonly upTo: Place
}

/** So many bytes from its beginning, or from its end where it is negative; or from the end of its head. */
export type Place = 'end' | 'half' | number | { readonly head: number }

/** Writes a conversation down. */
export class Talk {
  readonly steps: Step[] = []
  #clients = 0

  constructor(limits: Partial<Limits>) {
    this.steps.push({ serve: limits })
  }

  /** @returns Its number. */
  connect(how: 'reading' | 'paused' = 'reading'): number {
    this.steps.push({ connect: how })
    return this.#clients++
  }

  /** A request of its own, each time. */
  ask(wish: Wish = {}): Wish {
    return { ...wish }
  }

  /** Whole requests, and parts of some, in one write. */
  send(client: number, ...what: ReadonlyArray<Wish | Part>): void {
    const parts = what.map((each): Part => ('upTo' in each ? each : { wish: each, upTo: 'end' }))
    this.steps.push({ send: parts, client })
  }

  /** A new client sends these in one write. */
  sent(...what: ReadonlyArray<Wish | Part>): number {
    const client = this.connect()
    this.send(client, ...what)
    return client
  }

  /** In writes of their own, cut at these places. */
  sendCut(client: number, wish: Wish, places: readonly Place[]): void {
    for (const upTo of [...places, 'end' as const]) this.send(client, { wish, upTo })
  }

  returns(...wishes: readonly Wish[]): void {
    for (const wish of wishes) this.steps.push({ handler: 'returns', wish })
  }

  rejects(wish: Wish): void {
    this.steps.push({ handler: 'rejects', wish })
  }

  /** So many spans of idleMs, and so many milliseconds more. */
  pass(spans: number, milliseconds = 0): void {
    this.steps.push({ spans, milliseconds })
  }

  /** To a millisecond before the idle time is over, and to its end. */
  idle(): void {
    this.pass(1, -1)
    this.pass(0, 1)
  }

  client(does: 'fin' | 'reset' | 'read', client: number): void {
    this.steps.push({ client, does })
  }

  close(): void {
    this.steps.push({ close: true })
  }
}

export type Write = (t: Talk) => void

/** A row of a table: what is tried, the steps, and the limits of the server. */
export type Row = readonly [title: string, write: Write, limits?: Partial<Limits>]

/** By their titles. */
export function scriptsOf(rows: readonly Row[]): Record<string, readonly Step[]> {
  const scripts: Record<string, readonly Step[]> = {}
  for (const [title, write, limits = {}] of rows) {
    const talk = new Talk(limits)
    write(talk)
    if (title in scripts) throw new Error(`two conversations are called "${title}"`)
    scripts[title] = talk.steps
  }
  return scripts
}

export const firstHalf = (wish: Wish): Part => ({ wish, upTo: 'half' })
export const theRest = (wish: Wish): Part => ({ wish, upTo: 'end' })

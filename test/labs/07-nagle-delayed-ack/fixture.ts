/** Plays long histories on objects of the program, in its process, and looks at what they have done. */

type SenderEvent = { readonly write: number } | { readonly acked: number } | { readonly noDelay: boolean }

interface Sender {
  write(bytes: Uint8Array): void
  acked(bytes: number): void
  setNoDelay(on: boolean): void
}

type SenderClass = new (o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) => Sender

interface SenderPlan {
  readonly mss: number
  readonly noDelay?: boolean
  readonly eager?: boolean
  readonly events: readonly SenderEvent[]
}

/** A `send` for an object that is made for its class alone. */
export function ignore(): () => void {
  return () => undefined
}

/** New senders, each fed its events; the sizes of all segments behind the last event, as text. */
export function sendAll(like: object, plans: readonly SenderPlan[]): string[] {
  return plans.map((plan) => new SenderTrial(classOf<SenderClass>(like), plan).playAll())
}

/** Two senders, fed in turns; what each has sent behind each event. */
export function sendInTurns(like: object, plans: readonly SenderPlan[]): string[][] {
  const trials = plans.map((plan) => new SenderTrial(classOf<SenderClass>(like), plan))
  const longest = Math.max(0, ...plans.map(({ events }) => events.length))
  const seen: string[][] = plans.map(() => [])
  for (let at = 0; at < longest; at++)
    for (const [index, trial] of trials.entries()) seen[index]?.push(trial.play(at))
  return seen
}

class SenderTrial {
  readonly #sender: Sender
  readonly #events: readonly SenderEvent[]
  readonly #sizes: number[] = []
  #written = 0
  #sent = 0
  #fault = ''
  #left = 0

  constructor(make: SenderClass, { events, eager, ...options }: SenderPlan) {
    const send = (segment: Uint8Array): void => {
      this.#take(segment)
      if (eager) this.#sender.acked(segment.length)
    }
    this.#sender = new make({ ...options, send })
    this.#events = events
  }

  playAll(): string {
    for (const at of this.#events.keys()) this.play(at)
    return this.#told()
  }

  play(at: number): string {
    const event = this.#events[at]
    this.#left = MOST_SEGMENTS
    if (event) this.#tell(event)
    return this.#told()
  }

  #tell(event: SenderEvent): void {
    if ('acked' in event) return this.#sender.acked(event.acked)
    if ('noDelay' in event) return this.#sender.setNoDelay(event.noDelay)
    const bytes = Uint8Array.from({ length: event.write }, (_, at) => mark(this.#written + at))
    this.#written += event.write
    this.#sender.write(bytes)
    // The array is the caller's again.
    bytes.fill(255)
  }

  #take(segment: Uint8Array): void {
    if (--this.#left < 0) throw new Error('send() is called without end')
    this.#sizes.push(segment.length)
    const isRight = segment.every((byte, at) => byte === mark(this.#sent + at))
    if (!isRight && this.#fault === '')
      this.#fault = `; not the bytes that were written, from byte ${this.#sent} on`
    this.#sent += segment.length
  }

  #told(): string {
    return this.#sizes.join(' ') + this.#fault
  }
}

/** More than any event of a check sets free. */
const MOST_SEGMENTS = 10_000

/** The byte that stands at this place of the stream. 255 stands nowhere. */
const mark = (at: number): number => at % 251

type ReceiverEvent = { readonly received: number } | 'replying'

interface Receiver {
  received(bytes: number): void
  replying(): unknown
}

type ReceiverClass = new (o: { delayMs: number; mss: number; acknowledge(bytes: unknown): void }) => Receiver

interface ReceiverTrial {
  readonly receiver: Receiver
  readonly said: string[]
}

let trials: ReceiverTrial[] = []

/** So many new receivers. Where it is `nosy`, somebody replies while `acknowledge` runs. */
export function receivers(
  like: object,
  options: { readonly delayMs: number; readonly mss: number },
  count: number,
  nosy = false,
): void {
  const make = classOf<ReceiverClass>(like)
  trials = Array.from({ length: count }, () => {
    const said: string[] = []
    const acknowledge = (bytes: unknown): void => {
      said.push(`ack ${String(bytes)}`)
      if (nosy) said.push(`reply ${String(trial.receiver.replying())}`)
    }
    const trial: ReceiverTrial = { receiver: new make({ ...options, acknowledge }), said }
    return trial
  })
}

/** Something happens to each of them; what each has said until now. */
export function happen(events: ReadonlyArray<readonly ReceiverEvent[]>): string[] {
  for (const [index, { receiver, said }] of trials.entries())
    for (const event of events[index] ?? []) {
      if (event === 'replying') said.push(`reply ${String(receiver.replying())}`)
      else receiver.received(event.received)
    }
  return said()
}

export function said(): string[] {
  return trials.map((trial) => trial.said.join(', '))
}

function classOf<T>(like: object): T {
  return like.constructor as T
}

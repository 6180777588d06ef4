/** Plays long histories on objects of the program, in its process, and looks at what they have done. */

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
  /** `w3 a1 n1`: write three bytes, one is acknowledged, set TCP_NODELAY. */
  readonly events: string
}

/** A `send` for an object that is made for its class alone. */
export function ignore(): () => void {
  return () => undefined
}

/** New senders, each fed its events; the sizes of all segments after the last event, as text. */
export function sendAll(like: object, plans: readonly SenderPlan[]): string[] {
  return plans.map((plan) => new SenderTrial(classOf(like) as SenderClass, plan).playAll())
}

/** Two senders, fed in turns; what each has sent after each event. */
export function sendInTurns(like: object, plans: readonly SenderPlan[]): string[][] {
  const trials = plans.map((plan) => new SenderTrial(classOf(like) as SenderClass, plan))
  const longest = Math.max(...trials.map(({ events }) => events.length))
  const seen: string[][] = plans.map(() => [])
  for (let at = 0; at < longest; at++)
    for (const [index, trial] of trials.entries()) seen[index]?.push(trial.play(at))
  return seen
}

class SenderTrial {
  readonly #sender: Sender
  readonly events: readonly string[]
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
    this.events = events.split(' ').filter(Boolean)
  }

  playAll(): string {
    for (const at of this.events.keys()) this.play(at)
    return this.#told()
  }

  play(at: number): string {
    const event = this.events[at]
    this.#left = MOST_SEGMENTS
    if (event) this.#tell(event)
    return this.#told()
  }

  #tell(event: string): void {
    const number = Number(event.slice(1))
    if (event.startsWith('a')) return this.#sender.acked(number)
    if (event.startsWith('n')) return this.#sender.setNoDelay(number === 1)
    // A view into a larger array, as Node's own buffers are: and one time in two it is a Buffer, whose `slice` copies
    // nothing.
    const whole =
      this.#written % 2 === 0 ? Buffer.alloc(number + 2 * MARGIN) : new Uint8Array(number + 2 * MARGIN)
    const bytes = whole.subarray(MARGIN, MARGIN + number)
    for (const at of bytes.keys()) bytes[at] = mark(this.#written + at)
    this.#written += number
    this.#sender.write(bytes)
    // The array is the caller's again.
    bytes.fill(REFILLED)
  }

  #take(segment: Uint8Array): void {
    if (--this.#left < 0) throw new Error('send() is called without end')
    this.#sizes.push(segment.length)
    const wrong = segment.findIndex((byte, at) => byte !== mark(this.#sent + at))
    if (wrong >= 0 && this.#fault === '') this.#fault = this.#faultAt(this.#sent + wrong, segment[wrong] ?? 0)
    this.#sent += segment.length
  }

  #faultAt(place: number, byte: number): string {
    const written = Array.from({ length: this.#written }, (_, at) => at).filter((at) => mark(at) === byte)
    const [nearest] = written.toSorted((a, b) => Math.abs(a - place) - Math.abs(b - place))
    const what =
      byte === REFILLED
        ? 'what the caller has put into its array since'
        : nearest === undefined
          ? 'a byte that nobody wrote'
          : `byte ${nearest}`
    return `; not the bytes that were written: where byte ${place} belongs comes ${what}`
  }

  #told(): string {
    return this.#sizes.join(' ') + this.#fault
  }
}

/** Bytes in front of a view, and behind it. */
const MARGIN = 3
/** More than any event of a check sets free. */
const MOST_SEGMENTS = 10_000

/** What the caller puts into its array afterwards: it stands nowhere in the stream. */
const REFILLED = 255

/** The byte that stands at this place of the stream. */
const mark = (at: number): number => at % 251

type ReceiverEvent = { readonly received: number } | 'replying'

interface Receiver {
  received(bytes: number): void
  replying(): unknown
}

type ReceiverClass = new (o: { delayMs: number; mss: number; acknowledge(bytes: unknown): void }) => Receiver

interface ReceiverTrial {
  readonly receiver: Receiver
  readonly heard: string[]
}

let trials: ReceiverTrial[] = []

/** What the other end does with an ACK while `acknowledge` runs: its program replies, or a byte comes that waited. */
export type Meanwhile = 'nothing' | 'replies' | 'sends'

/** So many new receivers. */
export function receivers(
  like: object,
  options: { readonly delayMs: number; readonly mss: number },
  count: number,
  meanwhile: Meanwhile = 'nothing',
): void {
  const make = classOf(like) as ReceiverClass
  trials = Array.from({ length: count }, () => {
    const heard: string[] = []
    const acknowledge = (bytes: unknown): void => {
      heard.push(`ack ${String(bytes)}`)
      if (meanwhile === 'replies') heard.push(`reply ${String(trial.receiver.replying())}`)
      if (meanwhile === 'sends') trial.receiver.received(1)
    }
    const trial: ReceiverTrial = { receiver: new make({ ...options, acknowledge }), heard }
    return trial
  })
}

/** Something happens to each of them; what each has said until now. */
export function happen(events: ReadonlyArray<readonly ReceiverEvent[]>): string[] {
  for (const [index, { receiver, heard }] of trials.entries())
    for (const event of events[index] ?? []) {
      if (event === 'replying') heard.push(`reply ${String(receiver.replying())}`)
      else receiver.received(event.received)
    }
  return said()
}

export function said(): string[] {
  return trials.map(({ heard }) => heard.join(', '))
}

/** An instance leads to the class that the program exports. */
function classOf(like: object): unknown {
  return like.constructor
}

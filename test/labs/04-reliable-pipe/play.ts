import type { Check, DatagramPeer } from '../../../workbook/grading/check.ts'
import { listener, opener, type LearnerEnd } from './ends.ts'
import { compareProgram, expectRead } from './compare-program.ts'
import { compareWire, wire, type Wire } from './compare.ts'
import { End, type Coming, type Due, type Flag, type Role } from './model.ts'
import { describe, encode } from './segment.ts'

/** What happens to one end of a pipe: its peer is the grader, and so is the time. */
export type Step =
  | { readonly comes: Comes }
  | { readonly write: number }
  | { readonly end: true }
  /** Once, or from now on for ever. */
  | { readonly read: 'once' | 'always' }
  /** Up to a millisecond before the next timer, that millisecond, or so many. */
  | { readonly tick: 'almost' | 'due' | number }

export interface Comes {
  /** ACK alone if not given. */
  readonly flags?: readonly Flag[]
  /** Its first number, counted from the one that is expected. */
  readonly at?: number
  readonly bytes?: number
  /** The acknowledged number, counted back from the next that will be sent; all if not given. */
  readonly behind?: number
  readonly window?: number
  readonly damaged?: 'payload' | 'header' | 'sum' | 'cut' | 'longer' | 'bare' | 'ports'
}

/** How a conversation begins, as its first step. */
export interface Begins {
  readonly as: Role
  readonly mss?: number
  /** The learner's window, and the peer's. */
  readonly room?: number
  readonly window?: number
  readonly attempts?: number
  /** The learner's first wait, in milliseconds. */
  readonly rto?: number
  /** The program reads nothing before it is told to. */
  readonly held?: true
  /** Nothing is open yet. */
  readonly raw?: true
  /** So many numbers before they wrap, for the learner's and the peer's. */
  readonly wraps?: readonly [own: number, peers: number]
}

export type Steps = ReadonlyArray<Begins | Step>

export async function play(c: Check, [first, ...rest]: Steps): Promise<void> {
  const begins = first && 'as' in first ? first : ({ as: 'opener' } as const)
  const steps = (first && !('as' in first) ? [first, ...rest] : rest) as readonly Step[]
  const scene = await Scene.begin(c, begins)
  if (!begins.raw) for (const step of scene.handshake()) await scene.play(step)
  for (const step of steps) await scene.play(step)
  await scene.finish()
}

/** Streams of this many bytes in each direction do for every conversation. */
const STREAM = 3_000

class Scene {
  readonly #c: Check
  readonly #peer: DatagramPeer
  readonly #end: End
  readonly #window: number
  readonly #wire: Wire
  readonly #learner: LearnerEnd
  /** What the peer sends, and the program. */
  readonly #theirs: Buffer
  #reads: 'always' | 'once' | 'no'
  /** Behind the last byte that the peer has sent. */
  #furthest = 1
  /** The fixture's number of the newest pipe. */
  #id: number | null = null

  private constructor(
    c: Check,
    peer: DatagramPeer,
    end: End,
    begins: Begins,
    wires: Wire,
    learner: LearnerEnd,
  ) {
    this.#c = c
    this.#peer = peer
    this.#end = end
    this.#window = begins.window ?? 4_000
    this.#wire = wires
    this.#learner = learner
    this.#theirs = c.random.bytes(STREAM)
    this.#reads = begins.held ? 'no' : 'always'
  }

  static async begin(c: Check, begins: Begins): Promise<Scene> {
    c.learner.holdClock()
    const peer = await c.datagrams({ describe })
    const options = {
      mss: begins.mss ?? c.random.integer(60, 300),
      windowBytes: begins.room ?? c.random.integer(3_000, 5_000),
      rtoMs: begins.rto ?? c.random.integer(20, 200),
      maxAttempts: begins.attempts ?? c.random.integer(3, 5),
    }
    const firsts = begins.wraps?.map((before) => 2 ** 32 - before) ?? [anyNumber(c), anyNumber(c)]
    const [own = 0, theirs = 0] = firsts
    const making = { options, isn: [own], greedy: !begins.held }
    const learner = await (begins.as === 'opener' ? opener(c, peer, making) : listener(c, making))
    const end = new End(begins.as, options)
    const wires = wire(peer, learner.port, { own, theirs }, c.random.bytes(STREAM))
    const scene = new Scene(c, peer, end, begins, wires, learner)
    await scene.#compare(begins.as === 'opener' ? end.begin() : nothing(end))
    return scene
  }

  handshake(): Step[] {
    if (this.#end.role === 'opener') return [{ comes: { flags: ['SYN', 'ACK'], window: this.#window } }]
    return [{ comes: { flags: ['SYN'] } }, { comes: { window: this.#window } }]
  }

  async play(step: Step): Promise<void> {
    if ('comes' in step) await this.#comes(step.comes)
    else if ('tick' in step) await this.#tick(step.tick)
    else await this.#program(step)
  }

  /** RST ends what is left, and leaves nothing. */
  async finish(): Promise<void> {
    if (this.#wire.port !== null && this.#end.state !== 'CLOSED') {
      if (this.#end.state === 'SYN-SENT') await this.#comes({ flags: ['RST', 'ACK'] })
      else if (this.#end.state !== 'OVER') await this.#comes({ flags: ['RST'] })
    }
    await this.#learner.finish()
    await this.#c.blame('R13', () => this.#c.learner.leavesNothing())
  }

  // --- internal ---

  async #comes({ flags = ['ACK'], at = 0, bytes = 0, behind = 0, window, damaged }: Comes): Promise<void> {
    const number = this.#end.expected + at
    const offset = number - 1
    const { own, theirs } = this.#wire.firsts
    const end = offset + bytes + 1
    if (this.#contradicts(end, flags, bytes)) return
    if (this.#wire.port === null || (bytes > 0 && (offset < 0 || offset + bytes > STREAM))) return
    const ack = this.#end.next - behind
    if (!damaged) this.#furthest = Math.max(this.#furthest, end)
    const coming: Coming = { number, flags, length: bytes, ack, window: window ?? this.#window }
    const segment = {
      sourcePort: this.#peer.port,
      destinationPort: this.#wire.port,
      sequence: (theirs + number) >>> 0,
      acknowledgement: flags.includes('ACK') ? (own + ack) >>> 0 : 0,
      flags,
      window: coming.window,
      payload: bytes > 0 ? this.#theirs.subarray(offset, offset + bytes) : Buffer.alloc(0),
    }
    const sound = encode(damaged === 'ports' ? { ...segment, sourcePort: segment.sourcePort ^ 1 } : segment)
    await this.#peer.send(damage(sound, damaged), this.#wire.port)
    if (damaged) return await this.#compare({ ...nothing(this.#end), requirement: 'R2', alone: true })
    const due = this.#end.comes(coming)
    const unasked = due.answer === 'reset' ? resetFor(segment, bytes) : undefined
    await this.#compare(due, unasked)
  }

  /** FIN is the last thing that its sender numbers; where there is no pipe, nothing came before it. */
  #contradicts(end: number, flags: readonly Flag[], bytes: number): boolean {
    const { fin, state } = this.#end
    if (state === 'CLOSED' || state === 'OVER') return false
    if (!flags.includes('FIN')) return bytes > 0 && end > fin
    return (fin !== Infinity && end !== fin) || end < this.#furthest
  }

  async #tick(how: 'almost' | 'due' | number): Promise<void> {
    const { dueAt, lingersTo, now, options } = this.#end
    const left = (dueAt ?? lingersTo ?? now + options.rtoMs * 20) - now
    const by = how === 'almost' ? left - 1 : how === 'due' ? left : how
    if (by <= 0) return
    await this.#c.learner.tick(by)
    await this.#compare(this.#end.later(by))
  }

  async #program(step: Exclude<Step, { comes: Comes } | { tick: unknown }>): Promise<void> {
    const id = this.#id
    if (id === null || (this.#end.state !== 'ESTABLISHED' && !('read' in step))) return
    if ('write' in step) {
      if (this.#end.ended || this.#end.written + step.write > STREAM) return
      const from = this.#end.written
      this.#c.step(`you write ${step.write} bytes`)
      await this.#c.learner.make('write', id, this.#wire.ours.subarray(from, from + step.write))
      return await this.#compare(this.#end.write(step.write))
    }
    if ('end' in step) {
      this.#c.step('you end your direction')
      await this.#c.learner.make('end', id)
      return await this.#compare({ ...this.#end.finish(), requirement: 'R11' })
    }
    if (this.#reads === 'always') return
    this.#reads = step.read
    this.#c.step(step.read === 'once' ? 'you read once' : 'you read on and on')
    await this.#c.learner.make(step.read === 'once' ? 'readOnce' : 'readAlways', id)
    await this.#compare({ ...nothing(this.#end), ...mayTell(this.#end) })
  }

  async #compare(due: Due, reset?: object): Promise<void> {
    await this.#c.learner.idle()
    const { opened, id, seen } = await this.#learner.glance()
    this.#id = id
    const { unread, read, arrived } = this.#end
    const isReading = this.#reads !== 'no'
    if (seen) this.#end.hasRead(seen.bytes.length)
    const least = this.#reads === 'always' ? arrived : isReading && unread > 0 ? read + 1 : read
    if (this.#reads === 'once' && this.#end.read > read) this.#reads = 'no'
    const c = due.alone ? blaming(this.#c, due.requirement) : this.#c
    if (seen) await expectRead(c, this.#end, this.#theirs, seen)
    await compareWire(c, this.#end, due, this.#wire, unread, reset)
    const state = { opened, failed: this.#learner.failed, seen }
    await compareProgram(c, this.#end, state, { least, isReading: this.#reads !== 'no' })
  }
}

// --- internal ---

/** Whatever fails breaks this promise. */
function blaming(c: Check, requirement: string): Check {
  return { ...c, blame: (_, body) => c.blame(requirement, body) }
}

function anyNumber(c: Check): number {
  return c.random.integer(0, 65_535) * 65_536 + c.random.integer(0, 65_535)
}

function nothing(end: End): Due {
  return { from: end.next, to: end.next, again: [], answer: 'none', requirement: 'R5' }
}

/** Reading tells a window, as long as there is somebody to tell. */
function mayTell({ ending, state }: End): Pick<Due, 'answer' | 'requirement'> {
  if (state !== 'OVER' || ending === 'clean') return { answer: 'may', requirement: 'R10' }
  return { answer: 'none', requirement: ending === 'timed-out' ? 'R8' : 'R12' }
}

function damage(bytes: Buffer, how: Comes['damaged']): Buffer {
  const damaged = Buffer.from(bytes)
  const flip = (at: number): Buffer => {
    damaged[at] = (damaged[at] ?? 0) ^ 0x20
    return damaged
  }
  if (how === 'payload') return flip(bytes.length - 1)
  if (how === 'header') return flip(6)
  if (how === 'sum') return flip(17)
  if (how === 'cut') return bytes.subarray(0, bytes.length - 2)
  if (how === 'longer') return Buffer.concat([bytes, Buffer.alloc(2)])
  if (how === 'bare') return bytes.subarray(0, 12)
  return bytes
}

function resetFor(
  segment: { readonly sequence: number; readonly acknowledgement: number; readonly flags: readonly Flag[] },
  bytes: number,
): object {
  if (segment.flags.includes('ACK')) return { flags: ['RST'], sequence: segment.acknowledgement }
  const takes = bytes + segment.flags.filter((flag) => flag === 'SYN' || flag === 'FIN').length
  return { flags: ['ACK', 'RST'], sequence: 0, acknowledgement: (segment.sequence + takes) >>> 0 }
}

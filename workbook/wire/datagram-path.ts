import type { EndOptions } from './tcp-end.ts'
import { DatagramEnd, type Datagram } from './datagram-end.ts'
import { Fates, type Badness, type Dice, type Fate } from './datagram-fates.ts'
import { Transcript } from './transcript.ts'

/**
 * A bad path between two UDP sockets of the learner's. It carries datagrams whenever the program is idle, in no time:
 * what is late is late by order, and virtual time passes only where everybody waits.
 */
export interface DatagramPathOptions {
  readonly lane: string
  readonly transcript: Transcript
  readonly onActivity: EndOptions['onActivity']
  /** The port at its far side. At the near one stands whoever sends first. */
  readonly to: number
  readonly badness: Badness
  readonly dice: Dice
  /** As a box that stands for both sides has to: gives a datagram the ports with which it goes on. */
  readonly readdress?: (bytes: Buffer, source: number, destination: number) => Uint8Array
  /** What the ladder shows of it. */
  readonly describe?: (bytes: Buffer) => string
  /** The same for whatever has to arrive instead of one that was lost: it fails twice in a row at most. */
  readonly kin?: (bytes: Buffer) => string
}

/** One direction. */
interface Way {
  readonly from: DatagramEnd
  readonly onTo: DatagramEnd
  readonly fates: Fates
  readonly queue: Buffer[]
  /** Overtaken by the next one, or by nobody. */
  held: Buffer[]
}

/** Fewer than the smallest buffer of a system holds, whatever their size: the kernel never drops one by itself. */
const MOST_AT_ONCE = 16

export class DatagramPath {
  readonly counts: Record<Fate, number> = { carried: 0, lost: 0, doubled: 0, swapped: 0, damaged: 0 }
  readonly near: DatagramEnd
  readonly far: DatagramEnd
  readonly #options: DatagramPathOptions
  readonly #ways: readonly [there: Way, back: Way]
  #client: number | null = null

  private constructor(near: DatagramEnd, far: DatagramEnd, options: DatagramPathOptions) {
    this.near = near
    this.far = far
    this.#options = options
    const way = (from: DatagramEnd, onTo: DatagramEnd): Way => {
      return { from, onTo, fates: new Fates(options.badness, options.dice), queue: [], held: [] }
    }
    this.#ways = [way(near, far), way(far, near)]
  }

  static async open(options: DatagramPathOptions): Promise<DatagramPath> {
    // It draws for itself: its ends have nothing to say.
    const unseen = new Transcript()
    unseen.seal()
    const end = (): Promise<DatagramEnd> => DatagramEnd.open(options.lane, unseen, options.onActivity)
    return new DatagramPath(await end(), await end(), options)
  }

  /** Called when the program is proven idle. @returns Whether anything happened. */
  async step(): Promise<boolean> {
    const moved = [this.#take(this.#ways[0]), this.#take(this.#ways[1])]
    for (const way of this.#ways) if (await this.#deliver(way)) moved.push(true)
    return moved.includes(true)
  }

  // --- internal ---

  /** Everybody has sent what they wanted to: what was held for the next one waits no longer. */
  #take(way: Way): boolean {
    const come = way.from.unread.splice(0)
    if (come.length === 0) way.queue.push(...way.held.splice(0))
    for (const datagram of come) this.#meet(way, datagram)
    return come.length > 0
  }

  #meet(way: Way, { bytes, port }: Datagram): void {
    const { transcript, lane, describe, kin } = this.#options
    if (way.from === this.near) this.#client ??= port
    const text = describe?.(bytes)
    const fate = way.fates.next(kin?.(bytes) ?? null)
    transcript.add({ kind: 'data', from: 'you', lane, connection: port, ...shown(bytes, text) })
    if (fate !== 'carried') transcript.add({ kind: 'note', from: 'peer', text: `✗ ${fate}` })
    this.counts[fate]++
    if (fate === 'swapped') return void way.held.push(bytes)
    if (fate !== 'lost') way.queue.push(fate === 'damaged' ? this.#damage(bytes) : bytes)
    if (fate === 'doubled') way.queue.push(bytes)
    way.queue.push(...way.held.splice(0))
  }

  async #deliver(way: Way): Promise<boolean> {
    const { transcript, lane, describe, readdress } = this.#options
    const port = way.onTo === this.far ? this.#options.to : this.#client
    if (port === null) return false
    const now = way.queue.splice(0, MOST_AT_ONCE)
    for (const bytes of now) {
      transcript.add({
        kind: 'data',
        from: 'peer',
        lane,
        connection: port,
        ...shown(bytes, describe?.(bytes)),
      })
      await way.onTo.send(readdress?.(bytes, way.onTo.port, port) ?? bytes, port)
    }
    return now.length > 0
  }

  /** A bit is another one; or the end is missing, or something stands behind it. */
  #damage(bytes: Buffer): Buffer {
    const { dice } = this.#options
    const how = dice.integer(0, 7)
    if (how === 0) return bytes.subarray(0, dice.integer(0, bytes.length - 1))
    if (how === 1) return Buffer.concat([bytes, Buffer.alloc(dice.integer(1, 3), 1)])
    const damaged = Buffer.from(bytes)
    const at = dice.integer(0, bytes.length - 1)
    damaged.writeUInt8((damaged[at] ?? 0) ^ (1 << dice.integer(0, 7)), at)
    return damaged
  }
}

// --- internal ---

function shown(bytes: Buffer, text?: string): { readonly bytes: Uint8Array; readonly length: number } {
  return { bytes: text === undefined ? bytes.subarray(0, 64) : Buffer.from(text), length: bytes.length }
}

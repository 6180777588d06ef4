/** In another style: bytes in a plain list, totals instead of differences, a timeline worked out, and promises. */
import { once } from 'node:events'
import net from 'node:net'

export class NagleSender {
  #queue: number[] = []
  #sentEver = 0
  #ackedEver = 0
  readonly #o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }
  #isNagle: boolean

  constructor(o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) {
    this.#o = o
    this.#isNagle = !o.noDelay
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#queue.push(byte)
    this.#rest()
  }

  acked(bytes: number): void {
    this.#ackedEver += bytes
    this.#rest()
  }

  setNoDelay(on: boolean): void {
    this.#isNagle = !on
    this.#rest()
  }

  #rest(): void {
    while (this.#queue.length >= this.#o.mss) this.#leave(this.#o.mss)
    const isIdle = this.#ackedEver === this.#sentEver
    if (this.#queue.length > 0 && (isIdle || !this.#isNagle)) this.#leave(this.#queue.length)
  }

  #leave(count: number): void {
    const segment = Uint8Array.from(this.#queue.splice(0, count))
    this.#sentEver += count
    this.#o.send(segment)
  }
}

export class DelayedAck {
  #receivedEver = 0
  #ackedEver = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #enough: number
  readonly #delayMs: number
  readonly #acknowledge: (bytes: number) => void

  constructor({
    delayMs,
    mss,
    acknowledge,
  }: {
    delayMs: number
    mss: number
    acknowledge(bytes: number): void
  }) {
    if (delayMs >= 500) throw new RangeError('too long')
    this.#enough = 2 * mss
    this.#delayMs = delayMs
    this.#acknowledge = acknowledge
  }

  received(bytes: number): void {
    this.#receivedEver += bytes
    const owed = this.#receivedEver - this.#ackedEver
    if (owed >= this.#enough) this.#alone()
    else if (owed > 0 && this.#timer === null) this.#timer = setTimeout(() => this.#alone(), this.#delayMs)
  }

  replying(): number {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const before = this.#ackedEver
    this.#ackedEver = this.#receivedEver
    return this.#ackedEver - before
  }

  #alone(): void {
    const bytes = this.replying()
    this.#acknowledge(bytes)
  }
}

export function advertise({
  free,
  lastAdvertised,
  buffer,
  mss,
}: {
  free: number
  lastAdvertised: number
  buffer: number
  mss: number
}): number {
  const more = free - lastAdvertised
  if (more >= mss) return free
  if (2 * more >= buffer) return free
  return lastAdvertised
}

interface Segment {
  at: number
  from: 'client' | 'server'
  bytes: number
  acks: number
}

export function exchange(o: {
  writes: readonly number[]
  answer: number
  mss: number
  rttMs: number
  delayMs: number
  thinkMs: number
  noDelay?: boolean
}): Segment[] {
  const list: Segment[] = []
  const half = o.rttMs / 2
  const { now, later } = leaveAt(o)
  for (const bytes of now) list.push({ at: 0, from: 'client', bytes, acks: 0 })
  let owed = 0
  for (const bytes of now) {
    owed += bytes
    if (owed < 2 * o.mss) continue
    list.push({ at: half, from: 'server', bytes: 0, acks: owed })
    owed = 0
  }
  let whole = half
  if (later > 0) {
    const ackAt = owed > 0 ? half + o.delayMs : half
    if (owed > 0) list.push({ at: ackAt, from: 'server', bytes: 0, acks: owed })
    list.push({ at: ackAt + half, from: 'client', bytes: later, acks: 0 })
    owed = later
    whole = ackAt + 2 * half
  }
  if (owed > 0 && o.thinkMs > o.delayMs) {
    list.push({ at: whole + o.delayMs, from: 'server', bytes: 0, acks: owed })
    owed = 0
  }
  list.push({ at: whole + o.thinkMs, from: 'server', bytes: o.answer, acks: owed })
  return list
}

function leaveAt({ writes, mss, noDelay }: { writes: readonly number[]; mss: number; noDelay?: boolean }): {
  now: number[]
  later: number
} {
  const now: number[] = []
  let later = 0
  for (const bytes of writes) {
    later += bytes
    for (; later >= mss; later -= mss) now.push(mss)
    if (later > 0 && (noDelay || now.length === 0)) {
      now.push(later)
      later = 0
    }
  }
  return { now, later }
}

export async function ask(
  port: number,
  head: Uint8Array,
  body: Uint8Array,
  way: 'two-writes' | 'one-write' | 'cork' | 'no-delay',
): Promise<Uint8Array> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: way === 'no-delay' })
  await once(socket, 'connect')
  if (way === 'one-write') socket.write(Buffer.from([...head, ...body]))
  else {
    if (way === 'cork') socket.cork()
    socket.write(head)
    socket.write(body)
    if (way === 'cork') process.nextTick(() => socket.uncork())
  }
  const gone = new Promise((resolve) => socket.once('close', resolve))
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  await gone
  return new Uint8Array(Buffer.concat(parts))
}

interface Event {
  end: 'client' | 'server'
  does: string
  mss?: number
  noDelay?: boolean
  on?: boolean
  bytes?: number
  acks?: number
}

export function whoWaits(events: readonly Event[]): string {
  const total = (end: string, does: string, what: 'bytes' | 'acks'): number =>
    events
      .filter((each) => each.end === end && each.does === does)
      .reduce((sum, each) => sum + (each[what] ?? 0), 0)
  for (const [me, you] of [
    ['client', 'server'],
    ['server', 'client'],
  ] as const) {
    const waiting = total(me, 'write', 'bytes') - total(me, 'send', 'bytes')
    if (waiting === 0) continue
    const mine = events.filter(({ end }) => end === me)
    const off = mine.map(({ does, noDelay, on }) => (does === 'setNoDelay' ? on : noDelay))
    const isOff = off.findLast((each) => each !== undefined) ?? false
    const mss = mine.find(({ does }) => does === 'opens')?.mss ?? 0
    const nagle = !isOff && waiting < mss && total(me, 'send', 'bytes') > total(me, 'receive', 'acks')
    const delayed = total(you, 'receive', 'bytes') > total(you, 'send', 'acks')
    return nagle && delayed ? 'both' : nagle ? 'nagle' : delayed ? 'delayed-ack' : 'nobody'
  }
  return 'nobody'
}

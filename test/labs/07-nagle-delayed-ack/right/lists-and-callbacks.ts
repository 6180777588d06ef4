/** In another style: chunks in a list, small functions around one state, a queue that is sorted, and callbacks. */
import { createConnection, type Socket } from 'node:net'

export class NagleSender {
  private chunks: Uint8Array[] = []
  private out = 0
  private held = 0
  private noDelay: boolean
  private readonly mss: number
  private readonly send: (segment: Uint8Array) => void

  constructor(o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) {
    this.mss = o.mss
    this.send = (segment) => o.send(segment)
    this.noDelay = o.noDelay ?? false
  }

  write(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return
    this.chunks.push(Uint8Array.from(bytes))
    this.held += bytes.byteLength
    this.flush()
  }

  acked(bytes: number): void {
    this.out -= bytes
    this.flush()
  }

  setNoDelay(on: boolean): void {
    this.noDelay = on
    this.flush()
  }

  private flush(): void {
    for (;;) {
      if (this.held === 0) return
      const isFull = this.held >= this.mss
      if (!isFull && !this.noDelay && this.out > 0) return
      const segment = this.take(isFull ? this.mss : this.held)
      this.out += segment.length
      this.send(segment)
    }
  }

  private take(count: number): Uint8Array {
    const segment = new Uint8Array(count)
    for (let at = 0; at < count;) {
      const chunk = this.chunks[0]!
      const part = chunk.subarray(0, count - at)
      segment.set(part, at)
      at += part.length
      if (part.length === chunk.length) this.chunks.shift()
      else this.chunks[0] = chunk.subarray(part.length)
    }
    this.held -= count
    return segment
  }
}

export class DelayedAck {
  private owed = 0
  private timer: NodeJS.Timeout | undefined
  private readonly o: { delayMs: number; mss: number; acknowledge(bytes: number): void }

  constructor(o: { delayMs: number; mss: number; acknowledge(bytes: number): void }) {
    if (!(o.delayMs < 500)) throw new RangeError(`delayMs ${o.delayMs}`)
    this.o = o
  }

  received(bytes: number): void {
    if (bytes === 0) return
    const wasClear = this.owed === 0
    this.owed += bytes
    if (this.owed >= this.o.mss * 2) return this.fire()
    if (wasClear) this.timer = setTimeout(this.fire, this.o.delayMs)
  }

  replying(): number {
    clearTimeout(this.timer)
    const { owed } = this
    this.owed = 0
    return owed
  }

  private readonly fire = (): void => {
    const owed = this.replying()
    if (owed > 0) this.o.acknowledge(owed)
  }
}

export const advertise = (o: { free: number; lastAdvertised: number; buffer: number; mss: number }): number =>
  o.free - o.lastAdvertised < Math.min(o.mss, 0.5 * o.buffer) ? o.lastAdvertised : o.free

interface Segment {
  at: number
  from: 'client' | 'server'
  bytes: number
  acks: number
}

type Happening =
  | { at: number; kind: 'data'; bytes: number }
  | { at: number; kind: 'ack'; bytes: number }
  | { at: number; kind: 'delay'; number: number }
  | { at: number; kind: 'answer' }

export function exchange(o: {
  writes: readonly number[]
  answer: number
  mss: number
  rttMs: number
  delayMs: number
  thinkMs: number
  noDelay?: boolean
}): Segment[] {
  const segments: Segment[] = []
  const queue: Happening[] = []
  const plan = (happening: Happening): void => {
    queue.push(happening)
    queue.sort((a, b) => a.at - b.at)
  }
  let now = 0
  let owed = 0
  let timer = 0
  let left = o.writes.reduce((a, b) => a + b, 0)
  const sender = new NagleSender({
    ...o,
    send(segment) {
      segments.push({ at: now, from: 'client', bytes: segment.length, acks: 0 })
      plan({ at: now + o.rttMs / 2, kind: 'data', bytes: segment.length })
    },
  })
  const ack = (): void => {
    segments.push({ at: now, from: 'server', bytes: 0, acks: owed })
    plan({ at: now + o.rttMs / 2, kind: 'ack', bytes: owed })
    owed = 0
    timer++
  }
  for (const bytes of o.writes) sender.write(new Uint8Array(bytes))
  for (let next = queue.shift(); next; next = queue.shift()) {
    now = next.at
    if (next.kind === 'ack') sender.acked(next.bytes)
    if (next.kind === 'delay' && next.number === timer && owed > 0) ack()
    if (next.kind === 'data') {
      if (owed === 0) plan({ at: now + o.delayMs, kind: 'delay', number: timer })
      owed += next.bytes
      if (owed >= 2 * o.mss) ack()
      left -= next.bytes
      if (left === 0) plan({ at: now + o.thinkMs, kind: 'answer' })
    }
    if (next.kind === 'answer') {
      segments.push({ at: now, from: 'server', bytes: o.answer, acks: owed })
      break
    }
  }
  return segments
}

export function ask(port: number, head: Uint8Array, body: Uint8Array, way: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    let failure: Error | null = null
    const socket: Socket = createConnection(port, 'localhost', () => {
      if (way === 'no-delay') socket.setNoDelay()
      if (way === 'one-write') return void socket.write(Buffer.concat([head, body]))
      if (way === 'cork') {
        socket.cork()
        socket.write(head)
        setImmediate(() => {
          socket.write(body)
          socket.uncork()
        })
        return
      }
      // The body follows when the system has taken the head.
      socket.write(head, () => socket.write(body))
    })
    socket.allowHalfOpen = true
    socket.on('readable', () => {
      for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null) !== null;)
        answer = Buffer.concat([answer, chunk])
    })
    socket.on('end', () => socket.end())
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => (failure ? reject(failure) : resolve(answer)))
  })
}

interface Side {
  mss: number
  noDelay: boolean
  waiting: number
  out: number
  owed: number
}

export function whoWaits(
  events: ReadonlyArray<{ end: 'client' | 'server'; does: string } & Record<string, unknown>>,
): 'nagle' | 'delayed-ack' | 'both' | 'nobody' {
  const side = (): Side => ({ mss: 0, noDelay: false, waiting: 0, out: 0, owed: 0 })
  const sides = { client: side(), server: side() }
  for (const event of events) {
    const me = sides[event.end]
    const [bytes, acks] = [Number(event['bytes'] ?? 0), Number(event['acks'] ?? 0)]
    if (event.does === 'opens') Object.assign(me, { mss: event['mss'], noDelay: event['noDelay'] })
    if (event.does === 'setNoDelay') me.noDelay = event['on'] === true
    if (event.does === 'write') me.waiting += bytes
    if (event.does === 'send') {
      me.waiting -= bytes
      me.out += bytes
      me.owed -= acks
    }
    if (event.does === 'receive') {
      me.owed += bytes
      me.out -= acks
    }
  }
  const [me, you] = sides.client.waiting > 0 ? [sides.client, sides.server] : [sides.server, sides.client]
  if (me.waiting === 0) return 'nobody'
  const answers = [me.waiting < me.mss && !me.noDelay && me.out > 0, you.owed > 0] as const
  if (answers[0]) return answers[1] ? 'both' : 'nagle'
  return answers[1] ? 'delayed-ack' : 'nobody'
}

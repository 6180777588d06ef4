import { platform } from 'node:process'
import type { Check, DatagramPeer } from '../../../workbook/grading/check.ts'
import { HOST } from './ends.ts'
import { describe, encode, lengthOf, read, type Flag, type Segment } from './segment.ts'

const ELSEWHERE = '127.0.0.2'

/** The grader's end of one pipe of several: it says what it is told to say, and takes what comes. */
export class Side {
  readonly peer: DatagramPeer
  readonly #c: Check
  readonly #to: number
  readonly name: string
  readonly host: string
  /** Numbers as they are on the wire. */
  next: number
  expected = 0
  readonly window = 4_000

  private constructor(c: Check, peer: DatagramPeer, to: number, name: string, host = HOST) {
    this.#c = c
    this.peer = peer
    this.#to = to
    this.name = name
    this.host = host
    this.next = c.random.integer(0, 1_000_000)
  }

  static async at(c: Check, port: number, name: string): Promise<Side> {
    return new Side(c, await c.datagrams({ name, describe }), port, name)
  }

  /** Answers the SYN of an opener that is on its way to this peer. */
  static async answering(c: Check, peer: DatagramPeer, name: string): Promise<Side> {
    await c.learner.idle()
    const [first] = peer.takeAll()
    if (!first) return await c.blame('R3', () => c.fail(`SYN for ${name}`, 'nothing'))
    const syn = read(first.bytes)
    if (typeof syn === 'string') return await c.blame('R1', () => c.fail('a segment', syn))
    const side = new Side(c, peer, first.port, name)
    side.expected = (syn.sequence + 1) >>> 0
    await side.send(['SYN', 'ACK'])
    return side
  }

  /** Somebody else, who knows the port of this one's other end, and both numbers. */
  async stranger(at: 'another port' | 'another address'): Promise<Side> {
    const name = `a stranger at ${at}`
    const other = await (at === 'another port' ? Side.at(this.#c, this.#to, name) : this.namesake(name))
    other.next = this.next
    other.expected = this.expected
    return other
  }

  /**
   * Somebody else at the same port of another address, which only Linux has without being asked; elsewhere at another
   * port. What is sent there comes to 127.0.0.1, as all that a program sends.
   */
  async namesake(name: string): Promise<Side> {
    const peer = await this.#c.datagrams({ name, describe })
    if (platform !== 'linux') return new Side(this.#c, peer, this.#to, name)
    const { port, send } = await this.#c.datagrams({ name, describe, host: ELSEWHERE, port: this.peer.port })
    this.#c.learner.permit(ELSEWHERE, port, peer)
    return new Side(this.#c, { ...peer, port, send }, this.#to, name, ELSEWHERE)
  }

  /** The handshake, from its beginning. */
  async open(whose = 'R4'): Promise<void> {
    await this.send(['SYN'])
    await this.#c.blame(whose, async () => {
      const [answer] = await this.take()
      if (!answer?.flags.includes('SYN')) return this.#c.fail(`SYN and ACK for ${this.name}`, told(answer))
      this.expected = (answer.sequence + 1) >>> 0
    })
    await this.send(['ACK'])
  }

  async send(flags: readonly Flag[], payload: Uint8Array = Buffer.alloc(0)): Promise<void> {
    const segment = {
      sourcePort: this.peer.port,
      destinationPort: this.#to,
      sequence: this.next,
      acknowledgement: flags.includes('ACK') ? this.expected : 0,
      flags,
      window: this.window,
      payload,
    }
    this.next = (this.next + lengthOf(segment)) >>> 0
    await this.peer.send(encode(segment), this.#to)
    await this.#c.learner.idle()
  }

  /** What has come since, whole segments all of them. */
  async take(): Promise<Segment[]> {
    await this.#c.learner.idle()
    const segments: Segment[] = []
    for (const { bytes } of this.peer.takeAll()) {
      const segment = read(bytes)
      if (typeof segment === 'string')
        await this.#c.blame(segment.includes('checksum') ? 'R2' : 'R1', () =>
          this.#c.fail('a segment', segment),
        )
      else segments.push(segment)
    }
    for (const segment of segments)
      if (segment.sequence === this.expected && !segment.flags.includes('SYN'))
        this.expected = (this.expected + lengthOf(segment)) >>> 0
    return segments
  }

  /** Takes what has come, which has to be so many bytes, and acknowledges them. */
  async takeBytes(wanted: Uint8Array): Promise<void> {
    const segments = await this.take()
    const bytes = Buffer.concat(segments.map(({ payload }) => payload))
    this.#c.expectBytes(bytes, wanted, `the bytes for ${this.name}`)
    await this.send(['ACK'])
  }

  /** Nothing has come, or RST and nothing else. */
  async sees(what: 'nothing' | 'RST' | 'ACK' | 'FIN'): Promise<void> {
    const segments = await this.take()
    const [first] = segments
    const fits =
      what === 'nothing' ? segments.length === 0 : segments.some(({ flags }) => flags.includes(what))
    this.#c.expect(fits, `${what} for ${this.name}`, told(first))
  }
}

function told(segment: Segment | undefined): string {
  return segment
    ? `${segment.flags.join(' ')}, sequence number ${segment.sequence}, ${segment.payload.length} bytes`
    : 'nothing'
}

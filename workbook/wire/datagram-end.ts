import dgram from 'node:dgram'
import type { EndOptions } from './tcp-end.ts'
import type { Transcript } from './transcript.ts'

export interface Datagram {
  readonly bytes: Buffer
  readonly port: number
}

/** Where it stands: on 127.0.0.1 and a port that the system chooses, if not given. */
export interface Place {
  readonly host?: string
  readonly port?: number
}

/** A UDP socket of the grader's on the loopback, with its datagrams counted by the learner's port. */
export class DatagramEnd {
  readonly host: string
  readonly port: number
  readonly lane: string
  /** Datagrams sent and received, by the learner's port. */
  readonly sent: Record<number, number> = {}
  readonly received: Record<number, number> = {}
  readonly unread: Datagram[] = []
  readonly #socket: dgram.Socket
  readonly #transcript: Transcript
  readonly #onActivity: EndOptions['onActivity']

  private constructor(
    socket: dgram.Socket,
    lane: string,
    transcript: Transcript,
    onActivity: EndOptions['onActivity'],
  ) {
    this.#socket = socket
    this.#transcript = transcript
    this.#onActivity = onActivity
    this.lane = lane
    const own = socket.address()
    this.host = own.address
    this.port = own.port
    socket.on('message', (bytes, { port }) => {
      this.received[port] = (this.received[port] ?? 0) + 1
      this.unread.push({ bytes, port })
      transcript.data('you', lane, port, bytes)
      onActivity('you')
    })
  }

  static async open(
    lane: string,
    transcript: Transcript,
    onActivity: EndOptions['onActivity'],
    { host: address = '127.0.0.1', port = 0 }: Place = {},
  ): Promise<DatagramEnd> {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port, address }, resolve)
    })
    return new DatagramEnd(socket, lane, transcript, onActivity)
  }

  async send(bytes: Uint8Array, port: number): Promise<void> {
    this.#transcript.data('peer', this.lane, port, bytes)
    this.#onActivity('peer')
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
    this.sent[port] = (this.sent[port] ?? 0) + 1
    this.#onActivity('peer')
  }

  /** What was sent to a port behind its end is lost: `count` is what the socket there has received. */
  lose(port: number, count: number): void {
    if (this.sent[port] !== undefined) this.sent[port] = count
  }

  close(): void {
    this.#socket.close()
  }
}

import dgram from 'node:dgram'
import type { Transcript } from './transcript.ts'

export interface Datagram {
  readonly bytes: Buffer
  readonly port: number
}

/** A program may send much before we come to read. Some systems give less, and none refuses this. */
const RECEIVE_BUFFER = 1024 * 1024

/** A UDP socket of the grader's on 127.0.0.1, with its datagrams counted by the learner's port. */
export class DatagramEnd {
  readonly port: number
  readonly lane: string
  /** Datagrams sent and received, by the learner's port. */
  readonly sent: Record<number, number> = {}
  readonly received: Record<number, number> = {}
  readonly unread: Datagram[] = []
  readonly #socket: dgram.Socket
  readonly #transcript: Transcript
  readonly #onActivity: () => void

  private constructor(socket: dgram.Socket, lane: string, transcript: Transcript, onActivity: () => void) {
    this.#socket = socket
    this.#transcript = transcript
    this.#onActivity = onActivity
    this.lane = lane
    this.port = socket.address().port
    socket.on('message', (bytes, { port }) => {
      this.received[port] = (this.received[port] ?? 0) + 1
      this.unread.push({ bytes, port })
      transcript.data('you', lane, port, bytes)
      onActivity()
    })
  }

  static async open(lane: string, transcript: Transcript, onActivity: () => void): Promise<DatagramEnd> {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port: 0, address: '127.0.0.1' }, resolve)
    })
    return new DatagramEnd(socket, lane, transcript, onActivity)
  }

  async send(bytes: Uint8Array, port: number): Promise<void> {
    this.#transcript.data('peer', this.lane, port, bytes)
    this.#onActivity()
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
    this.sent[port] = (this.sent[port] ?? 0) + 1
    this.#onActivity()
  }

  close(): void {
    this.#socket.close()
  }
}

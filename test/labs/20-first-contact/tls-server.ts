import { Duplex } from 'node:stream'
import { TLSSocket, createSecureContext } from 'node:tls'
import type { Check, Connection } from '../../../workbook/grading/check.ts'
import type { Identity } from './certificate.ts'

/**
 * The server's side of TLS, without a socket: bytes of the wire go in and come out, and the suite carries them. So the
 * program is idle whenever TLS is at work here, and everything that it is sent leaves through the suite's own hands.
 */
export class TlsServer {
  /** The name in the client's first message (SNI). */
  serverName: string | null = null
  /** What the client has said behind the handshake. */
  received = Buffer.alloc(0)
  /** The client has said that it will say no more, in TLS's own words (close_notify). */
  ended = false
  readonly #c: Check
  readonly #connection: Connection
  readonly #wire: Wire
  readonly #socket: TLSSocket

  constructor(c: Check, connection: Connection, { key, cert }: Identity) {
    this.#c = c
    this.#connection = connection
    this.#wire = new Wire()
    const secureContext = createSecureContext({ key, cert })
    this.#socket = new TLSSocket(this.#wire, {
      isServer: true,
      secureContext,
      SNICallback: (name, done) => {
        this.serverName = name
        done(null, secureContext)
      },
    })
    this.#socket.on('data', (bytes: Buffer) => void (this.received = Buffer.concat([this.received, bytes])))
    this.#socket.on('end', () => void (this.ended = true))
    // A client that breaks off is seen by what it has not sent.
    this.#socket.on('error', () => undefined)
  }

  /** Carries bytes in both directions until nobody has any more. */
  async carry(): Promise<void> {
    let taken = 0
    for (;;) {
      await this.#c.learner.idle()
      const { unread } = this.#connection
      if (unread.length > 0) this.#wire.push(await this.#connection.take(unread.length))
      const out = await this.#wire.rest()
      if (out.length > 0) await this.#connection.send(out)
      if (unread.length + out.length === 0 && taken > 0) return
      taken++
    }
  }

  async send(bytes: string | Uint8Array): Promise<void> {
    this.#socket.write(bytes)
    await this.carry()
  }

  /** close_notify, and FIN. */
  async end(): Promise<void> {
    this.#socket.end()
    await this.carry()
    await this.#connection.fin()
  }
}

// --- internal ---

/** How many turns of the event loop Node takes at most from bytes that come to those that go. */
const TURNS = 10

class Wire extends Duplex {
  #out: Buffer[] = []

  /** Its work is all in this thread, in a few turns, however busy the machine is. */
  async rest(): Promise<Buffer> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
    return Buffer.concat(this.#out.splice(0))
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#out.push(bytes)
    done()
  }
}

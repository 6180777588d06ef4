import { Transcript, type Side } from './transcript.ts'

/** Writes into another transcript, in words: for bytes that nobody can read. */
export class DescribedTranscript extends Transcript {
  readonly #target: Transcript
  readonly #describe: (bytes: Buffer) => string

  constructor(target: Transcript, describe: (bytes: Buffer) => string) {
    super()
    this.#target = target
    this.#describe = describe
  }

  override data(from: Side, lane: string, connection: number, bytes: Uint8Array): void {
    const text = Buffer.from(this.#describe(Buffer.from(bytes)))
    this.#target.add({
      kind: 'data',
      from,
      lane,
      connection,
      bytes: text,
      length: bytes.length,
      described: true,
    })
  }
}

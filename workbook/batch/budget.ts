import type { Bounds } from './bounds.ts'
import { Refusal, quoted } from './refusal.ts'

/** Counts what a submission holds, and stops it at the bounds: every refusal comes before the bytes are kept. */
export class Budget {
  readonly bounds: Bounds
  readonly #packedBytes: number
  #entries = 0
  #files = 0
  #unpacked = 0
  #kept = 0
  /** Lower case and composed, as file systems that fold names see them, → what stands there. */
  readonly #seen = new Map<string, 'file' | 'folder'>()

  /** @param packedBytes - Of the archive; Infinity for a folder, which unpacks to itself. */
  constructor(bounds: Bounds, packedBytes: number) {
    this.bounds = bounds
    this.#packedBytes = packedBytes
    if (packedBytes !== Infinity && packedBytes > bounds.archiveBytes)
      throw tooLarge(`an archive of more than ${mebibytes(bounds.archiveBytes)}`)
  }

  /** One more file or folder, whether it is kept or not. */
  entry(): void {
    if (++this.#entries > this.bounds.entries)
      throw tooLarge(`more than ${this.bounds.entries} files and folders`)
  }

  /** Bytes that came out of the archive, whether they are kept or not. */
  unpacked(bytes: number): void {
    const { unpackedBytes, ratio, ratioFromBytes } = this.bounds
    this.#unpacked += bytes
    if (this.#unpacked > unpackedBytes) throw tooLarge(`more than ${mebibytes(unpackedBytes)} unpacked`)
    if (this.#unpacked > ratioFromBytes && this.#unpacked > ratio * this.#packedBytes)
      throw tooLarge(`more than ${ratio} bytes unpacked for each packed one`)
  }

  /** One more file that is kept. @throws Refusal where another entry has its name. */
  file(segments: readonly string[]): void {
    if (++this.#files > this.bounds.files) throw tooLarge(`more than ${this.bounds.files} files`)
    for (let length = 1; length < segments.length; length++) this.#note(segments.slice(0, length), 'folder')
    this.#note(segments, 'file')
  }

  kept(bytes: number): void {
    this.#kept += bytes
    if (this.#kept > this.bounds.keptBytes)
      throw tooLarge(`more than ${mebibytes(this.bounds.keptBytes)} of files`)
  }

  #note(segments: readonly string[], as: 'file' | 'folder'): void {
    const name = segments.join('/')
    const folded = name.normalize('NFC').toLowerCase()
    const seen = this.#seen.get(folded)
    if (seen === undefined) this.#seen.set(folded, as)
    else if (seen === 'file' || as === 'file')
      throw new Refusal('E_DUPLICATE', `it holds two entries for one file: ${quoted(name)}`)
  }
}

// --- internal ---

function tooLarge(what: string): Refusal {
  return new Refusal('E_TOO_LARGE', `it holds more than a submission has: ${what}`)
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

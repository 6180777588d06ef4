import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import type { Budget } from './budget.ts'
import { isPassedOver, segmentsOf, type Take } from './entry-name.ts'
import { isProgram } from './programs.ts'
import { Refusal, quoted } from './refusal.ts'

const REGULAR = new Set(['File', 'OldFile', 'ContiguousFile'])

/** Goes through a .tar or .tar.gz, as a stream: no more of it is in memory than one file. */
export async function readTar(file: string, budget: Budget, take: Take): Promise<void> {
  const packed = createReadStream(file)
  const gunzip = (await isGzip(file)) ? createGunzip() : null
  if (gunzip) packed.once('error', (error) => gunzip.destroy(error)).pipe(gunzip)
  const parser = new TarParser(budget, take)
  try {
    for await (const chunk of gunzip ?? packed) {
      budget.unpacked((chunk as Buffer).length)
      parser.write(chunk as Buffer)
    }
    await parser.end()
  } finally {
    packed.destroy()
    gunzip?.destroy()
  }
}

// --- internal ---

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    // RFC 1952 §2.3.1: ID1 and ID2.
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}

/** The library's parser, which throws the first refusal at whoever writes to it. */
class TarParser {
  // Gzip is undone before, so that its bytes are counted; in the parser it would be a second layer.
  readonly #parser = new Parser({ strict: true, gzip: false })
  #failure: Error | null = null

  constructor(budget: Budget, take: Take) {
    const fail = (error: unknown): void => void (this.#failure ??= error as Error)
    this.#parser.on('error', fail)
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => {
      fail(new Refusal('E_ARCHIVE', `it holds an entry of an unknown kind: ${quoted(entry.path)}`))
    })
    this.#parser.on('entry', (entry: ReadEntry) => {
      if (!this.#failure) attempt(() => enter(entry, budget, take, fail), fail)
      // Without a reader the parser would wait for ever.
      if (this.#failure) entry.resume()
    })
  }

  write(chunk: Buffer): void {
    this.#parser.write(chunk)
    if (this.#failure) throw this.#failure
  }

  /** An archive that is cut short says so here. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#parser.once('end', resolve).once('error', () => resolve())
      this.#parser.end()
    })
    if (this.#failure) throw this.#failure
  }
}

function enter(entry: ReadEntry, budget: Budget, take: Take, fail: (error: unknown) => void): void {
  budget.entry()
  const segments = segmentsOf(entry.path, budget.bounds.depth)
  if (isPassedOver(segments)) return entry.resume()
  refuseOddEntry(entry)
  if (entry.type === 'Directory') return entry.resume()
  budget.file(segments)
  if (!isProgram(segments, entry.size, budget.bounds)) return entry.resume()
  budget.kept(entry.size)
  const chunks: Buffer[] = []
  entry.on('data', (chunk: Buffer) => void chunks.push(chunk))
  entry.on('end', () => attempt(() => take(segments, Buffer.concat(chunks)), fail))
}

function refuseOddEntry({ type, path }: ReadEntry): void {
  if (type === 'SymbolicLink' || type === 'Link')
    throw new Refusal('E_LINK', `it holds a ${type === 'Link' ? 'hard' : 'symbolic'} link: ${quoted(path)}`)
  if (!REGULAR.has(type) && type !== 'Directory')
    throw new Refusal('E_SPECIAL_FILE', `it holds a device, a pipe or a socket: ${quoted(path)}`)
}

/** What is thrown in a listener would end the process. */
function attempt(action: () => void, fail: (error: unknown) => void): void {
  try {
    action()
  } catch (error) {
    fail(error)
  }
}

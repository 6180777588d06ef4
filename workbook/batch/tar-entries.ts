import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Transform, Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import type { Budget } from './budget.ts'
import { isPassedOver, segmentsOf } from './entry-name.ts'
import { isProgram } from './programs.ts'
import { Refusal, quoted } from './refusal.ts'
import type { Take } from './unpack.ts'

const REGULAR = new Set(['File', 'OldFile', 'ContiguousFile'])

/** Goes through a .tar or .tar.gz, as a stream: no more of it is in memory than one file. */
export async function readTar(file: string, budget: Budget, take: Take): Promise<void> {
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(
        attempt(() => budget.unpacked(chunk.length)),
        chunk,
      )
    },
  })
  const source = createReadStream(file)
  const parser = parse(budget, take)
  if (await isGzip(file)) await pipeline(source, createGunzip(), count, parser)
  else await pipeline(source as Readable, count, parser)
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

/** The parser as a stream of Node's, which ends with the first refusal. */
function parse(budget: Budget, take: Take): Writable {
  let failure: Error | null = null
  const fail = (error: unknown): void => void (failure ??= error as Error)
  // Gzip is undone before, so that its bytes are counted; in the parser it would be a second layer.
  const parser = new Parser({ strict: true, gzip: false })
  parser.on('error', fail)
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    fail(new Refusal('E_ARCHIVE', `it holds an entry of an unknown kind: ${quoted(entry.path)}`))
  })
  parser.on('entry', (entry: ReadEntry) => {
    // Without a reader the parser would wait for ever.
    if (failure ?? attempt(() => enter(entry, budget, take, fail), fail)) entry.resume()
  })
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      parser.write(chunk)
      done(failure)
    },
    final(done) {
      parser.once('end', () => done(failure))
      parser.end()
      if (failure) done(failure)
    },
  })
}

function enter(entry: ReadEntry, budget: Budget, take: Take, fail: (error: unknown) => void): void {
  budget.entry()
  const segments = segmentsOf(entry.path, budget.bounds.depth)
  if (isPassedOver(segments)) return entry.resume()
  refuseOddEntry(entry)
  if (entry.type === 'Directory') return entry.resume()
  budget.file(segments)
  if (!isProgram(segments, entry.size, budget.bounds.programBytes)) return entry.resume()
  budget.kept(entry.size)
  const chunks: Buffer[] = []
  entry.on('data', (chunk: Buffer) => void chunks.push(chunk))
  entry.on('end', () => void attempt(() => take(segments, Buffer.concat(chunks)), fail))
}

function refuseOddEntry({ type, path }: ReadEntry): void {
  if (type === 'SymbolicLink' || type === 'Link')
    throw new Refusal('E_LINK', `it holds a ${type === 'Link' ? 'hard' : 'symbolic'} link: ${quoted(path)}`)
  if (!REGULAR.has(type) && type !== 'Directory')
    throw new Refusal('E_SPECIAL_FILE', `it holds a device, a pipe or a socket: ${quoted(path)}`)
}

/** @returns What was thrown, or null. */
function attempt(action: () => void, told: (error: unknown) => void = () => undefined): Error | null {
  try {
    action()
    return null
  } catch (error) {
    told(error)
    return error as Error
  }
}

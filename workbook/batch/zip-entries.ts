import { openPromise, type Entry, type ZipFile } from 'yauzl'
import type { Budget } from './budget.ts'
import { isPassedOver, segmentsOf, type Take } from './entry-name.ts'
import { isProgram } from './programs.ts'
import { Refusal, quoted } from './refusal.ts'

/** File types of UNIX, in the upper half of an entry's external attributes (stat(2), S_IFMT). */
const TYPE_MASK = 0o170000
const REGULAR = 0o100000
const FOLDER = 0o040000
const LINK = 0o120000

/** Goes through a zip. yauzl proves that each entry has the size that it tells. */
export async function readZip(file: string, budget: Budget, take: Take): Promise<void> {
  // Not closed by yauzl itself: the last entry is read after all of them have been seen.
  const zip = await openPromise(file, { autoClose: false, lazyEntries: true })
  try {
    for await (const entry of zip.eachEntry()) {
      budget.entry()
      const segments = segmentsOf(entry.fileName, budget.bounds.depth)
      if (isPassedOver(segments)) continue
      refuseOddEntry(entry)
      if (isFolder(entry)) continue
      budget.file(segments)
      // What it claims is looked at first, so that a bomb is not even opened.
      budget.unpacked(entry.uncompressedSize)
      if (isProgram(segments, entry.uncompressedSize, budget.bounds))
        take(segments, await bytesOf(zip, entry, budget))
    }
  } catch (error) {
    throw tellOutside(error)
  } finally {
    zip.close()
  }
}

// --- internal ---

function typeOf({ externalFileAttributes }: Entry): number {
  return (externalFileAttributes >>> 16) & TYPE_MASK
}

function isFolder(entry: Entry): boolean {
  return entry.fileName.endsWith('/') || typeOf(entry) === FOLDER
}

/** Archives made on Windows tell no type. */
function refuseOddEntry(entry: Entry): void {
  const { fileName } = entry
  const type = typeOf(entry)
  if (type === LINK) throw new Refusal('E_LINK', `it holds a symbolic link: ${quoted(fileName)}`)
  if (type !== REGULAR && type !== FOLDER && type !== 0)
    throw new Refusal('E_SPECIAL_FILE', `it holds a device, a pipe or a socket: ${quoted(fileName)}`)
  if (entry.isEncrypted()) throw new Refusal('E_ENCRYPTED', 'the archive has a password')
  if (!entry.canDecodeFileData())
    throw new Refusal('E_ARCHIVE', `it is packed in a way that cannot be read: ${quoted(fileName)}`)
}

async function bytesOf(zip: ZipFile, entry: Entry, budget: Budget): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry)
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    budget.kept((chunk as Buffer).length)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** yauzl's own sentences for what segmentsOf() refuses too. */
function tellOutside(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const found = /^(?:absolute path|invalid relative path): (.*)$/s.exec(error.message)
  if (!found) return error
  return new Refusal('E_OUTSIDE', `it holds a path that leaves its folder: ${quoted(found[1] ?? '')}`)
}

import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { isSystemError, Refusal } from './refusal.ts'
import { textOf } from './text.ts'

/** The files that a program may be made of: regular ones below its roots, links followed, within bounds. */

/** A lab's file has some hundred lines. */
const MOST_BYTES = 1024 * 1024
const MOST_BYTES_OF_ALL = 4 * MOST_BYTES
const MOST_FILES = 500

/** What may be left out, and what TypeScript writes for the file that will be there. */
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.js']
const WRITTEN_FOR: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' }

export class OwnFiles {
  readonly #roots: readonly string[]
  #files = 0
  #bytes = 0

  constructor(roots: readonly string[]) {
    this.#roots = roots.map((folder) => realpathSync(folder) + path.sep)
  }

  /**
   * The real path behind an import, or null where nothing stands. Outside of the roots nobody looks.
   *
   * @param importer - Real path of the file that imports.
   * @throws Refusal
   */
  resolve(specifier: string, importer: string): string | null {
    const asked = path.resolve(path.dirname(importer), specifier)
    if (!this.#holds(asked)) throw outside(specifier)
    const file = candidates(asked).find((each) => isThere(each))
    if (file === undefined) return null
    if (!this.#holds(realpathSync(file))) throw outside(specifier)
    return realpathSync(file)
  }

  /** The real path of the program itself. @throws Refusal */
  entry(file: string): string {
    try {
      const real = realpathSync(file)
      if (this.#holds(real)) return real
    } catch (error) {
      if (!isSystemError(error)) throw error
      throw new Refusal('E_SYNTAX', `it cannot be read (${error.code ?? ''})`)
    }
    const name = JSON.stringify(path.basename(file))
    throw new Refusal(
      'E_FORBIDDEN_IMPORT',
      `import of ${name}: it stands outside labs/, or is a link that leads there`,
    )
  }

  /** @throws Refusal */
  read(file: string): string {
    if (!this.#holds(file)) throw outside(path.basename(file))
    if (++this.#files > MOST_FILES) throw tooLarge(`more than ${MOST_FILES} files`)
    const bytes = bytesOf(file)
    this.#bytes += bytes.length
    if (this.#bytes > MOST_BYTES_OF_ALL)
      throw tooLarge(`files of more than ${MOST_BYTES_OF_ALL} bytes in all`)
    return textOf(bytes)
  }

  // --- internal ---

  #holds(file: string): boolean {
    return this.#roots.some((folder) => file.startsWith(folder))
  }
}

// --- internal ---

function candidates(asked: string): string[] {
  const ending = path.extname(asked)
  const written = WRITTEN_FOR[ending]
  const meant = written === undefined ? [] : [asked.slice(0, -ending.length) + written]
  return [asked, ...meant, ...ENDINGS.slice(1).map((each) => asked + each)]
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === false
}

/** A pipe would keep whoever opens it, and a device has no end: neither is waited for, and neither is read. */
function bytesOf(file: string): Buffer {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) throw new Refusal('E_SYNTAX', 'it is no regular file')
      if (stats.size > MOST_BYTES) throw tooLarge(`more than ${MOST_BYTES} bytes`)
      return readFileSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new Refusal('E_SYNTAX', `it cannot be read (${error.code ?? ''})`)
  }
}

function outside(specifier: string): Refusal {
  const why = 'a lab imports only from labs/'
  return new Refusal('E_FORBIDDEN_IMPORT', `import of ${JSON.stringify(specifier)}: ${why}`)
}

function tooLarge(what: string): Refusal {
  return new Refusal('E_SYNTAX', `it is larger than a program of a lab: ${what}`)
}

import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { readTextFile } from '../course/text-file.ts'

/** The files of the checkout that pages are made of, read once until somebody says that one has changed. */
export class SourceFiles {
  /** Absolute path of the checkout. */
  readonly root: string
  readonly #texts = new Map<string, string>()

  constructor(root: string) {
    this.root = root
  }

  /**
   * @param file - Relative to the root, with `/`.
   * @throws CourseError `E_COURSE_FILE` when it is missing or no text.
   */
  text(file: string): string {
    const known = this.#texts.get(file)
    if (known !== undefined) return known
    const text = readTextFile(this.root, file)
    this.#texts.set(file, text)
    return text
  }

  /** What stands there, links followed; null for nothing. */
  kind(file: string): 'file' | 'folder' | null {
    const found = statSync(path.join(this.root, file), { throwIfNoEntry: false })
    if (!found) return null
    return found.isDirectory() ? 'folder' : 'file'
  }

  /** Names in a folder, sorted; none where there is no such folder. */
  names(folder: string): string[] {
    if (this.kind(folder) !== 'folder') return []
    return readdirSync(path.join(this.root, folder)).sort()
  }

  /** The file is read anew when it is next needed. */
  forget(file: string): void {
    this.#texts.delete(file)
  }

  /** Whether the file is no longer as it was read; then it is forgotten. Who never read it cannot tell. */
  hasChanged(file: string): boolean {
    const known = this.#texts.get(file)
    this.#texts.delete(file)
    if (known === undefined) return true
    try {
      return this.text(file) !== known
    } catch {
      return true
    }
  }

  /** Takes this text for the file's, until it is forgotten. */
  pretend(file: string, text: string): void {
    this.#texts.set(file, text)
  }
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../../course/lab.ts'
import { readWrongProgram, textOf, wrongFolderOf, type WrongProgram } from '../../grading/wrong-program.ts'
import { UsageError } from '../usage-error.ts'

/** A wrong program written out for editing, in `.workbook/`, with the reference that it was made from beside it. */
export class Draft {
  readonly lab: Lab
  readonly name: string
  /** Of the patch, relative to the root. */
  readonly patch: string
  /** Of the program, relative to the root: two folders deep, so that it imports the kit as a solution does. */
  readonly file: string
  readonly #root: string

  constructor(root: string, lab: Lab, name: string) {
    this.#root = root
    this.lab = lab
    this.name = name
    this.patch = `${wrongFolderOf(lab.id)}/${name}.patch`
    this.file = `.workbook/wrong/${lab.number}-${name}.ts`
  }

  get reference(): string {
    return this.#read(`solutions/${this.lab.id}/${this.lab.entry}`)
  }

  /** The wrong program as it is kept; null for a new one. */
  get kept(): WrongProgram | null {
    return existsSync(path.join(this.#root, this.patch)) ? readWrongProgram(this.#root, this.patch) : null
  }

  /** @throws UsageError where the reference has changed since it was written out. */
  get text(): string | null {
    if (!existsSync(path.join(this.#root, this.file))) return null
    if (this.#read(this.#base) === this.reference) return this.#read(this.file)
    const message = `${this.file} was written out from an older reference: saved now, it would undo what has changed.`
    throw new UsageError(
      'E_OLD_DRAFT',
      message,
      `keep what you need of it, remove it, and run the command again`,
    )
  }

  /** @throws CourseError `E_COURSE_PATCH` where the patch does not apply. */
  writeOut(): string {
    const { kept, reference } = this
    const text = kept ? textOf(kept, reference) : reference
    mkdirSync(path.dirname(path.join(this.#root, this.file)), { recursive: true })
    writeFileSync(path.join(this.#root, this.file), text)
    writeFileSync(path.join(this.#root, this.#base), reference)
    return text
  }

  save(patch: string): void {
    writeFileSync(path.join(this.#root, this.patch), patch)
    rmSync(path.join(this.#root, this.file))
    rmSync(path.join(this.#root, this.#base))
  }

  // --- internal ---

  get #base(): string {
    return this.file.replace(/\.ts$/, '.reference')
  }

  #read(file: string): string {
    return readFileSync(path.join(this.#root, file), 'utf8')
  }
}

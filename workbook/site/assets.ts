import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build, transform } from 'esbuild'
import { colourRules } from './highlight.ts'
import { styleSheet } from './layout/palette.ts'

/** The one script and the one style sheet of the site. */
export class Assets {
  #script: Promise<string> | undefined
  #served: Promise<string> | undefined
  #rules: string | undefined

  /** The script needs nothing of the pages. */
  begin(): void {
    this.#script ??= bundled('client/main.ts')
  }

  /** @param pages - HTML; the style sheet has the colours of the code that stands there. */
  async read(pages: Iterable<string>): Promise<{ readonly script: string; readonly style: string }> {
    this.begin()
    this.#rules ??= readFileSync(path.join(FOLDER, 'layout/style.css'), 'utf8')
    const style = await smaller(styleSheet(this.#rules, colourRules(pages)))
    return { script: (await this.#script) ?? '', style }
  }

  /** What pages can do besides while they are served. */
  async served(): Promise<string> {
    return (this.#served ??= bundled('client/served/main.ts'))
  }

  /** Their sources have changed. */
  forget(): void {
    this.#script = undefined
    this.#served = undefined
    this.#rules = undefined
  }
}

/** Absolute path: the sources of the assets stand beside this file. */
export const FOLDER = import.meta.dirname

// --- internal ---

/** What browsers of the last three years know. */
const TARGET = ['chrome110', 'firefox115', 'safari16.4']

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(FOLDER, entry)],
    bundle: true,
    minify: true,
    format: 'iife',
    target: TARGET,
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

const kept = new Map<string, string>()

async function smaller(style: string): Promise<string> {
  const known = kept.get(style)
  if (known !== undefined) return known
  const { code } = await transform(style, { loader: 'css', minify: true, target: TARGET })
  kept.clear()
  kept.set(style, code)
  return code
}

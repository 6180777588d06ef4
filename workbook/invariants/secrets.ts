import { transform } from 'esbuild'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readTextFile } from '../course/text-file.ts'
import { tokensOf } from './code-tokens.ts'
import { filesBelow } from './files.ts'
import { pageStreams, withoutHints } from './page-code.ts'
import { sequencesOf } from './sequences.ts'

/** Sequence → the program that it gives away, for one length of sequences. */
export type Secrets = ReadonlyMap<number, string>

/**
 * What only solutions and wrong programs hold: every run of so many tokens that neither the starters, the
 * kit, the pages of the labs (their hints aside) nor the demos hold.
 *
 * @param lengths - In tokens; the answer has a map for each.
 */
export async function readSecrets(root: string, lengths: readonly number[]): Promise<Secrets[]> {
  const programs = ['solutions', 'test/mutants'].flatMap((folder) => filesBelow(root, folder))
  const given = ['labs', 'docs/demos'].flatMap((folder) => filesBelow(root, folder))
  const [hidden, open] = await Promise.all([
    Promise.all(programs.filter(isCode).map(async (file) => [file, await codeStreams(root, file)] as const)),
    Promise.all(given.filter(isGiven).map((file) => codeStreams(root, file))),
  ])
  const pages = given.filter((file) => file.endsWith('README.md'))
  const shown = [
    ...open.flat(),
    ...pages.flatMap((file) => pageStreams(withoutHints(readTextFile(root, file)))),
  ]
  return lengths.map((length) => {
    const known = new Set(shown.flatMap((tokens) => sequencesOf({ tokens }, length)))
    const secrets = new Map<number, string>()
    for (const [file, streams] of hidden) {
      for (const sequence of streams.flatMap((tokens) => sequencesOf({ tokens }, length)))
        if (!known.has(sequence) && !secrets.has(sequence)) secrets.set(sequence, file)
    }
    return secrets
  })
}

// --- internal ---

function isCode(file: string): boolean {
  return file.endsWith('.ts')
}

/** The learner's own file is not asked: it may be the teacher's, and solved. */
function isGiven(file: string): boolean {
  return /\/\.starter$|^labs\/kit\/.*\.ts$|^docs\/demos\/.*\.ts$/.test(file)
}

/** As it is written, and without its types, as a bundle would have it. */
async function codeStreams(root: string, file: string): Promise<Array<readonly string[]>> {
  const text = existsSync(path.join(root, file)) ? readTextFile(root, file) : ''
  return [tokensOf(text).tokens, tokensOf(await withoutTypes(text)).tokens]
}

async function withoutTypes(text: string): Promise<string> {
  try {
    return (
      await transform(text, {
        loader: 'ts',
        target: 'node20',
        charset: 'utf8',
        tsconfigRaw: '{}',
        logLevel: 'silent',
      })
    ).code
  } catch {
    // That it does not parse is for the types' check to tell.
    return text
  }
}

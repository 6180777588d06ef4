import { transform } from 'esbuild'
import path from 'node:path'
import { readTextFile } from '../course/text-file.ts'
import { tokensOf } from './code-tokens.ts'
import { filesBelow } from './files.ts'
import { pageTokens, withoutHints } from './page-code.ts'
import { eachSequence } from './sequences.ts'

/** Sequence → the program that it gives away, for one length of sequences. */
export type Secrets = ReadonlyMap<number, string>

/**
 * What only solutions and wrong programs hold: every run of so many tokens that neither the starters, the
 * kit, the pages of the labs (their hints aside) nor the demos hold.
 *
 * @param lengths - In tokens; the answer has a map for each.
 */
export async function readSecrets(root: string, lengths: readonly number[]): Promise<Secrets[]> {
  const given = ['labs', 'docs/demos'].flatMap((folder) => filesBelow(root, folder))
  const open = [
    ...(await Promise.all(given.filter(isGiven).map((file) => codeStreams(root, file)))).flat(),
    ...given.filter(isPage).flatMap((file) => {
      return pageTokens(withoutHints(readTextFile(root, file))).map(({ tokens }) => tokens)
    }),
  ]
  const hidden = await readHidden(root)
  return lengths.map((length) => {
    const known = new Set<number>()
    for (const tokens of open) eachSequence(tokens, length, (sequence) => known.add(sequence))
    const secrets = new Map<number, string>()
    for (const { file, tokens } of hidden) {
      eachSequence(tokens, length, (sequence) => {
        if (!known.has(sequence) && !secrets.has(sequence)) secrets.set(sequence, file)
      })
    }
    return secrets
  })
}

// --- internal ---

/** The learner's own file is not asked: it may be the teacher's, and solved. */
function isGiven(file: string): boolean {
  return /\/\.starter$|^labs\/kit\/.*\.ts$|^docs\/demos\/.*\.ts$/.test(file)
}

function isPage(file: string): boolean {
  return /^README(?:\.[\w-]+)?\.md$/.test(path.basename(file))
}

async function readHidden(root: string) {
  const code = (folder: string): string[] => filesBelow(root, folder).filter((file) => file.endsWith('.ts'))
  const solutions = code('solutions').map(async (file) => {
    return (await codeStreams(root, file)).map((tokens) => ({ file, tokens }))
  })
  // The rest of a wrong program is the solution again.
  const wrong = filesBelow(root, 'test/labs')
    .filter((file) => /\/wrong\/[^/]+$/.test(file))
    .flatMap((file) =>
      mistakes(readTextFile(root, file)).map((text) => ({ file, tokens: tokensOf(text).tokens })),
    )
  return [...(await Promise.all(solutions)).flat(), ...wrong]
}

/** The new text of each hunk, or the whole program. */
function mistakes(text: string): string[] {
  const hunks = text.split(/^@@ .*$/m)
  if (hunks.length === 1) return hunks
  const newLines = (hunk: string): string[] => hunk.split('\n').filter((line) => /^[ +]/.test(line))
  return hunks.slice(1).map((hunk) =>
    newLines(hunk)
      .map((line) => line.slice(1))
      .join('\n'),
  )
}

/** As it is written, and without its types, as a bundle would have it. */
async function codeStreams(root: string, file: string): Promise<Array<readonly string[]>> {
  const text = readTextFile(root, file)
  return [tokensOf(text).tokens, tokensOf(await withoutTypes(text)).tokens]
}

async function withoutTypes(text: string): Promise<string> {
  try {
    const { code } = await transform(text, {
      loader: 'ts',
      target: 'node20',
      charset: 'utf8',
      tsconfigRaw: '{}',
      logLevel: 'silent',
    })
    return code
  } catch {
    // That it does not parse is for the types' check to tell.
    return text
  }
}

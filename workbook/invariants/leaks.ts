import { suiteBundleOf } from '../course/suite-files.ts'
import { bundleSuite } from '../handout/suites.ts'
import { buildHandout } from '../handout/build.ts'
import { tokensOf } from './code-tokens.ts'
import type { Finding, Invariant } from './invariant.ts'
import { pageTokens } from './page-code.ts'
import { readSecrets, type Secrets } from './secrets.ts'
import { eachSequence } from './sequences.ts'

/**
 * The student's edition gives nothing away, by what is in it and not by where it lies. In pages and in what
 * students are given, ten tokens of an answer are too many. Suites and the tool are code by the hands that
 * wrote the answers, where ten tokens are often an everyday phrase; there it is thirty, about three lines.
 */
export const leaks: Invariant = {
  name: 'nothing leaks into the handout',
  async find({ root, labs }) {
    if (labs.length === 0) return []
    const { handout, leftOut } = await buildHandout(root, { labs: null, title: null })
    return [...leftOut.map(stray), ...(await findLeaks(root, handout.files))]
  },
}

/** Where a handout holds what it must not. */
export async function findLeaks(root: string, files: ReadonlyMap<string, Buffer>): Promise<Finding[]> {
  const [few = new Map(), many = new Map()] = await readSecrets(root, [TOKENS, TOKENS_OF_TOOL])
  const own = [...files].flatMap(([file, bytes]) => {
    const text = bytes.toString('utf8')
    return [...misplaced(file, text), ...answersIn(file, text, few, many)]
  })
  return [...own, ...(await answersInSuites(root, files, many))]
}

// --- internal ---

const TOKENS = 10
const TOKENS_OF_TOOL = 30

const LEAKS = 'Take it out of the file that it was made from; npm run check looks again.'

function stray(file: string): Finding {
  const expected = 'only files that students get, or that are known to stay here'
  const next = 'Move it out of labs/ and docs/, or give it a rule in workbook/handout/allow.ts.'
  return { file, line: null, expected, found: 'a file on no list', next }
}

/** What no handout holds, whatever is in it. */
function misplaced(file: string, text: string): Finding[] {
  const finding = (found: string, line: number | null = null): Finding => {
    return { file, line, expected: 'nothing of the kind in a handout', found, next: LEAKS }
  }
  const path = /^(?:solutions|test|\.git|workbook\/(?:invariants|bench))\/|\.test\.ts$|\.map$/.exec(file)
  // The tool writes one for debuggers, in a text: a map that counts begins its line.
  const map = /^[ \t]*\/[/*][#@] *sourceMappingURL=/m.exec(text)
  const comment = file.startsWith('suites/') ? tokensOf(text).comments[0] : undefined
  return [
    ...(path ? [finding('a file of the full checkout')] : []),
    ...(map ? [finding('a source map', text.slice(0, map.index).split('\n').length)] : []),
    ...(comment === undefined ? [] : [finding('a comment in a suite', comment)]),
  ]
}

function answersIn(file: string, text: string, few: Secrets, many: Secrets): Finding[] {
  if (file.endsWith('.json')) return []
  if (file.endsWith('.md')) {
    return pageTokens(text)
      .flatMap((stream) => search(file, stream, few, TOKENS))
      .slice(0, 1)
  }
  const isTool = /^(?:workbook|suites)\//.test(file)
  return search(file, tokensOf(text), isTool ? many : few, isTool ? TOKENS_OF_TOOL : TOKENS)
}

/** Names are gone from the bundles: an answer is seen better before they are shortened. */
async function answersInSuites(root: string, files: ReadonlyMap<string, Buffer>, many: Secrets) {
  const ids = [...files.keys()].flatMap((file) => /^suites\/([^.]+)\.mjs$/.exec(file)?.[1] ?? [])
  const bundles = await Promise.all(ids.map((id) => bundleSuite(root, id, false)))
  return bundles.flatMap((bundle, index) =>
    [...bundle].flatMap(([file, bytes]) => {
      const stream = tokensOf(bytes.toString('utf8'))
      const shown = file === suiteBundleOf(ids[index] ?? '').suite ? file : `${file}, the fixture`
      return search(shown, { ...stream, lines: [] }, many, TOKENS_OF_TOOL)
    }),
  )
}

/** The first place in a file: the others are mostly its continuation. */
function search(
  file: string,
  stream: { readonly tokens: readonly string[]; readonly lines: readonly number[] },
  secrets: Secrets,
  length: number,
): Finding[] {
  let [at, program] = [-1, '']
  eachSequence(stream.tokens, length, (sequence, start) => {
    const found = at === -1 ? secrets.get(sequence) : undefined
    if (found !== undefined) [at, program] = [start, found]
  })
  if (at === -1) return []
  const found = `of ${program}: ${stream.tokens.slice(at, at + 10).join(' ')}`
  const expected = `no ${length} tokens in a row of a solution or a wrong program`
  return [{ file, line: stream.lines[at] ?? null, expected, found, next: LEAKS }]
}

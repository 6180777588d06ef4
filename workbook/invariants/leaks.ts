import { existsSync } from 'node:fs'
import path from 'node:path'
import { CourseError } from '../course/course-error.ts'
import { readCourse } from '../course/course.ts'
import { MARKER_FILE } from '../course/marker.ts'
import { suiteSourceOf } from '../course/suite-files.ts'
import { HandoutError } from '../handout/handout-error.ts'
import { bundleSuite } from '../handout/suites.ts'
import { buildHandout } from '../handout/build.ts'
import { tokensOf } from './code-tokens.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'
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
  async find(course) {
    // A course that is not whole has its own findings, and no handout.
    if (!isWhole(course)) return []
    try {
      const { handout } = await buildHandout(course.root, { labs: null, title: null })
      return await findLeaks(course.root, handout.files)
    } catch (error) {
      if (!(error instanceof HandoutError)) throw error
      const { message, next } = error
      return [{ file: 'labs', line: null, expected: 'a course to make a handout of', found: message, next }]
    }
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

function isWhole({ root, labs, folders }: Readable): boolean {
  const files = labs.flatMap(({ id }) => [`labs/${id}/.starter`, suiteSourceOf(id).suite])
  return (
    labs.length === folders.length &&
    files.every((file) => existsSync(path.join(root, file))) &&
    isReadable(root)
  )
}

function isReadable(root: string): boolean {
  try {
    readCourse(root)
    return true
  } catch (error) {
    if (error instanceof CourseError) return false
    throw error
  }
}

/** What no handout holds, whatever is in it. */
function misplaced(file: string, text: string): Finding[] {
  const finding = (found: string, line: number | null = null): Finding => {
    return { file, line, expected: 'nothing of the kind in a handout', found, next: LEAKS }
  }
  const place = /^(?:solutions|test|\.git|workbook\/(?:invariants|bench))\/|\.test\.ts$|\.map$/.exec(file)
  // The tool writes one for debuggers, in a text: a map that counts begins its line.
  const map = /^[ \t]*\/[/*][#@] *sourceMappingURL=/m.exec(text)
  const comment = file.startsWith('suites/') ? tokensOf(text).comments[0] : undefined
  return [
    ...(place ? [finding('a file of the full checkout')] : []),
    ...(map ? [finding('a source map', text.slice(0, map.index).split('\n').length)] : []),
    ...(comment === undefined ? [] : [finding('a comment in a suite', comment)]),
  ]
}

function answersIn(file: string, text: string, few: Secrets, many: Secrets): Finding[] {
  // Names of packages and of files, by the thousand.
  if (file === 'package-lock.json' || file === MARKER_FILE) return []
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
  return bundles.flatMap((bundle) =>
    [...bundle].flatMap(([file, bytes]) => {
      const stream = tokensOf(bytes.toString('utf8'))
      return search(file, { ...stream, lines: [] }, many, TOKENS_OF_TOOL)
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

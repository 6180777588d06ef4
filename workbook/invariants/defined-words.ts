import { existsSync } from 'node:fs'
import path from 'node:path'
import { readTextFile } from '../course/text-file.ts'
import { entriesOf, linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'
import { readProse, type Words } from './prose.ts'

/**
 * Who reads the chapters in their order meets no word of the glossary before it is explained: where a word is
 * first used it is in bold, or it is a link to the place that explains it. And what a sentence has in bold is found in
 * the glossary.
 */
export const definedWords: Invariant = {
  name: 'words of the glossary',
  find({ root }) {
    if (!existsSync(path.join(root, GLOSSARY))) return []
    const prose = chaptersOf(root).flatMap((file) =>
      readProse(readTextFile(root, file)).map((words) => ({ ...words, file })),
    )
    if (prose.length === 0) return []
    const entries = entriesIn(root)
    return [...entries.flatMap((entry) => findingsFor(entry, prose)), ...withoutEntry(entries, prose)]
  },
}

// --- internal ---

const GLOSSARY = 'docs/glossary.md'
/** Everybody uses these without thinking of networks too, so that a use says nothing. */
const EVERYDAY = new Set(['Expect', 'Frame', 'Hang', 'Host', 'Idle', 'Lease', 'Switch', 'Tunnel', 'Window'])

/** Longer than this is no name of a thing. */
const MOST_WORDS = 3

/** `### Round trip, RTT`: one entry, two names. */
interface Entry {
  readonly names: readonly string[]
  readonly line: number
}

type Placed = Words & { readonly file: string }

function entriesIn(root: string): Entry[] {
  return linesOf(root, GLOSSARY).flatMap(({ text, line }) => {
    const names = /^### (.+)$/.exec(text)?.[1]?.replaceAll('`', '').split(', ')
    return names ? [{ names, line }] : []
  })
}

/** In the order in which they are read. */
function chaptersOf(root: string): string[] {
  return entriesOf(root, 'docs')
    .flatMap(({ name }) => (/^\d+-.*\.md$/.test(name) ? [name] : []))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => `docs/${name}`)
}

/**
 * A word in bold is a few words within a sentence: not the name of an item in a list, no sentence of its own or the
 * beginning of one (`**Ask [it](…).**`), and no number of a case (`T1`).
 */
function withoutEntry(entries: readonly Entry[], prose: readonly Placed[]): Finding[] {
  const known = new RegExp(`^(?:${entries.flatMap(({ names }) => names.map(patternOf)).join('|')})$`)
  return prose.flatMap(({ file, line, text, kind, leads }) => {
    const isWord = kind === 'bold' && !leads && !/[.?!:\s]$|^[A-Z]\d$/.test(text)
    // `Expect: 100-continue` is found at Expect.
    const [word = ''] = text.split(':')
    if (!isWord || word.split(/\s+/).length > MOST_WORDS || known.test(word)) return []
    const next = `Add it to ${GLOSSARY}, or print it in italics.`
    return [{ file, line, expected: 'a word of the glossary in bold', found: text, next }]
  })
}

function findingsFor({ names, line }: Entry, prose: readonly Placed[]): Finding[] {
  const pattern = new RegExp(`(?<![\\w-])(?:${names.map(patternOf).join('|')})(?![\\w-])`)
  const uses = prose.filter(({ text, kind }) => kind !== 'link' && pattern.test(text))
  const expected = `${names.join(', ')} in bold where a chapter explains it`
  const [first] = uses
  if (!uses.some(({ kind }) => kind === 'bold')) {
    return [{ file: GLOSSARY, line, expected, found: 'none', next: 'Explain it there, or remove the entry.' }]
  }
  if (!first || first.kind === 'bold' || names.some((name) => EVERYDAY.has(name))) return []
  const next = 'Explain it here, in bold, or make it a link to where it is explained.'
  const before = first.text.slice(0, first.text.search(pattern))
  const at = { file: first.file, line: first.line + before.split('\n').length - 1 }
  return [{ ...at, expected: `${expected}, before it is used`, found: 'a use', next }]
}

/** A name that is written in capitals is written so; any other one may begin a sentence, and has a plural. */
function patternOf(name: string): string {
  const word = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s+')
  if (/^[A-Z\d_-]{2}/.test(name)) return `${word}s?`
  const [initial, rest] = [word.slice(0, 1), word.slice(1)]
  const many = rest.endsWith('y') ? `${rest.slice(0, -1)}(?:y|ies)` : `${rest}(?:e?s)?`
  return `[${initial.toUpperCase()}${initial.toLowerCase()}]${many}`
}

import type { Env, Token } from 'markdown-it'
import type { SourceFiles } from '../files.ts'
import type { Problems } from '../problems.ts'
import type { Words } from '../layout/words.ts'

/** A page while it is read: the rules of the parser find here what they need, and leave what they saw. */
export interface Draft {
  readonly file: string
  /** Where the page will stand in the site. */
  readonly out: string
  readonly language: string
  readonly words: Words
  readonly kind: 'chapter' | 'lab' | 'page'
  readonly files: SourceFiles
  readonly problems: Problems
  /** Ids in the page, each with its line. */
  readonly anchors: Map<string, number>
  readonly links: PageLink[]
  /** Files whose text stands in this page: quoted code, and the records of figures. */
  readonly uses: Set<string>
  /** What links lead to: only whether it is there matters. */
  readonly leadsTo: Set<string>
  readonly count: { table: number; code: number; box: number; figure: number }
}

/** A link to another file of the checkout, or within the page. */
export interface PageLink {
  readonly line: number
  /** As written. */
  readonly written: string
  /** The file that it leads to. */
  readonly target: string
  readonly fragment: string | null
}

/** What markdown-it hands to every rule. */
export function draftOf(env: Env | undefined): Draft {
  return (env as { draft: Draft }).draft
}

/** Line of the page where a block begins, counted from 1. */
export function lineOf({ map }: Token): number {
  return (map?.[0] ?? 0) + 1
}

/** Ids are one to a page: a link to a second one would lead to the first. */
export function addAnchor({ anchors, problems, file }: Draft, id: string, line: number): void {
  const first = anchors.get(id)
  if (first === undefined) {
    anchors.set(id, line)
    return
  }
  const found = `#${id} again, after line ${first}`
  const next = 'Rename one of the two, and the links to it.'
  problems.add('E_COURSE_ANCHOR', { file, line, expected: 'each anchor of a page once', found, next })
}

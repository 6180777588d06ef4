import MarkdownIt, { type MarkdownIt as Parser, type Token } from 'markdown-it'
import { slugOf } from '../course/slug.ts'

/** A page as links see it. */
export interface Page {
  readonly links: ReadonlyArray<{ readonly target: string; readonly line: number }>
  /** What may stand behind `#` in a link to the page. */
  readonly fragments: ReadonlySet<string>
}

let parser: Parser | undefined

export function readPage(text: string): Page {
  parser ??= new MarkdownIt({ html: true })
  const tokens = parser.parse(withoutFrontMatter(text), {})
  return { links: tokens.flatMap(linksOf), fragments: new Set([...slugsOf(tokens), ...anchorsOf(text)]) }
}

// --- internal ---

/** Its lines stay, empty, so that the others keep their numbers. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---(?=\n)/, (block) => block.replace(/[^\n]/g, ''))
}

function linksOf({ children, map }: Token): Array<{ target: string; line: number }> {
  let line = (map?.[0] ?? 0) + 1
  return (children ?? []).flatMap((token) => {
    if (token.type === 'softbreak' || token.type === 'hardbreak') line++
    const target = token.attrGet('href') ?? token.attrGet('src')
    return target === null ? [] : [{ target: decodeURI(String(target)), line }]
  })
}

function slugsOf(tokens: readonly Token[]): string[] {
  const counts = new Map<string, number>()
  return tokens.flatMap((token, index) => {
    if (tokens[index - 1]?.type !== 'heading_open') return []
    const slug = slugOf(token.children ?? [])
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    return [count === 0 ? slug : `${slug}-${count}`]
  })
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/<[a-z]+ [^>]*\b(?:id|name)="([^"]+)"/gi)].map((match) => match[1] ?? '')
}

import MarkdownIt, { type MarkdownIt as Parser, type Token } from 'markdown-it'

/** Some words of a page's sentences, as they stand there. */
export interface Words {
  /** With its line ends. */
  readonly text: string
  /** On which it begins. */
  readonly line: number
  readonly kind: 'plain' | 'bold' | 'link'
  /** Whether an item of a list, or a cell of a table, begins with it. */
  readonly leads: boolean
}

let parser: Parser | undefined

/** The sentences of a page in pieces, in their order: no code, no headings and no titles of boxes. */
export function readProse(page: string): Words[] {
  parser ??= new MarkdownIt({ html: true })
  // Its lines stay, empty, so that the others keep their numbers.
  const text = page
    .replace(/^---\n[\s\S]*?\n---(?=\n)/, (block) => block.replace(/[^\n]/g, ''))
    .replace(/^> \[!.*$/gm, '>')
  const tokens = parser.parse(text, {})
  // A cell of a table does not know its line, but its row does.
  let line = 1
  return tokens.flatMap((token, index) => {
    if (token.map) line = token.map[0] + 1
    if (token.type !== 'inline' || tokens[index - 1]?.type === 'heading_open') return []
    const leads = LEADS.test(`${tokens[index - 2]?.type} ${tokens[index - 1]?.type}`)
    return wordsOf(token, line).map((words, at) => ({ ...words, leads: leads && at === 0 }))
  })
}

// --- internal ---

const LEADS = /^list_item_open |(?:td|th)_open$/

function wordsOf({ children }: Token, first: number): Omit<Words, 'leads'>[] {
  const words: Omit<Words, 'leads'>[] = []
  let line = first
  let [bold, link] = [0, 0]
  let text = ''
  const end = (): void => {
    if (text.trim() !== '') words.push({ text, line, kind: link > 0 ? 'link' : bold > 0 ? 'bold' : 'plain' })
    line += text.split('\n').length - 1
    text = ''
  }
  for (const token of children ?? []) {
    if (token.type === 'text' || (token.type === 'code_inline' && bold > 0)) text += token.content
    else if (token.type === 'softbreak' || token.type === 'hardbreak') text += '\n'
    else if (token.type !== 'em_open' && token.type !== 'em_close') {
      end()
      if (token.type.startsWith('strong')) bold += token.nesting
      if (token.type.startsWith('link')) link += token.nesting
    }
  }
  end()
  return words
}

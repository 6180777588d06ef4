import path from 'node:path'
import { wordsIn } from './layout/words.ts'
import type { Page } from './page.ts'
import type { Tree } from './tree.ts'

/** The start page of a language in which nobody has written one: the list of its pages, as Markdown. */
export function contentsText(tree: Tree, pages: ReadonlyMap<string, Page>): string {
  const folder = path.posix.dirname(tree.start.file)
  const item = (file: string): string => {
    const page = pages.get(file)
    const title = (page?.facts.title ?? page?.outline.title ?? file).replace(/([\\`*_[\]<>])/g, '\\$1')
    return `[${title}](${path.posix.relative(folder, file)})`
  }
  const groups = tree.groups.map(({ title, entries }) => {
    const items = entries.flatMap(({ page, children }) => [
      `- ${item(page.file)}`,
      ...children.map((child) => `  - ${item(child.file)}`),
    ])
    return `## ${title}\n\n${items.join('\n')}`
  })
  return `# ${wordsIn(tree.language).site}\n\n${groups.join('\n\n')}\n`
}

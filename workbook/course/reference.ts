import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from './lab.ts'

/** The reference of a lab as one text. Where it is several files, each has its name above it, the entry first. */
export function referenceText(root: string, { id, entry }: Pick<Lab, 'id' | 'entry'>): string {
  const folder = path.join('solutions', id)
  const others = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.ts') && name !== entry)
  const texts = [entry, ...others.toSorted()].map((name) => ({
    name,
    text: readFileSync(path.join(root, folder, name), 'utf8'),
  }))
  if (others.length === 0) return texts[0]?.text ?? ''
  return texts.map(({ name, text }) => `// ${id}/${name}\n\n${text}`).join('\n')
}

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import type { SourceFiles } from './files.ts'
import { readInfo } from './markdown/fences.ts'
import { regionOf } from './regions.ts'
import type { Site } from './site.ts'
import { ALL_ROWS } from './then-and-now.ts'

/**
 * Writes quoted code and the rows of "Then and now" anew, where they differ from their sources.
 *
 * @returns The files that have changed.
 */
export async function sync(site: Site): Promise<string[]> {
  const changed = new Set<string>()
  const write = (file: string, text: string): void => {
    writeFileSync(path.join(site.files.root, file), text)
    site.files.forget(file)
    changed.add(file)
  }
  for (const file of pagesOf(site.files)) {
    const text = site.files.text(file)
    const wanted = withCodeOf(text, (source, region) => {
      return site.files.kind(source) === 'file' ? regionOf(site.files.text(source), region) : null
    })
    if (wanted !== text) write(file, wanted)
  }
  const rows = site.syncedRows()
  if (rows && rows.wanted !== rows.text) write(ALL_ROWS, rows.wanted)
  return [...changed]
}

/**
 * A page with the code of its fences as it is in the files that they name. What cannot be found stays as
 * it is: the build tells of it.
 */
export function withCodeOf(
  text: string,
  regionIn: (file: string, region: string | null) => string | null,
): string {
  const lines = text.split('\n')
  // From the end, so that the places of the others stay.
  for (const { info, map, markup } of new MarkdownIt().parse(text, {}).reverse()) {
    const { file, region } = readInfo(info)
    if (map === null || !markup.startsWith('```') || file === null) continue
    const code = regionIn(file, region)
    if (code === null) continue
    const [start, end] = map
    // A fence in a list or a box has something in front of each line.
    const margin = (lines[start] ?? '').slice(0, (lines[start] ?? '').indexOf(markup))
    const body = code.replace(/\n$/, '').split('\n')
    lines.splice(start + 1, end - start - 2, ...body.map((line) => (margin + line).trimEnd()))
  }
  return lines.join('\n')
}

// --- internal ---

function pagesOf(files: SourceFiles): string[] {
  const below = (folder: string): string[] =>
    files.names(folder).flatMap((name) => {
      const place = `${folder}/${name}`
      if (files.kind(place) === 'folder') return below(place)
      return name.endsWith('.md') ? [place] : []
    })
  return [...below('docs'), ...below('labs')]
}

import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'

/** Made by tools and file managers, and kept by `npm run reset`: no part of the course. */
const NOT_OURS = new Set(['node_modules', '.backup', '.DS_Store'])

/** A file below a folder, or something that is neither file nor folder, such as a link. */
export interface Found {
  /** Relative to the root, with `/`. */
  readonly file: string
  readonly plain: boolean
}

/** Everything below a folder at any depth, by name; links are not followed. Nothing without the folder. */
export function walk(root: string, folder: string): Found[] {
  return entriesOf(path.join(root, folder)).flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(root, file) : [{ file, plain: entry.isFile() }]
  })
}

// --- internal ---

function entriesOf(folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter(({ name }) => !NOT_OURS.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

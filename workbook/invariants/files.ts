import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { readTextFile } from '../course/text-file.ts'

/** Made by tools and file managers, and kept by `npm run reset`: no part of the course. */
const NOT_OURS = new Set(['node_modules', '.backup', '.DS_Store'])

/** What stands directly in a folder, by name; nothing where there is no such folder. */
export function entriesOf(root: string, folder: string): Dirent[] {
  return readFolder(path.join(root, folder))
    .filter(({ name }) => !NOT_OURS.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Files below a folder, at any depth, relative to the root and with `/`. */
export function filesBelow(root: string, folder: string): string[] {
  return entriesOf(root, folder).flatMap((entry) => {
    const inside = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesBelow(root, inside) : [inside]
  })
}

/** The lines of a text file, each with its number, counted from 1. */
export function linesOf(root: string, file: string): Array<{ readonly text: string; readonly line: number }> {
  return readTextFile(root, file)
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
}

// --- internal ---

function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

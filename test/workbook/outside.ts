import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** Programs of others that some tests use: as peers, as a browser, as a terminal. No test fails for want of one. */

declare module 'vitest' {
  interface TaskMeta {
    /** The program without which the test is skipped. */
    needs?: Outside
  }
}

export type Outside = keyof typeof NAMES

/** As they are called; the first one that is found counts. */
const NAMES = {
  Chromium: [process.env['CHROMIUM'] ?? '', 'chromium', 'chromium-browser'],
  curl: ['curl'],
  dig: ['dig'],
  dnsmasq: ['dnsmasq'],
  h2load: ['h2load'],
  nghttp: ['nghttp'],
  nginx: ['nginx'],
  tmux: ['tmux'],
  wrk: ['wrk'],
} as const satisfies Record<string, readonly string[]>

/** Null where it is not installed. */
export function pathOf(program: Outside): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const places = NAMES[program]
    .filter(Boolean)
    .flatMap((name) => folders.map((each) => path.resolve(each, name)))
  return places.find(canRun) ?? null
}

/** Options of a test: it is skipped where the program is not installed, and test/closing-line.ts says so. */
export function needing(program: Outside): { skip: boolean; meta: { needs: Outside } } {
  return { skip: pathOf(program) === null, meta: { needs: program } }
}

// --- internal ---

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

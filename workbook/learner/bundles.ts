import { realpathSync } from 'node:fs'

/** Set by the process that made the bundles (cli/start.mjs, or the Vitest set-up). */
export const HOST_VARIABLE = 'WORKBOOK_HOST'
export const COMPILER_VARIABLE = 'WORKBOOK_COMPILER'

/** Path of the bundled child program, links resolved: the permission model knows only real paths. */
export function hostBundle(): string {
  return pathIn(HOST_VARIABLE)
}

/** Path of the compiler's bundled program. */
export function compilerBundle(): string {
  return pathIn(COMPILER_VARIABLE)
}

// --- internal ---

function pathIn(variable: string): string {
  const file = process.env[variable]
  if (file) return realpathSync(file)
  throw Object.assign(new Error(`${variable} is not set: start through npm run grade, or through Vitest`), {
    code: 'E_NO_HOST',
  })
}

import { realpathSync } from 'node:fs'

/** Set by the process that made the bundle (cli/start.mjs, or the Vitest set-up). */
export const HOST_VARIABLE = 'WORKBOOK_HOST'

/** Path of the bundled child program, links resolved: the permission model knows only real paths. */
export function hostBundle(): string {
  const host = process.env[HOST_VARIABLE]
  if (host) return realpathSync(host)
  throw Object.assign(
    new Error(`${HOST_VARIABLE} is not set: start through npm run grade, or through Vitest`),
    {
      code: 'E_NO_HOST',
    },
  )
}

/**
 * Flags of the learner process. Node has the permission model under different names and reaches, so
 * each flag is looked for, not guessed from the version.
 */

const known = process.allowedNodeEnvironmentFlags

/**
 * @param host - Path of the bundled child program, the only file that the process may read.
 * @param debugPort - Opens the inspector there and lifts the limits, which it cannot live with.
 */
export function learnerFlags(host: string, debugPort: number | null = null): string[] {
  // Modules from memory (host/modules.ts) stand behind this flag in every release from 20 to 26.
  const modules = ['--experimental-vm-modules', '--no-warnings']
  if (debugPort !== null) return [...modules, `--inspect=127.0.0.1:${debugPort}`, host]
  // None of V8's: with one of them Node compiles its own modules anew, a quarter of the start.
  return [...modules, ...permissionFlags(host), host]
}

function permissionFlags(host: string): string[] {
  const model = ['--permission', '--experimental-permission'].find((flag) => known.has(flag))
  if (!model) return []
  const network = known.has('--allow-net') ? ['--allow-net'] : []
  return [model, `--allow-fs-read=${host}`, ...network]
}

/** Which modules a lab may import, and what is said of the others. */

const ALLOWED = [
  'assert',
  'assert/strict',
  'buffer',
  'crypto',
  'dgram',
  'dns',
  'dns/promises',
  'events',
  'net',
  'perf_hooks',
  'stream',
  'stream/promises',
  'timers',
  'timers/promises',
  'url',
  'util',
] as const

export const ALLOWED_MODULES: readonly string[] = ALLOWED.map((name) => `node:${name}`)

const REASONS: Readonly<Record<string, string>> = {
  http: 'you write HTTP yourself, on node:net',
  https: 'you write HTTP yourself, on node:net',
  http2: 'you write HTTP yourself, on node:net',
  child_process: 'the program stays in its own process',
  cluster: 'the program stays in its own process',
  worker_threads: 'the program stays in its own process',
  fs: 'a lab talks to the wire, not to files',
  module: 'imports are written at the top of the file',
  vm: 'imports are written at the top of the file',
  zlib: 'no lab compresses',
}

/** `node:net` or `net` → `node:net`; null when a lab may not import it. */
export function allowedModule(specifier: string): string | null {
  const name = `node:${specifier.replace(/^node:/, '')}`
  return ALLOWED_MODULES.includes(name) ? name : null
}

export function whyForbidden(specifier: string): string {
  const name = specifier.replace(/^node:/, '').split('/')[0] ?? ''
  return REASONS[name] ?? 'a lab imports from labs/ and from the modules listed in labs/kit/README.md'
}

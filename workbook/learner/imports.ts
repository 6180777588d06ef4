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

const ALLOWED_MODULES: readonly string[] = ALLOWED.map((name) => `node:${name}`)

/** Those that a lab may have besides, where its page asks for them. */
const MODULES_ON_REQUEST: readonly string[] = ['node:tls']

const REASONS: Readonly<Record<string, string>> = {
  http: 'you write HTTP yourself, on node:net',
  https: 'you write HTTP yourself, on node:net',
  http2: 'you write HTTP yourself, on node:net',
  child_process: 'the program stays in its own process',
  cluster: 'the program stays in its own process',
  worker_threads: 'the program stays in its own process',
  fs: 'a lab talks to the wire, not to files',
  module: 'imports are written at the top of the file',
  tls: 'only the lab whose page allows it has it',
  vm: 'imports are written at the top of the file',
  zlib: 'no lab compresses',
}

/**
 * `node:net` or `net` → `node:net`; null when a lab may not import it.
 *
 * @param requested - What the lab's page asks for.
 */
export function allowedModule(specifier: string, requested: readonly string[] = []): string | null {
  const name = `node:${specifier.replace(/^node:/, '')}`
  return modulesWith(requested).includes(name) ? name : null
}

/** What every lab may import, and what this one asks for. */
export function modulesWith(requested: readonly string[] = []): readonly string[] {
  return [...ALLOWED_MODULES, ...MODULES_ON_REQUEST.filter((name) => requested.includes(name))]
}

export function whyForbidden(specifier: string): string {
  const name = specifier.replace(/^node:/, '').split('/')[0] ?? ''
  return REASONS[name] ?? 'a lab imports from labs/ and from the modules listed in labs/kit/README.md'
}

/** What a file of the tool imports, types too: `../course/lab.ts`, `vitest/node`. Node's own are left out. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(IMPORT)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .filter((specifier) => !specifier.startsWith('node:'))
}

/** `@scope/name/part` → `@scope/name`; null for a path. */
export function packageOf(specifier: string): string | null {
  if (/^[./]/.test(specifier)) return null
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

// --- internal ---

/** `import … from`, `export … from`, a bare `import`, and `import()` of a text. */
const IMPORT =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s*'([^'\n]+)'|^import\s*'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'\s*\)/gm

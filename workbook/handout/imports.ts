/** What a file of the tool imports, types too: `../course/lab.ts`, `vitest/node`. Node's own are left out. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(IMPORT)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .filter((specifier) => !specifier.startsWith('node:'))
}

/** Files of the tool that are started or read by their paths from the root, and loaders that start them. */
export function namedIn(code: string): { readonly files: string[]; readonly loaders: string[] } {
  const all = (pattern: RegExp): string[] => [...code.matchAll(pattern)].map(([, name = '']) => name)
  return { files: all(/'(workbook\/[\w./-]+\.(?:m?ts|mjs))'/g), loaders: all(/'--import', '([\w@/-]+)'/g) }
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

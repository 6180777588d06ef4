// Reads what a learner must not see: fs by a require of its own.
import { createRequire } from 'node:module'

export function run(): string[] {
  const { readdirSync } = createRequire(import.meta.url)('node:fs') as typeof import('node:fs')
  return readdirSync('/')
}

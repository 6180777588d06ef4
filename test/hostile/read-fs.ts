// Reads what a learner must not see: a static import of fs.
import { readdirSync } from 'node:fs'

export function run(): string[] {
  return readdirSync('/')
}

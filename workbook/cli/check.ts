import type { Command } from './command.ts'

export const check: Command = {
  name: 'check',
  summary: 'types, lint, format, dead code, and what the course demands of itself',
  usage: 'npm run check',
  options: {},
  run: () => Promise.resolve(0),
}

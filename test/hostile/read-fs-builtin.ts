// Reads what a learner must not see: fs by process.getBuiltinModule.
type WithBuiltins = { getBuiltinModule(name: string): typeof import('node:fs') }

export function run(): string[] {
  return (process as unknown as WithBuiltins).getBuiltinModule('node:fs').readdirSync('/')
}

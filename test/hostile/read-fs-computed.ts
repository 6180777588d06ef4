// Reads what a learner must not see: fs by an import that is put together at run time.
export async function run(): Promise<string[]> {
  const name = ['node', 'fs'].join(':')
  const { readdirSync } = (await import(name)) as typeof import('node:fs')
  return readdirSync('/')
}

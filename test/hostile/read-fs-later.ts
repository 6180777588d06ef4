// Reads what a learner must not see: fs by a dynamic import.
export async function run(): Promise<string[]> {
  const { readdirSync } = await import('node:fs')
  return readdirSync('/')
}

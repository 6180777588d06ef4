// Attacks the report: an error whose stack is long, and costly to read.
export function run(): void {
  const error = new Error('boom')
  error.stack = `Error: boom\n${`    at ${' ('.repeat(200_000)}\n`.repeat(3)}`
  throw error
}

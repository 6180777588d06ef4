// Attacks the verdict: ends the process by a signal of its own.
export function run(): void {
  process.abort()
}

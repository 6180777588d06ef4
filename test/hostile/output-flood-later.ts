// Attacks the report: prints without end, a little in each turn of the event loop.
export function run(): void {
  console.log('x'.repeat(10_000))
  setImmediate(run)
}

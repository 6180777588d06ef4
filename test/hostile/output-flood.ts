// Attacks the report and the memory: prints without end, and lets nothing out.
export function run(): void {
  for (;;) console.log('x'.repeat(1000))
}

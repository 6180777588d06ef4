// Attacks the memory outside V8's heap, which no flag of Node limits.
export function run(): void {
  const kept: Buffer[] = []
  for (;;) kept.push(Buffer.alloc(50_000_000, 1))
}

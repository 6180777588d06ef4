// Attacks the memory: objects without end.
export function run(): void {
  const kept: object[] = []
  for (;;) kept.push({ at: kept.length, text: `k${kept.length}` })
}

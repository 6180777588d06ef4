// Attacks the memory outside V8's heap, bit by bit, with the event loop turning.
const kept: Buffer[] = []

export function run(): void {
  kept.push(Buffer.alloc(5_000_000, 1))
  setImmediate(run)
}

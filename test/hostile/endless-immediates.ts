// Attacks the proof of idleness: every turn of the event loop asks for another.
export function run(): void {
  setImmediate(run)
}

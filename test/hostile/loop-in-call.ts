// Attacks the call: a loop that never lets go of the CPU.
export function run(): void {
  for (;;);
}

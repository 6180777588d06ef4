// Attacks the stack.
export function run(depth = 0): number {
  return run(depth + 1) + 1
}

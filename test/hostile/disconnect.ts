// Attacks the line to the grader: hangs up.
export function run(): void {
  process.disconnect()
}

// Runs code made from text, where no import is checked.
export function run(): unknown {
  // oxlint-disable-next-line no-eval -- the attack
  return (0, eval)("import('node:fs')")
}

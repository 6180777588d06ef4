// Runs code made from text, where no import is checked.
export function run(): unknown {
  // oxlint-disable-next-line no-implied-eval -- the attack
  return new Function("return import('node:fs')")()
}

// Attacks every loop of the grader's child program.
// oxlint-disable-next-line no-extend-native -- the attack
Array.prototype[Symbol.iterator] = function* nothing() {} as never

export function run(): string[] {
  return ['done']
}

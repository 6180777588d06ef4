// Attacks every list of the grader's child program.
// oxlint-disable-next-line no-extend-native -- the attack
Array.prototype.push = () => 0

export function run(): string[] {
  return ['done']
}

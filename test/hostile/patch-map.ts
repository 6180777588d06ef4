// Attacks the tables of the grader's child program.
// oxlint-disable-next-line no-extend-native -- the attack
Map.prototype.get = () => undefined

export function run(): string[] {
  return ['done']
}

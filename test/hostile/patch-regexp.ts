// Attacks the search for work in the thread pool.
// oxlint-disable-next-line no-extend-native -- the attack
RegExp.prototype.test = () => false

export function run(): string[] {
  return ['done']
}

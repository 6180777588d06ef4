// Attacks every method that is called by hand.
// oxlint-disable-next-line no-extend-native -- the attack
Function.prototype.call = () => undefined

export function run(): string[] {
  return ['done']
}

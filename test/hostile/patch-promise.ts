// Attacks a reply that never comes.
// oxlint-disable-next-line no-extend-native, unicorn/no-thenable -- the attack
Promise.prototype.then = function never() {
  return new Promise(() => undefined)
} as never

export function run(): string[] {
  return ['done']
}

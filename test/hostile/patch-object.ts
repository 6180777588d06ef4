// Attacks every plain object: setters and values that each of them inherits.
for (const name of ['op', 'id', 'key', 'ok', 're', 'value', 'ended', 'destroyed', 'cause', 'get']) {
  // oxlint-disable-next-line no-extend-native -- the attack
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    get: () => 'forged',
    // oxlint-disable-next-line no-setter-return -- the attack
    set: () => undefined,
  })
}

export function run(): string {
  return 'done'
}

// Attacks every plain object: setters and values that each of them inherits.
for (const name of ['op', 'id', 'key', 'ok', 're', 'value', 'ended', 'destroyed', 'cause', 'get']) {
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    get: () => 'forged',
    set: () => undefined,
  })
}

export function run(): string {
  return 'done'
}

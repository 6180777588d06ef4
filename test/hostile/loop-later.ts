// Attacks the time after the call: it resolves, and the loop begins behind it.
export function run(): string {
  setImmediate(() => {
    for (;;);
  })
  return 'done'
}

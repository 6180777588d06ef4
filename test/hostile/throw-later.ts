// Attacks the check: an error that nobody catches, in a call-back of a timer.
export function run(): void {
  setTimeout(() => {
    throw new Error('boom in a timer')
  }, 10)
}

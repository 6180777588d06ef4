// Attacks the event loop: microtasks that queue microtasks, so no turn ever ends.
export async function run(): Promise<void> {
  // oxlint-disable-next-line typescript/await-thenable, unicorn/no-unnecessary-await -- the attack
  for (;;) await null
}

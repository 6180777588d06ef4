// Attacks the event loop: microtasks that queue microtasks, so no turn ever ends.
export async function run(): Promise<void> {
  for (;;) await null
}

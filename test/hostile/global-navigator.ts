// Holds a lock for the next program in its process to see.
export function run(): unknown {
  const { navigator } = globalThis as unknown as {
    navigator: { locks: { request(name: string, hold: () => unknown): unknown } }
  }
  return navigator.locks.request('held', () => new Promise(() => undefined))
}

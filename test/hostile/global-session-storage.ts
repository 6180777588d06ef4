// Tells the next program in its process that it was there.
export function run(): unknown {
  return (globalThis as unknown as { sessionStorage: () => unknown }).sessionStorage()
}

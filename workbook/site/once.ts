/** What is made when it is first asked for, and then kept. */
export function once<T extends string | object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

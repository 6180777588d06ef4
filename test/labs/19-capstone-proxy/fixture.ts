/** Made beside the learner's program: what has to answer at once. */

interface Address {
  readonly host: string
  readonly port: number
}

/** Every host is there. */
export function always(address: Address): () => Address {
  return () => address
}

/** A table of hosts. */
export function routesOf(table: Readonly<Record<string, Address>>): (host: string) => Address | null {
  const known = new Map(Object.entries(table))
  return (host) => known.get(host) ?? null
}

/** A clock that stands at `start` now, and goes on with virtual time. */
export function clockAt(start: number): () => number {
  const begin = performance.now()
  return () => start + performance.now() - begin
}

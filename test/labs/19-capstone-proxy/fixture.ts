/** Made beside the learner's program: what has to answer at once. */

interface Address {
  readonly host: string
  readonly port: number
}

/** Every host is there. */
export function always(address: Address): () => Address {
  return () => address
}

/** A table of hosts, which counts how often it is asked. */
export function routesOf(table: Readonly<Record<string, Address>>): Routes {
  const known = new Map(Object.entries(table))
  const routes = (host: string): Address | null => {
    timesAsked.set(routes, (timesAsked.get(routes) ?? 0) + 1)
    return known.get(host) ?? null
  }
  return routes
}

type Routes = (host: string) => Address | null

const timesAsked = new WeakMap<Routes, number>()

export function timesOf(routes: Routes): number {
  return timesAsked.get(routes) ?? 0
}

/** A clock that stands at `start` now, and goes on with virtual time. */
export function clockAt(start: number): () => number {
  const begin = performance.now()
  return () => start + performance.now() - begin
}

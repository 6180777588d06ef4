/** npm's lockfile, version 3: where each package stands in node_modules → what it is and needs. */
export interface Lock {
  readonly packages?: Readonly<Record<string, Locked>>
  readonly [field: string]: unknown
}

type Names = Readonly<Record<string, string>>

interface Locked {
  readonly version?: string
  readonly dependencies?: Names
  readonly optionalDependencies?: Names
  readonly peerDependencies?: Names
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly peer?: boolean
  readonly [field: string]: unknown
}

/**
 * The same lockfile for fewer dependencies: what they need stands where it stood, everything else is gone.
 * `npm ci` takes it as its own.
 *
 * @param root - The entry of the project itself, with `dependencies`.
 */
export function prune(lock: Lock, root: Locked & { readonly name: string; readonly version: string }): Lock {
  const all = { ...lock.packages, '': root }
  const every = reach(all, () => true)
  const firm = reach(all, (edge) => edge !== 'optional')
  const own = reach(all, (edge) => edge !== 'peer')
  const kept = Object.entries(all).filter(([place]) => every.has(place))
  const packages = kept.map(([place, locked]) => {
    if (place === '') return [place, root] as const
    const { dev: _dev, optional: _optional, devOptional: _devOptional, peer: _peer, ...facts } = locked
    const flags = { ...(!firm.has(place) && { optional: true }), ...(!own.has(place) && { peer: true }) }
    return [place, { ...facts, ...flags }] as const
  })
  return { ...lock, packages: Object.fromEntries(packages.sort(rootFirst)) }
}

/** Whether a direct dependency has its place in the lockfile. */
export function isUsed({ packages = {} }: Lock, name: string): boolean {
  return Object.hasOwn(packages, `node_modules/${name}`)
}

// --- internal ---

type Edge = 'plain' | 'optional' | 'peer'

/** Places that are reached from the root over edges of the wanted kinds. */
function reach(all: Readonly<Record<string, Locked>>, wanted: (edge: Edge) => boolean): Set<string> {
  const reached = new Set<string>()
  const waiting = ['']
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (reached.has(place)) continue
    reached.add(place)
    for (const [name, edge] of edgesOf(all[place] ?? {})) {
      const found = wanted(edge) ? resolve(all, place, name) : null
      if (found !== null) waiting.push(found)
    }
  }
  return reached
}

function edgesOf(locked: Locked): Array<readonly [name: string, edge: Edge]> {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta } = locked
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional)
  return [
    ...Object.keys(dependencies).map((name) => [name, 'plain'] as const),
    ...Object.keys(optionalDependencies).map((name) => [name, 'optional'] as const),
    ...peers.map((name) => [name, 'peer'] as const),
  ]
}

/** As Node looks for a package: in the folder's own node_modules, then in each one above. */
function resolve(all: Readonly<Record<string, Locked>>, from: string, name: string): string | null {
  for (let place = from; ;) {
    const candidate = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`
    if (Object.hasOwn(all, candidate)) return candidate
    if (place === '') return null
    const above = place.lastIndexOf('/node_modules/')
    place = above === -1 ? '' : place.slice(0, above)
  }
}

function rootFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

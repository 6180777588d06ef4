/** Clocks, dice and a line that stand beside the program, in its process. */

/** The same clock, which shows this time now. */
export function startingAt(clock: () => number, at: number): () => number {
  const start = clock()
  return () => clock() - start + at
}

const values = new WeakMap<object, { value: number }>()

export function dice(first: number): () => number {
  const held = { value: first }
  const random = (): number => held.value
  values.set(random, held)
  return random
}

export function setDice(random: object, value: number): void {
  const held = values.get(random)
  if (held) held.value = value
}

interface LeaseOf {
  begin(): Promise<unknown>
  release(): Promise<void>
}

/** How calls have rejected so far, by whom they were made for. */
const codes = new WeakMap<object, Array<string | null>>()

function note(of: object, call: Promise<unknown>): void {
  const all = codes.get(of) ?? []
  const index = all.push(null) - 1
  codes.set(of, all)
  call.catch(
    (error: { readonly code?: string }) => void (all[index] = error.code ?? 'an error without a code'),
  )
}

export function codesOf(of: object): ReadonlyArray<string | null> {
  return codes.get(of) ?? []
}

export function codeOf(of: object): string | null {
  return codesOf(of)[0] ?? null
}

const leases = new WeakMap<object, LeaseOf>()

/** A listener that tells it on, and begins anew when the address is lost. */
export function beginsAtLoss(tell: (held: unknown) => void): (held: unknown) => void {
  const hear = (held: unknown): void => {
    tell(held)
    const lease = leases.get(hear)
    if (held === null && lease) note(hear, lease.begin())
  }
  return hear
}

export function listensFor(listener: object, lease: LeaseOf): void {
  leases.set(listener, lease)
}

/** All three in one turn. */
export function beginsReleasesBegins(lease: LeaseOf): void {
  note(lease, lease.begin())
  void lease.release()
  note(lease, lease.begin())
}

/** What carries packets: what was sent, and who hears. */
interface Line {
  readonly sent: Uint8Array[]
  readonly hearers: Set<(packet: Uint8Array) => void>
}

const lines = new WeakMap<object, Line>()

export function line(): (packet: Uint8Array) => void {
  const own: Line = { sent: [], hearers: new Set() }
  const send = (packet: Uint8Array): void => void own.sent.push(Uint8Array.from(packet))
  lines.set(send, own)
  return send
}

export function listenOn(send: object): (hear: (packet: Uint8Array) => void) => () => void {
  const { hearers = new Set() } = lines.get(send) ?? {}
  return (hear) => {
    const own = (packet: Uint8Array): void => hear(packet)
    hearers.add(own)
    return () => void hearers.delete(own)
  }
}

export function sentOn(send: object): Uint8Array[] {
  return lines.get(send)?.sent ?? []
}

export function hearersOf(send: object): number {
  return lines.get(send)?.hearers.size ?? 0
}

export function deliver(send: object, packets: readonly Uint8Array[]): void {
  for (const packet of packets) for (const hear of lines.get(send)?.hearers ?? []) hear(packet)
}

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

/** The timeline of one request and its answer, worked out: nothing is played here. */

export interface Row {
  readonly writes: readonly number[]
  readonly answer: number
  readonly mss: number
  readonly rttMs: number
  readonly delayMs: number
  readonly thinkMs: number
  readonly noDelay?: boolean
}

export interface Leaves {
  readonly at: number
  readonly from: 'client' | 'server'
  readonly bytes: number
  readonly acks: number
}

export function timelineOf(row: Row): Leaves[] {
  const { at, held } = row.noDelay ? { at: atOnceWithout(row), held: 0 } : atOnceWith(row)
  const halfMs = row.rttMs / 2
  const { acks, owed } = acksOf(at, row.mss)
  const first = [...at.map((bytes) => client(0, bytes)), ...acks.map((each) => server(halfMs, 0, each))]
  if (held === 0) return [...first, ...answerOf(row, halfMs, owed)]
  // The rest waits for the ACK of everything, which is late where something is owed.
  const ackMs = halfMs + (owed > 0 ? row.delayMs : 0)
  const late = owed > 0 ? [server(ackMs, 0, owed)] : []
  return [...first, ...late, client(ackMs + halfMs, held), ...answerOf(row, ackMs + row.rttMs, held)]
}

/** Whether a small rest waits: the stall, as long as a delayed ACK is what it waits for. */
export function isHeldBack(row: Row): boolean {
  return !row.noDelay && atOnceWith(row).held > 0
}

// --- internal ---

const client = (at: number, bytes: number): Leaves => ({ at, from: 'client', bytes, acks: 0 })
const server = (at: number, bytes: number, acks: number): Leaves => ({ at, from: 'server', bytes, acks })

/** What leaves at once without Nagle's algorithm: each write, cut. */
function atOnceWithout({ writes, mss }: Row): number[] {
  return writes.flatMap((bytes) => cut(bytes, mss))
}

/** With it: a first small write, and then only what fills segments. */
function atOnceWith({ writes, mss }: Row): { at: number[]; held: number } {
  const [first = 0] = writes
  const total = writes.reduce((sum, bytes) => sum + bytes, 0)
  const small = first < mss ? [first] : []
  const left = total - (small[0] ?? 0)
  const full = Array.from({ length: Math.floor(left / mss) }, () => mss)
  return { at: [...small, ...full], held: left % mss }
}

function cut(bytes: number, mss: number): number[] {
  const full = Array.from({ length: Math.floor(bytes / mss) }, () => mss)
  return bytes % mss > 0 ? [...full, bytes % mss] : full
}

/** What is acknowledged at once when these arrive together, and what is owed then. */
function acksOf(sizes: readonly number[], mss: number): { acks: number[]; owed: number } {
  const acks: number[] = []
  let owed = 0
  for (const bytes of sizes) {
    owed += bytes
    if (owed < 2 * mss) continue
    acks.push(owed)
    owed = 0
  }
  return { acks, owed }
}

/** The request is whole at this moment, and what is owed has come at this moment, too. */
function answerOf({ answer, delayMs, thinkMs }: Row, at: number, owed: number): Leaves[] {
  const isLate = owed > 0 && thinkMs > delayMs
  const alone = isLate ? [server(at + delayMs, 0, owed)] : []
  return [...alone, server(at + thinkMs, answer, isLate ? 0 : owed)]
}

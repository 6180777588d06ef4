import type { KernelSocket, KernelState } from '../learner/kernel.ts'
import type { Calm } from '../learner/messages.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'
import { convict } from './conviction.ts'
import type { Session } from './session.ts'

/**
 * The kernel is the witness: what a check passes on is not the program's word alone. The ledger of its process makes the
 * grader wait, or fails the program; before it lets a program pass, the kernel has to say the same. On other systems
 * than Linux the ledger stands alone.
 */

/** Bytes that passed through the program. */
export interface Passed {
  /** Taken from the kernel. */
  readonly taken: number
  /** Given to it. */
  readonly left: number
}

const CAN_SEND: readonly KernelState[] = ['open', 'FIN read']

/**
 * Looks until ledger and kernel agree: an acknowledgement may take the 40 ms of a delayed ACK. A millisecond apart, so
 * no program is idle for as long and at odds with the kernel.
 */
const LOOKS = 100

/** The program is idle, and holds no socket that its ledger does not show. */
export async function confirmOpen(session: Session): Promise<void> {
  for (let looks = 0; ; looks++) {
    const hidden = hiddenFrom(await session.idle(), session)
    if (hidden === null) return
    if (looks === LOOKS) convict('forbidden', 'a program that stays in the lab', `the system shows ${hidden}`)
    await lookAgain(session)
  }
}

/** TCP sockets that the program has left open, where its ledger shows none. */
export async function leftOpen(session: Session): Promise<string[]> {
  const left = (): KernelSocket[] =>
    (session.process.witness?.held ? session.process.witness.sockets() : []).filter(isOpen)
  for (let looks = 0; left().length > 0 && looks < LOOKS; looks++) await lookAgain(session)
  return left().map(told)
}

/** Ports on which the program listens: those that it says, and those that the kernel says. */
export function listeningOf({ listening }: Calm, { process: { witness } }: Session): readonly number[] {
  if (!witness || witness.held <= listening.length) return listening
  const seen = witness.sockets().filter(({ state }) => state === 'listening')
  return [...listening, ...seen.map(({ local }) => local)]
}

/** Sockets of the program's that can still send: at least as many as the kernel says. */
export async function openSocketsOf(session: Session): Promise<number> {
  for (let looks = 0; ; looks++) {
    const { sockets } = await session.idle()
    const shown = sockets.filter((row) => !row.finished && !row.destroyed).length
    const seen =
      session.process.witness?.sockets().filter(({ state }) => CAN_SEND.includes(state)).length ?? 0
    if (seen <= shown || looks === LOOKS) return Math.max(seen, shown)
    await lookAgain(session)
  }
}

/**
 * What has passed between the program and the grader: the program's word, within what the kernel lets it say. The table
 * of the kernel is read line by line while bytes go from one queue to another, so it looks until the two agree.
 */
export async function passedThrough(session: Session): Promise<Passed> {
  for (let looks = 0; ; looks++) {
    const rows = rowsOf(await session.idle(), session)
    const agree = rows.every(
      ({ isGone, said, seen }) => isGone || (said.taken === seen.taken && said.left === seen.left),
    )
    if (agree || looks === LOOKS) return sumOf(rows.map(({ seen }) => seen))
    await lookAgain(session)
  }
}

// --- internal ---

const NOBODY = { sockets: [], peers: [] }

interface Heard {
  /** The kernel knows it no longer as the program's. */
  readonly isGone: boolean
  readonly said: Passed
  readonly seen: Passed
}

/** For each connection to the grader, what the program says and what the kernel makes of it. */
function rowsOf({ sockets }: Calm, { ends, process }: Session): Heard[] {
  const ports = new Set(ends.map(({ localPort }) => localPort))
  const { sockets: theirs, peers: ours } = process.witness?.socketsAndPeers(ports) ?? NOBODY
  return sockets.flatMap((row) => {
    const [end, other] = ends.filter((each) => each.remotePort === row.local && each.localPort === row.remote)
    if (!end) return []
    const said = { taken: row.read, left: row.written - row.queued }
    // Two of them between the same ports of other addresses: nobody can tell which is which.
    const isGone = row.destroyed
    if (other || !process.witness) return [{ isGone, said, seen: said }]
    const at = [find(theirs, row.local, row.remote), find(ours, row.remote, row.local)] as const
    return [{ isGone, said, seen: withinBounds(said, end, ...at) }]
  })
}

function sumOf(all: readonly Passed[]): Passed {
  return {
    taken: all.reduce((sum, { taken }) => sum + taken, 0),
    left: all.reduce((sum, { left }) => sum + left, 0),
  }
}

async function lookAgain(session: Session): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1))
  await session.idle()
}

/** A count is enough in every honest case; the kernel's table is long, and read where that does not do. */
function hiddenFrom(
  { sockets, listening, datagrams }: Calm,
  { process: { witness } }: Session,
): string | null {
  const alive = sockets.filter((row) => !row.destroyed)
  const shown = alive.length + listening.length + datagrams.filter(({ open }) => open).length
  if (!witness || witness.held <= shown) return null
  const keys = new Set(alive.map(({ local, remote }) => `${local}-${remote}`))
  const hidden = witness.sockets().find(({ local, remote, state }) => {
    return state === 'listening' ? !listening.includes(local) : !keys.has(`${local}-${remote}`)
  })
  return hidden
    ? `${told(hidden)}, which it does not show`
    : `${witness.held} sockets, of which it shows ${shown}`
}

function isOpen({ state }: KernelSocket): boolean {
  return state !== 'over'
}

function told({ local, remote, state }: KernelSocket): string {
  return state === 'listening' ? `a server on port ${local}` : `a socket from port ${local} to port ${remote}`
}

/** A byte that is not acknowledged yet may lie in both queues; a FIN counts as a byte in each. */
function withinBounds(
  { taken, left }: Passed,
  end: TcpEnd,
  theirs?: KernelSocket,
  ours?: KernelSocket,
): Passed {
  const arrived = end.receivedLength + (ours?.unread ?? 0)
  const leastTaken = theirs ? end.given - (ours?.unacknowledged ?? 0) - theirs.unread : 0
  const mostTaken = end.given - Math.max(0, (theirs?.unread ?? 0) - 1)
  return {
    taken: clamp(taken, leastTaken, mostTaken),
    left: clamp(left, theirs ? arrived - 1 : 0, arrived + (theirs?.unacknowledged ?? 0)),
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function find(sockets: readonly KernelSocket[], local: number, remote: number): KernelSocket | undefined {
  return sockets.find((each) => each.local === local && each.remote === remote && each.state !== 'listening')
}

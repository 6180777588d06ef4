import type { KernelSocket, KernelState } from '../learner/kernel.ts'
import type { Calm, SocketRow } from '../learner/messages.ts'
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

/** What has passed between the program and the grader: the program's word, within what the kernel lets it say. */
export async function passedThrough(session: Session): Promise<Passed> {
  const { sockets } = await session.idle()
  const ports = new Set(session.ends.map(({ localPort }) => localPort))
  const { sockets: theirs, peers: ours } = session.process.witness?.socketsAndPeers(ports) ?? NOBODY
  const passed = sockets.flatMap((row) => {
    const [end, other] = session.ends.filter(
      (each) => each.remotePort === row.local && each.localPort === row.remote,
    )
    if (!end) return []
    // Two of them between the same ports of other addresses: nobody can tell which is which.
    if (other || !session.process.witness) return [said(row)]
    return [withinBounds(row, end, find(theirs, row.local, row.remote), find(ours, row.remote, row.local))]
  })
  return {
    taken: passed.reduce((sum, { taken }) => sum + taken, 0),
    left: passed.reduce((sum, { left }) => sum + left, 0),
  }
}

// --- internal ---

const NOBODY = { sockets: [], peers: [] }

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

function said(row: SocketRow): Passed {
  return { taken: row.read, left: row.written - row.queued }
}

/** A byte that is not acknowledged yet may lie in both queues; a FIN counts as a byte in each. */
function withinBounds(row: SocketRow, end: TcpEnd, theirs?: KernelSocket, ours?: KernelSocket): Passed {
  const { taken, left } = said(row)
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

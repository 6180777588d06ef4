import type { Calm, DatagramRow, SocketRow } from '../learner/messages.ts'
import type { DatagramEnd } from '../wire/datagram-end.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'

/**
 * The proof of idleness compares two ledgers of every connection, the learner's and the grader's.
 * When they agree to the byte nothing is in flight; when the learner's event loop is calm as well,
 * nothing more can come. Silence is then a fact, found in milliseconds.
 */

/** The grader's side of the comparison. */
export interface GraderSide {
  readonly ends: readonly TcpEnd[]
  readonly datagrams: readonly DatagramEnd[]
  /** Ports on which the grader listens. */
  readonly ports: Pick<ReadonlyMap<number, string>, 'has'>
}

/** Whether both ledgers agree, so that not a byte, FIN or RST is under way. */
export function ledgersAgree(calm: Calm, grader: GraderSide): boolean {
  const ends = new Map(grader.ends.map((end) => [`${end.remotePort}-${end.localPort}`, end]))
  // A pair of ports may be used again: the newest row and the newest end belong together.
  const rows = new Map(calm.sockets.map((row) => [`${row.local}-${row.remote}`, row]))
  return (
    [...rows.values()].every((row) => {
      const end = ends.get(`${row.local}-${row.remote}`)
      if (end) return sameStream(row, end)
      // Without ports it would be its own twin, and what it is to write when it is connected is under way nowhere.
      if (row.connecting) return true
      const twin = rows.get(`${row.remote}-${row.local}`)
      if (twin) return sameInside(row, twin)
      return row.destroyed || !isAwaited(row, calm, grader)
    }) &&
    grader.ends.every((end) => isOver(end) || rows.has(`${end.remotePort}-${end.localPort}`)) &&
    datagramsAgree(calm.datagrams, grader.datagrams)
  )
}

/** The ends that may still see something: not over, or with a living socket of the learner's at the other side. */
export function stillThere(ends: readonly TcpEnd[], { sockets }: Calm): TcpEnd[] {
  const living = sockets.filter(({ destroyed }) => !destroyed)
  const alive = new Set(living.map(({ local, remote }) => `${local}-${remote}`))
  return ends.filter((end) => !isOver(end) || alive.has(`${end.remotePort}-${end.localPort}`))
}

/** Connections whose grader's end takes nothing: the learner may wait on them for ever. */
export function stalledTuples(ends: readonly TcpEnd[]): string[] {
  return ends.filter((end) => !end.reading).map((end) => `${end.remotePort}-${end.localPort}`)
}

// --- internal ---

const LOOPBACK = '127.0.0.1'

function sameStream(row: SocketRow, end: TcpEnd): boolean {
  return fromLearner(row, end) && toLearner(row, end)
}

function fromLearner(row: SocketRow, end: TcpEnd): boolean {
  // An end that does not read sees neither bytes nor FIN; one that is over has nothing to see.
  if (!end.reading || end.destroyed) return true
  if (row.destroyed || row.finished) return end.ended !== 'open'
  return row.written === end.receivedLength
}

function toLearner(row: SocketRow, end: TcpEnd): boolean {
  if (row.destroyed) return true
  // A program that has stopped reading leaves bytes, FIN and RST in the kernel.
  if (!row.reading && !row.ended) return true
  // Node may tell a reset as a clean end, and the socket then lives on.
  if (end.resetSent) return row.ended
  if (end.queued > 0 || end.sentLength !== row.read) return false
  return !end.finSent || row.ended
}

/** Both ends in the learner's own process. */
function sameInside(row: SocketRow, twin: SocketRow): boolean {
  if (twin.destroyed || !twin.reading) return true
  if (row.destroyed || row.finished) return twin.ended
  return row.written === twin.read
}

/** Connected, and the other side has not accepted yet. */
function isAwaited(row: SocketRow, calm: Calm, { ports }: GraderSide): boolean {
  return ports.has(row.remote) || calm.listening.includes(row.remote)
}

/** The learner has ended it, or the grader has torn it down. */
function isOver(end: TcpEnd): boolean {
  return end.ended !== 'open' || end.destroyed || end.resetSent
}

function datagramsAgree(rows: readonly DatagramRow[], ends: readonly DatagramEnd[]): boolean {
  return ends.every((end) => rows.every((row) => sameDatagrams(row, end)))
}

function sameDatagrams(row: DatagramRow, end: DatagramEnd): boolean {
  const from = `${end.host} ${end.port}`
  const arrived = row.received[from] ?? 0
  // To a port that is closed they are lost. The next socket there is not to wait for them.
  if (!row.open) end.lose(row.local, arrived)
  // A program sends to 127.0.0.1 alone, whatever address it names.
  const sent = end.host === LOOPBACK ? (row.sent[end.port] ?? 0) : 0
  const isHeard = row.only === null || row.only === from
  return sent === (end.received[row.local] ?? 0) && (!isHeard || (end.sent[row.local] ?? 0) === arrived)
}

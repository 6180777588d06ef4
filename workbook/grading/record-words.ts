import type { Act } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import { connectionsByLane } from '../wire/ladder-lanes.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'
import type { Transcript } from '../wire/transcript.ts'

/** The grader's side of the connections, as far as it is known when the program has acted. */
export interface KnownEnds {
  readonly ends: readonly TcpEnd[]
  /** Ports on which the grader listens, with the lane of who connects there. */
  readonly ports: ReadonlyMap<number, string>
  readonly transcript: Transcript
}

/** Puts on the record what the program says, and what it does where no end of ours can see it. */
export function recordWords(process: LearnerProcess, known: KnownEnds): void {
  const { transcript } = known
  process.on('lookup', (host, answer) => transcript.add({ kind: 'lookup', host, answer }))
  process.on('act', (act) => transcript.add({ kind: 'note', from: 'you', text: actInWords(act, known) }))
  process.on('printed', (stream, printed) => {
    for (const text of printed.replace(/\n$/, '').split('\n'))
      transcript.add({ kind: 'printed', stream, text })
  })
}

// --- internal ---

/** A row of the ladder for what the program did and the wire does not show. */
function actInWords(act: Act, known: KnownEnds): string {
  if (act.event === 'refused') return `connect to ${act.host} port ${act.port} is refused`
  const which = nameOf(act.local, act.remote, known)
  if (act.did === 'wrote-after-end') return `write() after end() to ${which}: nothing is sent`
  const lost = act.queued > 0 ? `, with ${act.queued} bytes unsent` : ''
  return `destroyed before end(): the connection to ${which}${lost}`
}

/** By the name and number that the ladder gives it; one that the grader has not accepted yet has no number. */
function nameOf(local: number, remote: number, { ends, ports, transcript }: KnownEnds): string {
  const end = ends.find((each) => each.remotePort === local && each.localPort === remote)
  if (!end) return ports.get(remote) ?? `port ${remote}`
  const own = connectionsByLane(transcript.events).get(end.lane) ?? []
  return own.length > 1 ? `${end.lane} #${own.indexOf(end.connection) + 1}` : end.lane
}

import { isDeepStrictEqual } from 'node:util'
import { inspect } from 'node:util'
import { asBytes, explainDifference, firstDifference } from '../wire/bytes.ts'
import { DatagramEnd } from '../wire/datagram-end.ts'
import { DatagramPath } from '../wire/datagram-path.ts'
import { DescribedTranscript } from '../wire/described-transcript.ts'
import { Path } from '../wire/round-trips.ts'
import { holdLocalPorts } from '../wire/local-ports.ts'
import { holdPort } from '../wire/refused-port.ts'
import { QUEUE_FULL, type EndOptions, type TcpEnd } from '../wire/tcp-end.ts'
import { TcpListener } from '../wire/tcp-listener.ts'
import type {
  Check,
  Connection,
  ConnectOptions,
  DatagramOptions,
  DatagramPath as GradedPath,
  DatagramPathOptions,
  DatagramPeer,
  Link,
  LinkOptions,
  Listener,
  ListenOptions,
} from './check.ts'
import { explainValues } from './explain-values.ts'
import { GradedConnection } from './connection.ts'
import { connectOrGiveUp } from './connect.ts'
import { Conviction, convict } from './conviction.ts'
import { GradedLearner } from './learner.ts'
import type { Random } from './random.ts'
import { Remote } from './remote.ts'
import type { Session } from './session.ts'
import { Waits } from './waits.ts'
import { listeningOf } from './witness.ts'

/**
 * Puts together what one check may use.
 *
 * @param remote - The session's, where it has one already: numbers of call-backs mean one thing in a session.
 */
export function createCheck(session: Session, random: Random, remote = new Remote(session)): Check {
  const waits = new Waits(session, remote)
  const learner = new GradedLearner(session, remote)
  return {
    learner,
    random,
    listen: (options) => listen(waits, learner, options),
    connect: (port, options) => connect(waits, port, options),
    refused: (port) => refused(waits, port),
    localPorts: (count) => localPorts(waits, count),
    link: (options) => link(waits, learner, options),
    datagrams: (options) => datagrams(waits, learner, options),
    datagramPath: (to, options) => datagramPath(waits, learner, random, to, options),
    step: (sentence) => session.step(sentence),
    expect: (holds, expected, saw) => void (holds || convict('failed', expected, saw)),
    expectEqual,
    expectBytes,
    fail: (expected, saw, detail = []) => convict('failed', expected, saw, { detail }),
    blame,
    observe: (prediction, choice, why) => session.observe(prediction, choice, why),
    measure(sentence) {
      session.step(sentence)
      session.measured.push(sentence)
    },
  }
}

// --- internal ---

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  convict('failed', `${what}: ${show(expected)}`, show(actual), { detail: explainValues(actual, expected) })
}

function expectBytes(actual: Uint8Array | string, expected: Uint8Array | string, what: string): void {
  const [seen, wanted] = [asBytes(actual), asBytes(expected)]
  if (seen.equals(wanted)) return
  const saw =
    seen.length === 0
      ? 'no byte'
      : `${seen.length} bytes that differ from byte ${firstDifference(seen, wanted) + 1} on`
  convict('failed', `${what}: ${wanted.length} bytes`, saw, { detail: explainDifference(seen, wanted) })
}

/** The innermost one that says whose promise it is, is right. */
async function blame<T>(requirement: string, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (!(error instanceof Conviction) || error.finding.blames) throw error
    throw new Conviction({ ...error.finding, blames: requirement })
  }
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : inspect(value, { depth: 4, breakLength: 100, compact: true })
}

function endOptions({ session }: Waits, lane: string, paused: boolean): EndOptions {
  return { lane, transcript: session.transcript, onActivity: session.changed, paused }
}

async function openListener(
  waits: Waits,
  options: EndOptions,
  onEnd: (end: TcpEnd) => void,
): Promise<TcpListener> {
  const { session } = waits
  const listener = await TcpListener.open(options, (end) => {
    adopt(session, end)
    onEnd(end)
  })
  session.ports.set(listener.port, options.lane)
  session.onClose(() => listener.close())
  return listener
}

function adopt(session: Session, end: TcpEnd): void {
  session.ends.push(end)
  session.onClose(() => end.destroy())
}

async function listen(
  waits: Waits,
  learner: GradedLearner,
  { name = 'server', paused = false }: ListenOptions = {},
): Promise<Listener> {
  const listener = await openListener(waits, endOptions(waits, name, paused), () => undefined)
  let taken = 0
  const graded: Listener = {
    port: listener.port,
    get accepted() {
      return listener.ends.length
    },
    async connection({ as = 'a connection from you' } = {}) {
      await waits.need(
        () => listener.ends.length > taken,
        () => as,
        () => 'none: your program is idle',
      )
      const end = listener.ends[taken++] as TcpEnd
      waits.session.steps.push(`you connected to the ${name}`)
      return new GradedConnection(end, waits)
    },
    async noFurtherConnection() {
      await waits.session.idle()
      const further = listener.ends.length - taken
      if (further > 0) convict('failed', 'no further connection from you', `${further} more`)
    },
  }
  learner.permit('127.0.0.1', listener.port, graded)
  return graded
}

async function connect(
  waits: Waits,
  port: number,
  { name = 'client', paused = false, ...way }: ConnectOptions = {},
): Promise<Connection> {
  const options = endOptions(waits, name, paused)
  const end = await connectOrGiveUp(waits.session, port, options, way).catch(
    ({ code, message }: NodeJS.ErrnoException) =>
      convict(
        'failed',
        `a connection to your server on port ${port}`,
        code === QUEUE_FULL
          ? 'none: your program is idle and accepts none, and its queue is full'
          : (code ?? message),
      ),
  )
  adopt(waits.session, end)
  return new GradedConnection(end, waits)
}

async function refused(waits: Waits, port: number): Promise<void> {
  const listening = listeningOf(await waits.session.idle(), waits.session)
  const held = listening.includes(port) ? null : holdPort(port)
  // Whoever was given the port since is left alone.
  if (!held && !listening.includes(port)) return waits.session.step('your server listens no more')
  const expected = `no further connection on port ${port}: your server is closing`
  try {
    adopt(waits.session, await connectOrGiveUp(waits.session, port, endOptions(waits, 'latecomer', false)))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === QUEUE_FULL) convict('failed', expected, 'it goes on listening, and accepts nobody')
    if (code !== 'ECONNREFUSED') convict('failed', expected, code ?? message)
    return waits.session.step('a latecomer is refused: nothing listens any more')
  } finally {
    held?.release()
  }
  convict('failed', expected, 'it goes on listening: a latecomer is connected')
}

function localPorts({ session }: Waits, count: number): readonly number[] {
  const { ports, release } = holdLocalPorts(count)
  session.onClose(release)
  return ports
}

async function link(waits: Waits, learner: GradedLearner, options: LinkOptions): Promise<Link> {
  const { initialWindow = 10, segmentSize = 1460, name = 'origin', idleRestart, ...rest } = options
  const restart = idleRestart && { ...idleRestart, now: () => waits.session.now }
  const path = new Path({ ...rest, initialWindow, segmentSize, ...(restart && { idleRestart: restart }) })
  const listener = await openListener(waits, endOptions(waits, name, false), (end) => path.accept(end))
  waits.session.movers.push(() => path.step())
  const graded: Link = {
    port: listener.port,
    get roundTrips() {
      return path.roundTrips
    },
    get connections() {
      return path.connections
    },
    get mostOpen() {
      return path.mostOpen
    },
    get flights() {
      return path.flights
    },
  }
  learner.permit('127.0.0.1', listener.port, graded)
  return graded
}

async function datagramPath(
  waits: Waits,
  learner: GradedLearner,
  random: Random,
  to: number,
  { name = 'path', ...options }: DatagramPathOptions,
): Promise<GradedPath> {
  const { session } = waits
  const { transcript, changed: onActivity } = session
  const path = await DatagramPath.open({ ...options, to, lane: name, transcript, onActivity, dice: random })
  for (const end of [path.near, path.far]) permitDatagrams(session, learner, end)
  session.movers.push(() => path.step())
  return { port: path.near.port, counts: path.counts }
}

function permitDatagrams(session: Session, learner: GradedLearner, end: DatagramEnd): void {
  session.datagrams.push(end)
  session.onClose(() => end.close())
  if (end.host === '127.0.0.1') learner.permit(end.host, end.port, { port: end.port } as Listener)
}

async function datagrams(
  waits: Waits,
  learner: GradedLearner,
  { name = 'peer', describe, ...place }: DatagramOptions = {},
): Promise<DatagramPeer> {
  const { session } = waits
  const transcript = describe ? new DescribedTranscript(session.transcript, describe) : session.transcript
  const end = await DatagramEnd.open(name, transcript, session.changed, place)
  permitDatagrams(session, learner, end)
  return {
    port: end.port,
    unread: end.unread,
    takeAll: () => end.unread.splice(0),
    async receive() {
      await waits.need(
        () => end.unread.length > 0,
        () => 'a datagram from you',
        () => 'none: your program is idle',
      )
      return end.unread.shift() as { bytes: Buffer; port: number }
    },
    send: (bytes, port) => end.send(Buffer.from(bytes as string), port),
    async silent() {
      await session.idle()
      if (end.unread.length > 0) convict('failed', 'no datagram from you', `${end.unread.length} more`)
    },
  }
}

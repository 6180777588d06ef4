import { platform } from 'node:process'
import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'

/** Conversations about `connectFrom`: three local ports, one on which somebody listens, and two servers. */

/** Where it connects, and from which ports: 0 to 2 are free at first, 3 is the one of a server. */
interface Step {
  readonly to: number
  readonly from: readonly number[]
  /** The server refuses. */
  readonly refuses?: true
  /** Before it tries, the server resets its connection from this port, which is then free for it. */
  readonly freed?: number
}

/** Elsewhere a bound port leads to one destination alone. */
export const SERVERS = platform === 'linux' ? 2 : 1

const ALL = [0, 1, 2]

const HOST = ['192.0.2.40', '192.0.2.41', '192.0.2.42']

const SCRIPTS = {
  R14: {
    'the fourth to the same server, and one to another': [
      ...Array.from({ length: 4 }, () => ({ to: 0, from: ALL })),
      { to: 1, from: ALL },
    ],
    'three to each of two servers, in turns': [0, 1, 0, 1, 0, 1, 0, 1].map((to) => ({ to, from: ALL })),
    'the order that was given': [
      { to: 0, from: [2, 0, 1] },
      { to: 0, from: [2, 1, 0] },
      { to: 0, from: [1, 2, 0] },
    ],
    'a port on which somebody listens': [
      { to: 0, from: [3, 1] },
      { to: 0, from: [1, 3, 0] },
      { to: 1, from: [3, 3, 1] },
    ],
    'a port that was busy, and is free again': [
      { to: 0, from: [0] },
      { to: 0, from: [0, 1] },
      { to: 0, from: [0, 2], freed: 0 },
    ],
    'one port, twice': [
      { to: 0, from: [1] },
      { to: 0, from: [1] },
      { to: 1, from: [1] },
    ],
  },
  R15: {
    'an empty list': [
      { to: 0, from: [] },
      { to: 0, from: [0] },
    ],
    'no port left, the last one in use': [
      { to: 0, from: [0] },
      { to: 0, from: [3, 0] },
      { to: 0, from: [1] },
    ],
    'no port left, the last one listens': [
      { to: 0, from: [0] },
      { to: 0, from: [0, 3] },
    ],
    'listens, and no other': [{ to: 0, from: [3] }],
    'refused at the first port': [
      { to: 2, from: ALL, refuses: true },
      { to: 0, from: ALL },
    ],
    'refused behind a busy port': [{ to: 2, from: [3, 0, 1], refuses: true }],
  },
} satisfies Record<string, Readonly<Record<string, readonly Step[]>>>

export const SOCKETS = { R14: conversations(SCRIPTS.R14), R15: conversations(SCRIPTS.R15) }

/** Three ports to connect from, one more on which a server listens, and servers behind other addresses. */
export async function placeOf(c: Check): Promise<Place> {
  c.learner.holdClock()
  const ports = c.localPorts(3)
  const busy = await c.listen({ name: 'listening port' })
  const servers: Listener[] = []
  for (let index = 0; index < SERVERS; index++) {
    const server = await c.listen({ name: `server ${index + 1}` })
    // The same port at each of these addresses.
    c.learner.permit(HOST[index] ?? '', 80, server)
    servers.push(server)
  }
  c.learner.permit(HOST[2] ?? '', 80, 'refused')
  return { ports: [...ports, busy.port], servers, sockets: [] }
}

export const connectFrom = (c: Check, to: number, ports: readonly number[]): Call<unknown> =>
  c.learner.call('connectFrom', { host: HOST[to], port: 80 }, ports)

/** The connection comes from that port, and what resolves is its socket: nobody has read from it. */
export async function expectConnected(
  c: Check,
  place: Place,
  { call, to, port }: Attempt,
): Promise<Connection> {
  const server = place.servers[to] as Listener
  const connection = await server.connection({ as: `a connection to server ${to + 1}` })
  const told = (each: number): string => `local port ${each}, number ${place.ports.indexOf(each) + 1}`
  c.expect(
    connection.remotePort === port,
    `a connection to server ${to + 1} from ${told(port)}`,
    `one from ${told(connection.remotePort)}`,
  )
  const greeting = `${c.random.word()}\n`
  await connection.send(greeting)
  await c.learner.idle()
  const socket = await call
  place.sockets.push(socket)
  const heard = c.learner.make<string>('hear', socket)
  await c.learner.idle()
  const { outcome } = heard
  const saw =
    outcome === null
      ? 'nothing: somebody has read it before'
      : outcome.ok
        ? outcome.value
        : outcome.error.message
  c.expect(saw === greeting, `the socket reads ${JSON.stringify(greeting)}, which the server has sent`, saw)
  const words = c.random.word()
  await c.learner.make('say', socket, words)
  c.expectBytes(await connection.take(words.length), words, 'what the socket sends')
  return connection
}

/** What the next conversation meets is as good as new. */
export async function leave(c: Check, { sockets }: Place): Promise<void> {
  for (const socket of sockets) await c.learner.make('destroy', socket)
  await c.learner.leavesNothing()
}

// --- internal ---

export interface Place {
  /** Those to connect from, and behind them the one that listens. */
  readonly ports: readonly number[]
  readonly servers: readonly Listener[]
  readonly sockets: unknown[]
}

interface Attempt {
  readonly call: Call<unknown>
  readonly to: number
  readonly port: number
}

function conversations(scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> {
  return {
    scripts,
    drawn: 2,
    draw: (random) =>
      Array.from({ length: 9 }, () => ({
        to: random.integer(0, 1),
        from: [...ALL, 3].filter(() => random.integer(0, 2) > 0).sort(() => random.integer(0, 1) - 0.5),
      })),
    play,
  }
}

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const place = await placeOf(c)
  const used = place.servers.map(() => new Map<number, Connection | null>([[3, null]]))
  for (const { to, from, refuses, freed } of steps) {
    const inUse = used[to]
    if (!inUse && !refuses) continue
    const over = inUse?.get(freed ?? -1)
    if (over) {
      await over.reset()
      await c.learner.idle()
      inUse?.delete(freed ?? -1)
    }
    const call = connectFrom(
      c,
      to,
      from.map((index) => place.ports[index] ?? 0),
    )
    const free = refuses ? undefined : from.find((index) => !inUse?.has(index))
    if (free === undefined)
      await c.blame('R15', () => expectFailed(c, call, refuses ? 'ECONNREFUSED' : 'EADDRNOTAVAIL'))
    else {
      const port = place.ports[free] ?? 0
      inUse?.set(free, await c.blame('R14', () => expectConnected(c, place, { call, to, port })))
    }
    await expectNoMore(c, place, free === undefined ? 'R15' : 'R14')
  }
  await c.blame('R15', () => leave(c, place))
}

async function expectFailed(c: Check, call: Call<unknown>, code: string): Promise<void> {
  const error = await call.rejects()
  c.expectEqual(error.code, code, 'the `code` of the error')
}

/** No connection but those that the calls have resolved with. */
async function expectNoMore(c: Check, { servers }: Place, requirement: string): Promise<void> {
  await c.blame(requirement, async () => {
    for (const server of servers) await server.noFurtherConnection()
  })
}

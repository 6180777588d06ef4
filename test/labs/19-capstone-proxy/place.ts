import type {
  Call,
  Check,
  Connection,
  HttpMessage,
  Listener,
  RemoteServer,
} from '../../../workbook/grading/check.ts'

/** A program under grading between the grader's clients and its origins. */

export const LIMITS = {
  idleMs: 5_000,
  headMs: 3_000,
  bodyMs: 2_000,
  maxHeadBytes: 2_000,
  maxBodyBytes: 100_000,
  maxConnections: 20,
  graceMs: 4_000,
}

export const START = Date.UTC(1997, 5, 1)

export interface Stats {
  readonly clients: number
  readonly origins: number
  readonly idle: number
  readonly requests: number
  readonly hits: number
  readonly storedBytes: number
}

export type Settings = Partial<typeof LIMITS> & { readonly cacheBytes?: number }

export interface Place {
  readonly proxy: RemoteServer & { stats(): Call<Stats> }
  readonly origin: Listener
  /** `127.0.0.1:PORT` of the origin. */
  readonly hop: string
  readonly client: (name?: string) => Promise<Connection>
  /** The next request at the origin, on whatever connection it comes. */
  readonly asked: (what?: string) => Promise<Asked>
  /** How often `routes` has been asked so far. */
  readonly timesRouted: () => Call<number>
  /** Connections to the origin so far. */
  readonly wires: Connection[]
}

export interface Asked {
  readonly wire: Connection
  readonly request: HttpMessage
}

/** A proxy; a.example is the origin, also on port 8080 and 443, and nobody is there at refused.example. */
export async function place(c: Check, { cacheBytes = 100_000, ...limits }: Settings = {}): Promise<Place> {
  c.learner.holdClock()
  const [origin, nobody] = [await c.listen({ name: 'origin' }), await c.listen({ name: 'nobody' })]
  c.learner.permit('127.0.0.1', nobody.port, 'refused')
  const address = { host: '127.0.0.1', port: origin.port }
  const routes = await c.learner.make('routesOf', {
    'a.example': address,
    'a.example:8080': address,
    'a.example:443': address,
    'b.example': address,
    'refused.example': { host: '127.0.0.1', port: nobody.port },
    'refused.example:443': { host: '127.0.0.1', port: nobody.port },
  })
  const now = await c.learner.make('clockAt', START)
  const options = { ...LIMITS, ...limits, routes, cacheBytes, now }
  const proxy = (await c.learner.serve('startProxy', options)) as Place['proxy']
  const wires: Connection[] = []
  return {
    proxy,
    origin,
    hop: `127.0.0.1:${origin.port}`,
    timesRouted: () => c.learner.make('timesOf', routes),
    wires,
    client: (name = 'client') => c.connect(proxy.port, { name }),
    async asked(what = 'a request') {
      await c.learner.idle()
      await takeWires(origin, wires)
      const wire = wires.find((each) => each.unread.length > 0)
      if (!wire) return c.fail(`${what} at the origin`, 'nothing: your proxy is idle')
      return { wire, request: await wire.request({ as: what }) }
    },
  }
}

/** A request counts once, and `routes` is asked once for it, however often it is woken or sent: from `least` to `most`. */
export async function countsOnce(c: Check, p: Place, least: number, most = least): Promise<void> {
  const expected = least === most ? `${least}` : `${least} to ${most}`
  const { requests } = await p.proxy.stats()
  await c.blame('R18', () =>
    c.expect(requests >= least && requests <= most, `requests in stats(): ${expected}`, String(requests)),
  )
  const routed = await p.timesRouted()
  await c.blame('R9', () =>
    c.expect(routed <= most, `routes asked once for each of ${most} requests`, `asked ${routed} times`),
  )
}

export async function takeWires(origin: Listener, wires: Connection[]): Promise<void> {
  while (origin.accepted > wires.length) wires.push(await origin.connection())
}

export const FILES = {
  '/a.txt': Buffer.from('0123456789'),
  '/b.bin': Buffer.from([0, 255, 13, 10, 13, 10, 128, 7]),
  '/empty': Buffer.alloc(0),
}

export async function originOf(
  c: Check,
  files: Readonly<Record<string, Uint8Array>> = FILES,
  limits: Settings = {},
): Promise<RemoteServer> {
  c.learner.holdClock()
  return await c.learner.serve('startOrigin', files, { ...LIMITS, ...limits })
}

/** Both servers, one after the other: what holds for each of them. */
export async function both(
  c: Check,
  limits: Settings,
  each: (server: RemoteServer, name: 'your origin' | 'your proxy', place: Place | null) => Promise<void>,
): Promise<void> {
  await each(await originOf(c, FILES, limits), 'your origin', null)
  const proxied = await place(c, limits)
  await each(proxied.proxy, 'your proxy', proxied)
}

export const get = (target: string, fields = '', version = '1.1'): string =>
  `GET ${target} HTTP/${version}\r\nHost: a.example\r\n${fields}\r\n`

export const ok = (body: string | Uint8Array, fields = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.from(body).length}\r\n${fields}\r\n`),
    Buffer.from(body),
  ])

export const statusOf = ({ words }: HttpMessage): string => words[1]

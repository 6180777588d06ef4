import type { Call, Check, Connection, Link, Listener } from '../../../workbook/grading/check.ts'
import type { Line } from './tables.ts'
import {
  drawAnswer,
  drawTarget,
  loadPage,
  pageOf,
  type Answer,
  type Page,
  type PageOptions,
} from './scenes.ts'

/** What the examples of lab 11 share: a page with drawn images, answers to all of them, and a page on the link. */

interface Begun {
  readonly call: Call<Page>
  readonly server: Listener
  readonly targets: readonly string[]
  readonly page: { readonly target: string; readonly answer: Answer; readonly wire: Connection }
}

/** A page with so many images is being loaded; its request is on the wire. */
export async function begin(c: Check, count: number, options: PageOptions): Promise<Begun> {
  const server = await c.listen({ name: 'server' })
  const targets = drawTargets(c, count)
  const target = `/${c.random.word()}`
  const call = loadPage(c, server.port, target, options)
  const answer = drawAnswer(c, pageOf(targets))
  return {
    call,
    server,
    targets,
    page: { target, answer, wire: await server.connection({ as: 'one for the page' }) },
  }
}

const drawTargets = (c: Check, count: number): string[] =>
  Array.from({ length: count }, (_, index) => drawTarget(c, index + 1))

export const images = ({ images: all }: Page) =>
  Array.isArray(all) ? (all as NonNullable<Page['images']>) : []

/** The next request on this connection is for this target, and gets its answer. */
export async function tell(c: Check, wire: Connection, target: string): Promise<Buffer> {
  const request = await wire.request({ as: `GET ${target}` })
  c.expectEqual(request.words[1], target, 'the target of the request')
  const { body, bytes } = drawAnswer(c, c.random.bytes(40))
  await wire.send(bytes)
  return body
}

/** Takes connections as they come, one request on each. @returns The bodies, by target. */
export async function answerAll(
  c: Check,
  server: Listener,
  targets: readonly string[],
  { fromTheEnd = false, lose = '' } = {},
): Promise<Map<string, Buffer>> {
  const bodies = new Map<string, Buffer>()
  const held: Array<() => Promise<void>> = []
  for (const _ of targets) {
    const wire = await server.connection({ as: 'one for the next image' })
    const request = await wire.request()
    const target = request.words[1]
    c.expect(targets.includes(target), 'a request for an image of the page', request.startLine)
    const { body, bytes } = drawAnswer(c, c.random.bytes(40))
    bodies.set(target, body)
    const answer = (): Promise<void> => (target === lose ? wire.reset() : wire.send(bytes))
    if (fromTheEnd) held.unshift(answer)
    else await answer()
  }
  for (const answer of held) {
    await answer()
    await c.learner.idle()
  }
  return bodies
}

/** A page with three small images on the link. */
export async function onLink(c: Check, options: PageOptions): Promise<Link> {
  const html = pageOf(drawTargets(c, 3))
  const link = await c.link({
    respond: (request) => answerOf(request.words[1] === '/page' ? html : Buffer.alloc(300, 'x')),
  })
  await loadPage(c, link.port, '/page', options)
  return link
}

export async function expectTrips(
  c: Check,
  options: PageOptions,
  trips: number,
  connections: number,
): Promise<void> {
  const link = await onLink(c, options)
  const how = JSON.stringify(options)
  c.expectEqual(link.roundTrips, trips, `round trips for a page with three images, ${how}`)
  c.expectEqual(link.connections, connections, `connections for it, ${how}`)
  c.measure(`${link.roundTrips} round trips, ${link.connections} connections: ${how}`)
}

function answerOf(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body])
}

/** An answer of exactly so many bytes, head included. */
function answerOfSize(bytes: number): Buffer {
  const head = answerOf(Buffer.alloc(bytes)).length - bytes
  return answerOf(Buffer.alloc(bytes - head, 'x'))
}

/** `loadPage` with as many connections as `quickest` says takes as long as `quickest` says, behind the page. */
export async function expectTogether(c: Check, line: Line, said: unknown): Promise<void> {
  const { connections = 1, ms } = (said ?? {}) as { connections?: number; ms?: number }
  const page = answerOf(pageOf(drawTargets(c, line.objects)))
  const [image, perTrip] = [answerOfSize(line.bytes), line.bytesPerMs * line.rttMs]
  const link = await c.link({
    respond: (request) => (request.words[1] === '/page' ? page : image),
    // Of slow start nothing is to be seen, and the page comes in one piece.
    initialWindow: 1_000,
    segmentSize: 4_096,
    bytesPerRoundTrip: perTrip,
  })
  await loadPage(c, link.port, '/page', { maxConnections: connections })
  const counted = (link.roundTrips - 2) * line.rttMs - page.length / line.bytesPerMs
  c.expectEqual(
    Math.round(counted),
    Math.round(Number(ms)),
    `milliseconds on the link for ${JSON.stringify(line)}`,
  )
  c.measure(
    `${ms} ms for ${line.objects} images at ${line.bytesPerMs} bytes a millisecond: ${connections} connections`,
  )
}

/** Six images whose bytes need 120 round trips, whoever sends them; times begin when the page is whole. */
export async function narrowLink(
  c: Check,
  maxConnections: number,
): Promise<{ trips: number; lastBegins: number }> {
  const targets = drawTargets(c, 6)
  const page = answerOf(pageOf(targets))
  const image = answerOfSize(20_480)
  const link = await c.link({
    respond: (request) => (request.words[1] === '/page' ? page : image),
    initialWindow: 1_000,
    segmentSize: 5_120,
    bytesPerRoundTrip: 1_024,
  })
  const begins = new Map<unknown, number>()
  const onEvent = (event: unknown): void => {
    const { target } = (event ?? {}) as { target?: unknown }
    if (!begins.has(target)) begins.set(target, link.roundTrips)
  }
  await loadPage(c, link.port, '/page', { maxConnections, onEvent })
  const before = 2 + page.length / 1_024
  const since = (trips: number): number => Math.round(trips - before)
  const shown = targets.map((target) => begins.get(target) ?? Infinity)
  return { trips: since(link.roundTrips), lastBegins: since(Math.max(...shown)) }
}

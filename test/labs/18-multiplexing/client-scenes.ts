import { HpackDecoder, HpackEncoder } from '../../../labs/kit/hpack.ts'
import type { Response } from '../../../labs/kit/http.ts'
import { FLAG, FRAME, PREFACE } from '../../../labs/kit/http2.ts'
import type { Call, Check, Listener } from '../../../workbook/grading/check.ts'
import { WHY } from './predictions.ts'
import { endOf } from './peer.ts'
import { BOTH } from './rows.ts'
import { Client } from './scenes.ts'
import { data, headers, pieceAt, settings, SETTINGS_ACK } from './wire.ts'

/** The client on a path that counts round trips, and before a server that breaks the rules. */

interface H2Client {
  request(request: { readonly target: string }): Call<Response>
  close(): Call<void>
}

const IMAGES = ['/1.png', '/2.png', '/3.png']

/** R15: two round trips behind the handshake. */
export async function aPageInTwoRoundTrips(c: Check): Promise<void> {
  const link = await c.link({ answer: smallServer() })
  const client = await c.learner.call<H2Client>('H2Client.connect', link.port)
  await client.request({ target: '/page' })
  const images = IMAGES.map((target) => client.request({ target }))
  for (const [index, image] of images.entries())
    c.expectBytes((await image).body, IMAGES[index] ?? '', `image ${index + 1}`)
  c.expectEqual(link.connections, 1, 'connections')
  c.expectEqual(link.roundTrips, 3, 'round trips, the handshake included')
  c.measure(`a page and three images: ${link.connections} connection, ${link.roundTrips} round trips`)
  await client.close()
}

/** R16: a lost segment holds up what has arrived. */
export async function aSegmentIsLost(c: Check): Promise<void> {
  const link = await c.link({ answer: smallServer(2_000), loses: 1 })
  const client = await c.learner.call<H2Client>('H2Client.connect', link.port)
  const images = IMAGES.map((target) => client.request({ target }))
  const came: number[] = []
  for (const image of images) {
    await image
    came.push(link.roundTrips)
  }
  c.measure(
    `the first of the origin's segments is lost: the images are whole after ${came.join(', ')} round trips`,
  )
  c.expect(
    came.every((trips) => trips >= 3),
    'no image before the lost segment has come',
    `one after ${Math.min(...came)} round trips`,
  )
  c.observe('P3', 'b', WHY.P3)
  await client.close()
}

/** R18: what ends a connection, whichever side reads it. */
export async function serversThatBreakTheRules(c: Check): Promise<void> {
  const listener = await c.listen({ name: 'server' })
  const rows = {
    ...BOTH,
    'a stream that the server opens': [
      1,
      (of: Client) => [headers(2, of.peer.encoder.encode([[':status', '200']]), { isEnd: true })],
    ] as const,
  }
  for (const [what, [codes, bytes]] of Object.entries(rows)) {
    if (what === 'HEADERS on an even stream') continue
    c.step(`the server sends ${what}`)
    const { client, server, request } = await asked(c, listener)
    await server.send(settings(), SETTINGS_ACK)
    await server.send(...bytes(server))
    await server.isFailed('R18', what, [codes].flat())
    await c.blame('R18', async () => void (await request.rejects()))
    // Nobody is there any more to answer what is asked now.
    await c.blame('R18', async () => void (await client.request({ target: '/later' }).rejects()))
  }
}

/** R18: bytes of a body before anything says that they are one. */
export async function dataBeforeItsSection(c: Check): Promise<void> {
  const listener = await c.listen({ name: 'server' })
  const interim = (of: Client): Buffer =>
    headers(1, of.peer.encoder.encode([[':status', '103']]), { isEnd: false })
  const rows = { 'before any HEADERS': () => Buffer.alloc(0), 'behind an interim answer': interim }
  for (const [what, first] of Object.entries(rows)) {
    c.step(`the server sends DATA ${what}`)
    const { server, request } = await asked(c, listener)
    await server.send(settings(), SETTINGS_ACK, first(server), data(1, Buffer.from('early'), false))
    const { goaway } = server.peer
    const shown = server.peer.on(1)
    c.expect(
      shown.reset === 1 || goaway?.code === 1,
      `RST_STREAM with PROTOCOL_ERROR for DATA ${what}`,
      goaway ? 'GOAWAY with another code' : endOf(shown),
    )
    const error = await request.rejects()
    c.expectEqual(error.code, 'PROTOCOL_ERROR', 'the code of the error')
    await server.wire.fin()
  }
}

/** The request has come: what is sent behind it finds its stream open. */
async function asked(
  c: Check,
  listener: Listener,
): Promise<{ readonly client: H2Client; readonly server: Client; readonly request: Call<Response> }> {
  const connecting = c.learner.call<H2Client>('H2Client.connect', listener.port)
  const server = new Client(c, await listener.connection(), PREFACE.length)
  const client = await connecting
  const request = client.request({ target: '/' })
  await server.send()
  return { client, server, request }
}

/** A server of the grader's that answers each request with its target, in as many bytes as it is told. */
function smallServer(least = 0): (bytes: Buffer) => Buffer {
  const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()]
  let [rest, block, isNew] = [Buffer.alloc(0), Buffer.alloc(0), true]
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const parts = isNew ? [settings(), SETTINGS_ACK] : []
    if (isNew) rest = rest.subarray(PREFACE.length)
    isNew = false
    for (let piece = pieceAt(rest, 0); piece; piece = pieceAt(rest, 0)) {
      rest = rest.subarray(9 + piece.payload.length)
      if (piece.type !== FRAME.HEADERS && piece.type !== FRAME.CONTINUATION) continue
      block = Buffer.concat([block, piece.payload])
      if ((piece.flags & FLAG.END_HEADERS) === 0) continue
      const target = decoder.decode(block)?.find(([name]) => name === ':path')?.[1] ?? ''
      block = Buffer.alloc(0)
      parts.push(
        headers(piece.stream, encoder.encode([[':status', '200']]), { isEnd: false }),
        data(piece.stream, Buffer.from(target.padEnd(least, '.')), true),
      )
    }
    return Buffer.concat(parts)
  }
}

/** R5, R9: what the predictions ask of the server. */
export async function whatThePredictionsAsk(c: Check): Promise<void> {
  const calls: string[] = []
  const gates = new Map<string, () => void>()
  const handler = ({ target }: { target: string }): Promise<unknown> => {
    calls.push(target)
    const response = { version: '1.1', status: 200, reason: '', headers: [], body: Buffer.from(target) }
    return new Promise((resolve) =>
      target === '/slow' ? gates.set(target, () => resolve(response)) : resolve(response),
    )
  }
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 2, windowBytes: 65_535 })
  const client = await Client.open(c, port)
  await client.send(client.get('/slow'), client.get('/fast'))
  const isFast = client.peer.on(3).ended
  if (isFast) c.observe('P1', 'b', WHY.P1)
  else c.observe('P1', 'a', WHY.P1)
  c.expect(
    isFast,
    'the answer to /fast, on stream 3, while the handler of /slow is at work',
    'none: your server is idle',
  )
  gates.get('/slow')?.()
  await c.learner.idle()
  client.peer.read()
  c.expect(client.peer.on(1).ended, 'the answer to /slow', 'none: your server is idle')
}

export async function threeAreReset(c: Check): Promise<void> {
  const calls: string[] = []
  const handler = ({ target }: { target: string }): Promise<unknown> => (
    calls.push(target),
    new Promise(() => undefined)
  )
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 2, windowBytes: 65_535 })
  const client = await Client.open(c, port)
  for (const target of ['/1', '/2', '/3']) {
    const bytes = client.get(target)
    const id = pieceAt(bytes, 0)?.stream ?? 0
    await client.send(bytes)
    await client.send(Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, id, 0, 0, 0, 8]))
  }
  if (calls.length > 2) c.observe('P2', 'c', WHY.P2)
  else c.observe('P2', 'b', WHY.P2)
  c.expect(
    calls.length === 2,
    'two handlers called: the third stream is one too many as long as they are at work',
    `${calls.length}`,
  )
}

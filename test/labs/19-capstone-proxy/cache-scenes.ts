import type { Check } from '../../../workbook/grading/check.ts'
import { get, ok, place, START, statusOf, takeWires } from './place.ts'
import { WHY } from './predictions.ts'

/** What a stored answer does for clients that want less, and what it must not cost them. */

const DATE = new Date(START - 86_400_000).toUTCString()

/** Fields of a request for `0123456789`, which is stored and fresh: its status, bytes and Content-Range. */
const SERVED: ReadonlyArray<readonly [string, string, string, string?]> = [
  ['Range: bytes=2-4', '206', '234', 'bytes 2-4/10'],
  ['Range: bytes=-2', '206', '89', 'bytes 8-9/10'],
  ['Range: bytes=2-4\r\nIf-Range: "v"', '206', '234', 'bytes 2-4/10'],
  ['Range: bytes=2-4\r\nIf-Range: "w"', '200', '0123456789'],
  ['Range: bytes=50-\r\nIf-Range: "w"', '200', '0123456789'],
  ['Range: bytes=50-', '416', '', 'bytes */10'],
  ['If-None-Match: "v"', '304', ''],
  ['If-None-Match: "w"', '200', '0123456789'],
  [`If-Modified-Since: ${DATE}`, '304', ''],
  [`If-Modified-Since: ${new Date(START - 172_800_000).toUTCString()}`, '200', '0123456789'],
]

export async function servesLess(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  await client.send(get('/a'))
  const { wire } = await p.asked()
  await wire.send(
    `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: "v"\r\nLast-Modified: ${DATE}\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n`,
  )
  await client.response()
  for (const [fields, status, body, range] of SERVED) {
    await client.send(get('/a', `${fields}\r\n`))
    const answer = await client.response({ as: `the stored answer for ${fields}` })
    c.expectEqual(statusOf(answer), status, `the status from the cache, for ${fields}`)
    if (status !== '416') c.expectBytes(answer.body, body, `the bytes from the cache, for ${fields}`)
    c.expectEqual(
      answer.header('content-range'),
      range ?? null,
      `Content-Range from the cache, for ${fields}`,
    )
  }
  const old = await p.client('old')
  await old.send(get('/a', '', '1.0'))
  const answer = await old.response()
  c.observe('P1', answer.header('content-length') === '10' ? 'b' : 'a', WHY.P1)
  c.expectBytes(answer.body, '0123456789', 'what is stored, to HTTP/1.0')
  c.expectEqual(p.origin.accepted, 1, 'the connections to the origin')
}

const LARGEST = 524_288

/** Up to 512 KiB are kept, and not a byte more, however the length is told. */
export async function keepsUpTo(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 10_000_000 })
  const client = await p.client()
  for (const [target, size, isChunked] of [
    ['/fits', LARGEST, false],
    ['/fits-in-chunks', LARGEST, true],
    ['/too-large', LARGEST + 1, false],
    ['/too-large-in-chunks', LARGEST + 1, true],
  ] as const) {
    const body = Buffer.alloc(size, c.random.bytes(997))
    const head = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`
    const chunks = [Buffer.from(`${size.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
    const message = [Buffer.from(`HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n${head}\r\n\r\n`)]
    const bytes = Buffer.concat([...message, ...(isChunked ? chunks : [body])])
    await client.send(get(target))
    await (await p.asked()).wire.send(bytes)
    await client.response()
    await client.send(get(target))
    await c.learner.idle()
    const { hits } = await p.proxy.stats()
    const isKept = size === LARGEST
    const hitsSoFar = isKept ? (isChunked ? 2 : 1) : 2
    c.expectEqual(hits, hitsSoFar, `hits, when ${target} of ${size} bytes is asked for once more`)
    if (!isKept) await (await p.asked()).wire.send(bytes)
    c.expect((await client.response()).body.equals(body), `every byte of ${target}`, 'other bytes')
  }
}

/** At most cacheBytes; what was used last stays. */
export async function hasLittleRoom(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 10_000 })
  const client = await p.client()
  const bodies = new Map<string, string>()
  const ask = async (target: string, isStored: boolean, size = 4_000): Promise<void> => {
    await client.send(get(target))
    if (!isStored) {
      bodies.set(target, c.random.word().padEnd(size, 'x'))
      const { wire } = await p.asked(`${target}, for which there is no room`)
      await wire.send(ok(bodies.get(target) ?? '', 'Cache-Control: max-age=60\r\n'))
    }
    const { body } = await client.response({ as: `${target}, which is stored` })
    c.expectEqual(body.toString(), bodies.get(target), `the body of ${target}`)
    const { storedBytes } = await p.proxy.stats()
    c.expect(storedBytes <= 10_000, 'at most 10000 bytes that are stored', String(storedBytes))
  }
  for (const target of ['/a', '/b']) await ask(target, false)
  await ask('/a', true)
  await ask('/c', false)
  await ask('/a', true)
  await ask('/c', true)
  await ask('/b', false)
  await ask('/huge', false, 11_000)
  await ask('/huge', false, 11_000)
}

/** A client that does not read asks first, until the kernel takes no more for it; another one asks for the same. */
export async function slowLeadsNobody(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 100_000_000 })
  const slow = await c.connect(p.proxy.port, { paused: true, name: 'slow' })
  const other = await p.client('other')
  const body = Buffer.alloc(500_000, c.random.bytes(997))
  await slow.send(Array.from({ length: 30 }, (_, n) => get(`/${n}`)).join(''))
  for (let n = 0; n < 30; n++) {
    await c.learner.idle()
    await takeWires(p.origin, p.wires)
    const wire = p.wires.find((each) => each.unread.length > 0)
    // Nobody asks for more on behalf of a client that does not read.
    if (!wire) break
    await wire.request()
    await other.send(get(`/${n}`))
    await c.learner.idle()
    await wire.send(ok(body, 'Cache-Control: max-age=60\r\n'))
    await c.learner.idle()
    c.observe('P2', other.unread.length >= body.length ? 'a' : 'b', WHY.P2)
    const answer = await other.response({ as: 'what the origin has given whole, for a client that reads' })
    c.expect(answer.body.equals(body), 'every byte of it', `${answer.body.length} bytes`)
  }
  await slow.reset({ now: true })
}

/** What grows too large to be kept is for its client alone: whoever has waited asks by itself. */
export async function tooLargeForOthers(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 100_000_000 })
  const slow = await c.connect(p.proxy.port, { paused: true, name: 'slow' })
  await slow.send(get('/grows'))
  const { wire } = await p.asked()
  const other = await p.client('other')
  await other.send(get('/grows'))
  await c.learner.idle()
  const body = Buffer.alloc(9 * 1_048_576, c.random.bytes(997))
  const head = `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`
  // The slow client holds it up, and it ends with the connection.
  wire.send(Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n0\r\n\r\n')])).catch(() => undefined)
  const own = await p.asked('a request for another client, when the answer is too large to be kept')
  await own.wire.send(ok('own'))
  c.expectEqual((await other.response()).body.toString(), 'own', 'the body for the client that has waited')
  await slow.reset({ now: true })
}

export async function counts(c: Check): Promise<void> {
  const p = await place(c)
  const expectStats = async (expected: object, when: string): Promise<void> => {
    const { clients, origins, idle, requests, hits } = await p.proxy.stats()
    c.expectEqual({ clients, origins, idle, requests, hits }, expected, `stats() ${when}`)
  }
  await expectStats({ clients: 0, origins: 0, idle: 0, requests: 0, hits: 0 }, 'at first')
  const [one, two] = [await p.client('one'), await p.client('two')]
  await one.send(get('/a'))
  const { wire } = await p.asked()
  await expectStats({ clients: 2, origins: 1, idle: 0, requests: 1, hits: 0 }, 'while the origin is asked')
  c.expectEqual((await p.proxy.stats()).storedBytes, 0, 'storedBytes before anything is stored')
  await wire.send(ok('0123456789'.repeat(30), 'Cache-Control: max-age=60\r\n'))
  await one.response()
  await expectStats({ clients: 2, origins: 1, idle: 1, requests: 1, hits: 0 }, 'behind the answer')
  await two.send(get('/a'))
  await two.response()
  await expectStats(
    { clients: 2, origins: 1, idle: 1, requests: 2, hits: 1 },
    'behind an answer from the cache',
  )
  const { storedBytes } = await p.proxy.stats()
  c.expect(
    storedBytes >= 300 && storedBytes < 1_000,
    'storedBytes of a body of 300 bytes',
    String(storedBytes),
  )
  for (const [requests, answer] of [
    [3, ok('v', 'ETag: "v"\r\nCache-Control: no-cache\r\n')],
    [4, 'HTTP/1.1 304 Not Modified\r\nETag: "v"\r\n\r\n'],
  ] as const) {
    await two.send(get('/asks-always'))
    await (await p.asked()).wire.send(answer)
    await two.response()
    await expectStats(
      { clients: 2, origins: 1, idle: 1, requests, hits: 1 },
      'behind an answer for which the origin was asked',
    )
  }
  await two.send('POST /asks-always HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n')
  await (await p.asked()).wire.send(ok('x'))
  await two.response()
  await two.send('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n')
  await (await p.asked()).wire.send(ok('x', 'Connection: close\r\n'))
  await two.response()
  c.expectEqual((await p.proxy.stats()).storedBytes, 0, 'storedBytes when it was forgotten')
  await one.fin()
  await one.sees('FIN')
  await two.send('HELO\r\n\r\n')
  await two.sees('FIN')
  await two.fin()
  await c.learner.idle()
  await expectStats({ clients: 0, origins: 0, idle: 0, requests: 6, hits: 1 }, 'when all have left')
}

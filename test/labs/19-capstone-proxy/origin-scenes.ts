import type { Check } from '../../../workbook/grading/check.ts'
import { both, FILES, get, ok, originOf, statusOf } from './place.ts'

/** What the origin does by itself, and what both servers do alike. */

export async function servesFiles(c: Check): Promise<void> {
  const name = `/${c.random.word()}`
  const body = c.random.bytes(300)
  const server = await originOf(c, { ...FILES, [name]: body })
  const client = await c.connect(server.port)
  const ask = async (startLine: string, head = false) => {
    await client.send(`${startLine} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    return await client.response({ head, as: `the answer to ${startLine}` })
  }
  const whole = await ask(`GET ${name}`)
  c.expectEqual(statusOf(whole), '200', 'the status')
  c.expectBytes(whole.body, body, 'the file')
  c.expect(/^"[^"]+"$/.test(whole.header('etag') ?? ''), 'a strong ETag', String(whole.header('etag')))
  c.expectEqual(
    [whole.header('cache-control'), whole.header('accept-ranges')],
    ['max-age=60', 'bytes'],
    'Cache-Control and Accept-Ranges',
  )
  c.expect(whole.header('date') !== null, 'a Date', 'none')
  for (const target of [
    `${name}?x=/b.bin`,
    `${name}?x=?y`,
    `http://a.example${name}`,
    `HTTP://a.example:80${name}?y`,
  ])
    c.expectBytes((await ask(`GET ${target}`)).body, body, `the file, for ${target}`)
  const head = await ask(`HEAD ${name}`, true)
  c.expectEqual(
    [statusOf(head), head.header('content-length'), head.header('etag')],
    ['200', '300', whole.header('etag')],
    'status, length and ETag to HEAD',
  )
  c.expectEqual((await ask('GET /empty')).body.length, 0, 'the length of an empty file')
  for (const target of [`${name}x`, '/', '/__proto__', '/constructor'])
    c.expectEqual(statusOf(await ask(`GET ${target}`)), '404', `the status for ${target}`)
  const other = await ask(`DELETE ${name}`)
  const allowed = (other.header('allow') ?? '').split(/[\s,]+/).sort()
  c.expectEqual([statusOf(other), allowed], ['405', ['GET', 'HEAD']], 'status and Allow to DELETE')
  await client.send(`POST ${name} HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n${get(name).slice(0, 40)}`)
  c.expectEqual(statusOf(await client.response()), '405', 'the status of a POST with a body')
  c.expectBytes((await ask(`GET ${name}`)).body, body, 'the file, behind that body')
  await client.staysOpen()
}

/** Request fields, and status, bytes and Content-Range that they give, of `0123456789`; ETAG is its tag. */
const PARTS: ReadonlyArray<readonly [string, string, string, string?]> = [
  ['Range: bytes=0-3', '206', '0123', 'bytes 0-3/10'],
  ['Range: bytes=4-', '206', '456789', 'bytes 4-9/10'],
  ['Range: bytes=-3', '206', '789', 'bytes 7-9/10'],
  ['Range: bytes=-30', '206', '0123456789', 'bytes 0-9/10'],
  ['Range: bytes=9-9', '206', '9', 'bytes 9-9/10'],
  ['Range: bytes=8-99', '206', '89', 'bytes 8-9/10'],
  ['Range: bytes=10-', '416', '', 'bytes */10'],
  ['Range: bytes=-0', '416', '', 'bytes */10'],
  ['Range: bytes=4-3', '200', '0123456789'],
  ['Range: bytes=0-1,4-5', '200', '0123456789'],
  ['Range: bytes=-', '200', '0123456789'],
  ['Range: lines=0-3', '200', '0123456789'],
  ['Range: bytes=0-3\r\nIf-Range: ETAG', '206', '0123', 'bytes 0-3/10'],
  ['Range: bytes=0-3\r\nIf-Range: "old"', '200', '0123456789'],
  ['Range: bytes=10-\r\nIf-Range: "old"', '200', '0123456789'],
  ['Range: bytes=0-3\r\nIf-Range: W/ETAG', '200', '0123456789'],
  ['If-None-Match: ETAG', '304', ''],
  ['If-None-Match: "x", W/ETAG', '304', ''],
  ['If-None-Match: *', '304', ''],
  ['If-None-Match: "x"', '200', '0123456789'],
  ['If-None-Match: ETAG\r\nRange: bytes=0-3', '304', ''],
]

export async function givesParts(c: Check): Promise<void> {
  const server = await originOf(c)
  const client = await c.connect(server.port)
  await client.send(get('/a.txt'))
  const tag = (await client.response()).header('etag') ?? ''
  for (const [fields, status, body, range] of PARTS) {
    await client.send(get('/a.txt', `${fields.replaceAll('ETAG', tag)}\r\n`))
    const answer = await client.response({ as: `the answer to ${fields}` })
    c.expectEqual(statusOf(answer), status, `the status, for ${fields}`)
    if (status !== '416') c.expectBytes(answer.body, body, `the bytes, for ${fields}`)
    c.expectEqual(answer.header('content-range'), range ?? null, `Content-Range, for ${fields}`)
    if (status === '304') c.expectEqual(answer.header('etag'), tag, 'the ETag of a 304')
  }
  await client.send(`HEAD /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3\r\n\r\n${get('/b.bin')}`)
  const head = await client.response({ head: true })
  c.expectEqual([statusOf(head), head.header('content-length')], ['200', '10'], 'status and length to HEAD')
  c.expectBytes((await client.response()).body, FILES['/b.bin'], 'the next file')
}

/** A client's words, the version that it speaks, and whether the origin keeps the connection. */
const KEPT: ReadonlyArray<readonly [version: string, connection: string, isKept: boolean]> = [
  ['1.1', '', true],
  ['1.1', 'x, keep-alive', true],
  ['1.1', 'close', false],
  ['1.1', 'x,CLOSE', false],
  ['1.1', 'closed, x-close', true],
  ['1.0', '', false],
  ['1.0', 'Keep-Alive', true],
  ['1.0', 'keep-alive, close', false],
  ['1.0', 'keep-alives', false],
]

export async function keepsConnections(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    for (const [version, connection, isKeptByOrigin] of KEPT) {
      const isKept = isKeptByOrigin && (version === '1.1' || proxied === null)
      const client = await c.connect(server.port)
      const line = connection === '' ? '' : `Connection: ${connection}\r\n`
      await client.send(get('/a.txt', line, version))
      if (proxied) await (await proxied.asked()).wire.send(ok('x'))
      const answer = await client.response()
      const said = (answer.header('connection') ?? '').toLowerCase().split(/[\s,]+/)
      const what = `HTTP/${version} with ${connection === '' ? 'no Connection' : connection}, at ${name}`
      if (!isKept) {
        c.expect(said.includes('close'), `Connection: close in the answer, for ${what}`, said.join(', '))
        await client.sees('FIN')
      } else {
        c.expect(!said.includes('close'), `no close in the answer, for ${what}`, said.join(', '))
        if (version === '1.0')
          c.expect(said.includes('keep-alive'), `Connection: keep-alive, for ${what}`, said.join(', '))
        await client.staysOpen()
      }
      await client.fin()
      await client.sees('FIN')
    }
  })
}

const FIVE = ['/a.txt', '/b.bin', '/empty', '/a.txt', '/b.bin'] as const

export async function answersInOrder(c: Check): Promise<void> {
  const server = await originOf(c)
  for (const halfCloses of [false, true]) {
    const client = await c.connect(server.port)
    const bytes = FIVE.map((target) => get(target)).join('')
    await client.sendInParts(halfCloses ? [bytes] : c.random.split(bytes, 7))
    if (halfCloses) await client.fin()
    for (const [at, target] of FIVE.entries())
      c.expectBytes((await client.response()).body, FILES[target], `answer ${at + 1}, of ${target}`)
    if (halfCloses) await client.sees('FIN')
    else await client.staysOpen()
  }
}

/** The proxy has the same promise, and its answers come from elsewhere. */
export async function answersInOrderBehind(c: Check): Promise<void> {
  await both(c, {}, async (_, __, proxied) => {
    if (!proxied) return
    const client = await proxied.client()
    await client.send(
      `${get('/slow')}${get('/kept')}POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc${get('/last')}`,
    )
    await client.fin()
    const words = [c.random.word(), c.random.word(), c.random.word(), c.random.word()]
    for (const word of words) {
      const { wire, request } = await proxied.asked(`the request that is answered with ${word}`)
      await wire.send(ok(`${request.words[1]} ${word}`, 'Cache-Control: no-store\r\n'))
    }
    for (const [at, target] of ['/slow', '/kept', '/p', '/last'].entries())
      c.expectEqual(
        (await client.response()).body.toString(),
        `${target} ${words[at] ?? ''}`,
        `answer ${at + 1}`,
      )
    await client.sees('FIN')
  })
}

/** Whoever asks and does not read waits in the kernel, and not in your memory. */
export async function noFasterThanRead(c: Check): Promise<void> {
  const server = await originOf(c, { ...FILES, '/big': Buffer.alloc(300_000, c.random.bytes(997)) })
  const client = await c.connect(server.port, { paused: true })
  const [large, small] = [24, 1_500]
  await client.send(get('/big').repeat(large))
  await client.send(get('/a.txt', `X-Padding: ${'x'.repeat(1_400)}\r\n`).repeat(small))
  await c.learner.idle()
  const { taken } = await c.learner.passed()
  const expected = 'at most 1 MiB of requests in your origin whose answers nobody reads'
  c.expect(taken < 1_048_576, expected, `${taken} bytes`)
  client.read()
  for (let at = 0; at < large + 3; at++) {
    const { body } = await client.response({ as: `answer ${at + 1}` })
    c.expectEqual(body.length, at < large ? 300_000 : 10, `the bytes of answer ${at + 1}`)
  }
  await client.reset({ now: true })
}

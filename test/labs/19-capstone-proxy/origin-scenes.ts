import type { Check, Connection } from '../../../workbook/grading/check.ts'
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
  for (const target of [`${name}?x=/b.bin`, `http://a.example${name}`, `HTTP://a.example:80${name}?y`])
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

/** Whoever asks and does not read is not answered into your memory. */
export async function noFasterThanRead(c: Check): Promise<void> {
  const file = c.random.bytes(1_000)
  const big = Buffer.concat(Array.from({ length: 300 }, () => file))
  const server = await originOf(c, { '/big': big })
  const client = await c.connect(server.port, { paused: true })
  const count = 24
  await client.send(get('/big').repeat(count))
  await c.learner.idle()
  const { left } = await c.learner.passed()
  const calls = (await c.learner.handleCalls()).filter((call) => /^writev?\(/.test(call))
  const written = calls.reduce((sum, call) => sum + Number(/\d+/.exec(call)?.[0]), 0)
  c.expect(
    written - left < 1_048_576,
    'at most 1 MiB that waits in your origin for a client which does not read',
    `${written - left} bytes`,
  )
  client.read()
  for (let at = 0; at < count; at++) {
    const { body } = await client.response({ as: `answer ${at + 1} of ${count}` })
    if (!body.equals(big)) c.expectBytes(body, big, `answer ${at + 1}`)
  }
}

// --- limits ---

const isRefused = async (c: Check, client: Connection, status: string, what: string): Promise<void> => {
  const answer = await client.response({ as: `${status} for ${what}` })
  c.expectEqual(statusOf(answer), status, `the status, for ${what}`)
  const said = (answer.header('connection') ?? '').toLowerCase()
  c.expectEqual(said, 'close', `Connection, for ${what}`)
  await client.sees('FIN')
}

export async function clientsHaveTheirTime(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await c.learner.tick(4_999)
    await client.staysOpen()
    await client.send(get('/a.txt').slice(0, 20))
    await c.learner.tick(2_999)
    await client.silent()
    await client.send(get('/a.txt').slice(20))
    if (proxied) {
      const { wire } = await proxied.asked()
      c.step('no clock of a client runs while it waits for an answer')
      await c.learner.tick(2_999)
      await wire.send(ok('0123456789'))
    }
    c.expectEqual((await client.response()).body.toString(), '0123456789', `the body, at ${name}`)
    await c.learner.tick(4_999)
    await client.staysOpen()
    await c.learner.tick(1)
    await client.sees('FIN')
    await client.fin()
    const slow = await c.connect(server.port, { name: 'slow head' })
    await slow.send('GET ')
    for (const byte of '/a.') {
      await c.learner.tick(999)
      await slow.send(byte)
    }
    await slow.silent()
    await c.learner.tick(3)
    await isRefused(c, slow, '408', `a head that takes longer than headMs, at ${name}`)
    await slow.fin()
  })
}

export async function bodiesHaveTheirTime(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await client.send('PUT /a.txt HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\n')
    const answered = proxied === null
    if (answered)
      c.expectEqual(statusOf(await client.response()), '405', 'the status of a PUT at your origin')
    for (const byte of 'abc') {
      await c.learner.tick(1_999)
      await client.send(byte)
    }
    await client.staysOpen()
    await c.learner.tick(2_000)
    if (answered) await client.seesEnd()
    else await isRefused(c, client, '408', `a body that stops, at ${name}`)
    if (proxied) {
      const [wire] = [
        await proxied.asked().then(
          (asked) => asked.wire,
          () => null,
        ),
      ]
      if (wire) await wire.seesEnd()
    }
    if (client.ended !== 'RST') await client.fin()
  })
}

/** A client that takes nothing of what it is sent is given up, and nobody else. */
export async function readersHaveTheirTime(c: Check): Promise<void> {
  const big = Buffer.alloc(12_000_000, 'x')
  const server = await originOf(c, { ...FILES, '/big': big })
  const client = await c.connect(server.port, { paused: true })
  await client.send(get('/big'))
  await c.learner.idle()
  await c.learner.tick(1_999)
  c.expectEqual(await c.learner.openSockets(), 1, 'the open sockets after 1999 ms')
  await c.learner.tick(2)
  c.expectEqual(await c.learner.openSockets(), 0, 'the open sockets when nothing was taken for bodyMs')
  const next = await c.connect(server.port, { name: 'next' })
  await next.send(get('/a.txt'))
  c.expectEqual((await next.response()).body.toString(), '0123456789', 'the body for the next client')
}

export async function notTooMany(c: Check): Promise<void> {
  await both(c, { maxConnections: 2 }, async (server, name) => {
    const [one, two] = [await c.connect(server.port), await c.connect(server.port)]
    await c.learner.idle()
    const third = await c.connect(server.port, { name: 'the third' })
    await isRefused(c, third, '503', `a third client at ${name}, before it has said anything`)
    await third.fin()
    await one.staysOpen()
    await two.fin()
    await two.sees('FIN')
    const next = await c.connect(server.port, { name: 'the next' })
    await next.silent()
    for (const each of [one, next]) {
      await each.fin()
      await each.sees('FIN')
    }
  })
}

export async function closesWithCare(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const [idle, half] = [await c.connect(server.port), await c.connect(server.port, { name: 'half' })]
    await half.send(get('/a.txt').slice(0, 25))
    const waits = await c.connect(server.port, { name: 'waits' })
    if (proxied) await waits.send(get('/waits'))
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await c.refused(server.port)
    await half.silent()
    if (proxied) {
      await waits.silent()
      await (await proxied.asked()).wire.send(ok('waited'))
      const answer = await waits.response({ as: 'the answer that was under way at close()' })
      c.expectEqual(
        [answer.body.toString(), answer.header('connection')],
        ['waited', 'close'],
        'body and Connection of the answer that was under way at close()',
      )
    }
    await waits.sees('FIN')
    await half.send(get('/a.txt').slice(25))
    if (proxied) await (await proxied.asked('the request that had begun')).wire.send(ok('0123456789'))
    c.expectEqual(
      (await half.response()).body.toString(),
      '0123456789',
      `the body of what had begun, at ${name}`,
    )
    await half.sees('FIN')
    await closed.staysPending()
    for (const client of [idle, half, waits]) await client.fin()
    await closed
    if (proxied) for (const wire of proxied.wires) await wire.seesEnd()
  })
  await c.learner.leavesNothing()
}

/** Behind graceMs nobody is waited for. */
export async function graceIsOver(c: Check): Promise<void> {
  await both(c, { headMs: 60_000, bodyMs: 60_000 }, async (server, name, proxied) => {
    const [stays, half] = [await c.connect(server.port), await c.connect(server.port, { name: 'half' })]
    await half.send('GET / HT')
    const waits = await c.connect(server.port, { name: 'waits' })
    if (proxied) {
      await waits.send(get('/waits'))
      await proxied.asked()
    }
    await c.learner.idle()
    const closed = server.close()
    await stays.sees('FIN')
    await c.learner.tick(3_999)
    await closed.staysPending()
    await c.learner.tick(1)
    await half.seesEnd()
    await waits.seesEnd()
    await closed
    c.step(`close() of ${name} has resolved`)
  })
  await c.learner.leavesNothing()
}

/** Behind the last answer the client's own words are read, so that no reset overtakes it. */
export async function lastAnswersArrive(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await client.send(get('/a.txt', 'Connection: close\r\n'))
    if (proxied) await (await proxied.asked()).wire.send(ok('0123456789'))
    await client.response()
    await client.sees('FIN')
    await client.send(get('/a.txt').repeat(3))
    await c.learner.idle()
    c.expect(
      client.ended === 'FIN' && client.unread.length === 0,
      `FIN, and nothing behind it, at ${name}`,
      client.ended,
    )
    c.expect(await client.takesMore(), `${name} reads on behind its FIN`, 'a reset')
    await c.learner.tick(3_999)
    c.expect(await client.takesMore(), `${name} reads on for graceMs behind its FIN`, 'a reset')
    await c.learner.tick(1)
    c.expectEqual(
      await c.learner.openSockets().then((open) => open > 1),
      false,
      'a connection left behind graceMs',
    )
  })
}

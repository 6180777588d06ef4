import type { Check } from '../../../workbook/grading/check.ts'
import { answer, saysClose, serve, statusIn } from './servers.ts'

/** How answers are framed, and which are not sent. */

export async function expectNoBodies(c: Check): Promise<void> {
  const word = c.random.word()
  const { server } = await serve(c, ({ target }) => answer(word, Number(`${target}`.slice(1))))
  const client = await c.connect(server.port)
  for (const [method, status, length] of [
    ['HEAD', 200, `${word.length}`],
    ['GET', 204, null],
    ['GET', 304, null],
    ['GET', 200, `${word.length}`],
  ] as const) {
    await client.send(`${method} /${status} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const head = method === 'HEAD' || status !== 200
    const response = await client.response({ head, as: `the answer to ${method} /${status}` })
    c.expect(statusIn(response) === status, `${status}`, response.startLine)
    if (status !== 304)
      c.expectEqual(response.header('content-length'), length, `Content-Length of ${method} /${status}`)
    c.expectEqual(response.header('transfer-encoding'), null, 'Transfer-Encoding')
    await client.silent()
  }
}

export async function expectOwnLength(c: Check): Promise<void> {
  const word = c.random.word()
  const headers = [
    ['content-length', '3'],
    ['Transfer-Encoding', 'gzip'],
    ['X-Word', word],
  ] as const
  const { server } = await serve(c, () => answer(word, 200, headers))
  const client = await c.connect(server.port)
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const response = await client.response()
  c.expectEqual(response.header('content-length'), `${word.length}`, 'Content-Length')
  c.expectEqual(response.header('transfer-encoding'), null, 'Transfer-Encoding')
  c.expectEqual(response.header('x-word'), word, 'X-Word')
  c.expectBytes(response.body, word, 'the body')
  await client.silent()
}

export async function expectContinue(c: Check): Promise<void> {
  const { server } = await serve(c, ({ target, body }) =>
    answer(`${target}${Buffer.from(body as Uint8Array).toString()}`),
  )
  const word = c.random.word()
  const client = await c.connect(server.port)
  const asks = `PUT /b HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: ${word.length}\r\n\r\n`
  await client.send(`GET /a HTTP/1.1\r\nHost: a\r\n\r\n${asks}`)
  c.expectBytes((await client.response()).body, '/a', 'the answer to the request before it')
  c.expectBytes(
    (await client.takeThrough('\r\n\r\n')).subarray(0, 12),
    'HTTP/1.1 100',
    'the interim response',
  )
  await client.silent()
  await client.send(word)
  c.expectBytes((await client.response()).body, `/b${word}`, 'the answer')
  await client.send(asks)
  await c.learner.idle()
  const interim = client.unread.subarray(0, 12).toString('latin1')
  const saw = interim === '' ? 'nothing: your server is idle, and the client waits' : interim
  c.expect(interim === 'HTTP/1.1 100', '100 for the second request of a connection that expects it', saw)
  await client.takeThrough('\r\n\r\n')
  await client.send(word)
  c.expectBytes((await client.response()).body, `/b${word}`, 'the answer to the second that expects 100')
  const plain = `PUT /c HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n`
  await client.send(`PUT /d HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n`)
  await client.silent()
  await client.send(`x${plain}`)
  c.expectBytes((await client.response()).body, '/dx', 'the answer to a client that expects nothing')
  await client.silent()
}

export async function expectUnsplit(c: Check): Promise<void> {
  const word = c.random.word()
  const split = `${word}\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b`
  const bad = [
    ['CR LF in a value', answer('', 200, [['X-Word', split]])],
    ['CR in a value', answer('', 200, [['X-Word', `${word}\rX: y`]])],
    ['LF in a value', answer('', 200, [['X-Word', `${word}\nX: y`]])],
    ['NUL in a value', answer('', 200, [['X-Word', `${word}\0`]])],
    ['CR LF in a name', answer('', 200, [['X\r\nY', word]])],
    ['a colon in a name', answer('', 200, [['X: y\r\nZ', word]])],
    ['a space in a name', answer('', 200, [['Content-Length ', '0']])],
    ['an empty name', answer('', 200, [['', word]])],
    ['CR LF in the reason', { ...answer(''), reason: `OK\r\nX-Word: ${word}` }],
    ['LF in the reason', { ...answer(''), reason: `OK\n${word}` }],
    ['a status that is none', { ...answer(''), status: 20.5 }],
    ['an interim status', { ...answer(''), status: 100 }],
  ] as const
  const { server } = await serve(c, ({ target }) => bad[Number(`${target}`.slice(1))]?.[1] ?? answer(word))
  for (const [index, [what]] of bad.entries()) {
    const client = await c.connect(server.port)
    await client.send(`GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const response = await client.response({ as: `500 in place of ${what}` })
    c.expect(statusIn(response) === 500, `500 in place of an answer with ${what}`, response.startLine)
    const saw = 'a part of it'
    c.expect(!response.raw.toString('latin1').includes(word), `nothing of an answer with ${what}`, saw)
    c.expect(client.unread.length === 0, `nothing behind the 500: ${what}`, `${client.unread.length} bytes`)
    if (saysClose(response)) await client.sees('FIN')
    await client.fin()
  }
}

/** Written as one byte each, some characters beyond Latin-1 are CR and LF: U+010D and U+010A lose their upper byte. */
export async function expectUncut(c: Check): Promise<void> {
  const [cut, word] = ['\u010d\u010a', c.random.word()]
  const headers = [['X-Word', `a${cut}X-Split: ${word}`]] as const
  const answers = [answer(word, 200, headers), { ...answer(word), reason: `OK${cut}X-Split: ${word}` }]
  const { server } = await serve(c, ({ target }) => answers[Number(`${target}`.slice(1))] ?? answer(word))
  for (const [index, where] of ['a value', 'the reason'].entries()) {
    const client = await c.connect(server.port)
    await client.send(`GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const response = await client.response({ as: `one answer, though ${where} has U+010D and U+010A` })
    const split = response.header('x-split')
    const expected = `no CR LF on the wire where ${where} has U+010D and U+010A, which are no bytes of Latin-1`
    c.expect(split === null, expected, `a line of its own: X-Split: ${split}`)
    c.expect(client.unread.length === 0, expected, `${client.unread.length} bytes after the answer`)
    await client.fin()
  }
}

export async function expectOddAnswers(c: Check): Promise<void> {
  const headers = [
    ['X-A', 'a\tb \xe9'],
    ['x-a', ''],
    ["!#$%&'*+.^_`|~-", '"c", d'],
  ] as const
  const { server } = await serve(c, () => ({ ...answer('x', 299, headers), reason: '' }))
  const client = await c.connect(server.port)
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const response = await client.response()
  c.expectEqual(statusIn(response), 299, 'the status')
  const own = response.headers.filter(([name]) => headers.some(([given]) => given === name))
  c.expectEqual(
    own,
    headers.map((pair) => [...pair]),
    'the fields of the handler',
  )
}

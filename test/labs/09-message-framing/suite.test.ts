import { lab } from '../../../workbook/grading/lab.ts'
import { drawAnswer, expectAnswers, expectDeafBehindFin, expectNoMoreHttp } from './answer-scenes.ts'
import { expectTruncated, expectUntilFin } from './answer-scenes.ts'
import { ANSWERS, BAD_RESPONSES } from './answers.ts'
import { CHUNKS } from './bad-chunks.ts'
import { FIELDS, HOSTS } from './bad-fields.ts'
import { CODINGS, LENGTHS } from './bad-lengths.ts'
import { REQUEST_LINES, TARGETS } from './bad-lines.ts'
import { expectBytesOf } from './every-byte.ts'
import { expectBodyLimits, expectChunkLimits, expectHeadLimits, expectOtherLimits } from './limit-scenes.ts'
import { expectDefaults } from './limits.ts'
import { GOOD_CHUNKS, GOOD_CODINGS, GOOD_HOSTS, GOOD_LENGTHS } from './odd-bodies.ts'
import { LINES, TUNNELS, WHOLE } from './odd-heads.ts'
import { WHY } from './predictions.ts'
import { CHUNKED, POST } from './rows.ts'
import { cuts, drawGood, expectError, expectMessages, expectRefused, expectTaken } from './scenes.ts'
import { feed, latin1, outOf, type Fed } from './scenes.ts'
import {
  expectContinue,
  expectNoBodies,
  expectOddAnswers,
  expectOwnLength,
  expectUncut,
  expectUnsplit,
} from './server-answers.ts'
import { answer, expectRefusal, expectRefusedOnTheWire, expectSlowReader, hasFiveSeconds } from './servers.ts'
import { expectTakenOnTheWire, serve, statusIn } from './servers.ts'
import { STREAMS } from './streams.ts'
import { TALKS } from './talks.ts'
import { expectLinear, expectManyAtOnce, expectSingles, expectSpaces } from './work.ts'

lab('09-message-framing', ({ check, converse }) => {
  check('R1', 'a request in one piece, and in three', async (c) => {
    const { bytes, expected } = drawGood(c.random)
    for (const pieces of [[bytes], c.random.split(bytes, 3)]) {
      const { messages } = outOf(await feed(c, 'request', pieces))
      expectMessages(c, messages, [expected], `a request in ${pieces.length} pieces`)
    }
  })

  check('R1', 'what is whole comes out of the push that made it so', async (c) => {
    const [one, two] = [drawGood(c.random), drawGood(c.random)]
    const half = c.random.integer(1, two.bytes.length - 1)
    const pieces = [Buffer.concat([one.bytes, two.bytes.subarray(0, half)]), two.bytes.subarray(half)]
    const fed = await feed(c, 'request', pieces)
    c.expectEqual(
      fed.map(({ messages }) => messages?.length),
      [1, 1],
      'messages from a request and a half, and then from the other half',
    )
  })

  check('R1', 'a piece may be a part of a larger buffer', async (c) => {
    const { bytes, expected } = drawGood(c.random)
    const parser = await c.learner.construct('MessageParser', 'request', {})
    c.step('pushed a request as Uint8Arrays, each of which begins at byte 3 of its ArrayBuffer')
    const pieces = c.random.split(bytes, 3)
    const { messages, error } = outOf(await c.learner.make<readonly Fed[]>('feedViews', parser, pieces))
    const own = 'the bytes of the Uint8Array, and none of its ArrayBuffer before or after them'
    c.expect(error === null, own, `${String(error?.code)} at ${String(error?.at)}: ${error?.said}`)
    expectMessages(c, messages, [expected], own)
  })

  check('R1', 'the end between two messages is no error', async (c) => {
    const { bytes } = drawGood(c.random)
    for (const kind of ['request', 'response'] as const) {
      const before = kind === 'request' ? bytes : drawAnswer(c.random).bytes
      for (const pieces of [[before, 'end'], ['end']]) {
        const { error, messages } = outOf(await feed(c, kind, pieces))
        const saw = error ? String(error.code) : `${messages.length} messages`
        c.expect(
          !error && messages.length === pieces.length - 1,
          'no further message from end(), and no error',
          saw,
        )
      }
    }
  })

  check('R1', 'requests that look odd, and are whole', (c) => expectTaken(c, WHOLE))

  converse('R1', 'requests of every kind, cut anywhere', STREAMS.request)

  check('R2', 'sizes, extensions and trailers', (c) => expectTaken(c, GOOD_CHUNKS))

  check('R2', 'a chunk of every size from 1 to 40', async (c) => {
    const parts = Array.from({ length: 40 }, (_, index) => c.random.bytes(index + 1))
    const chunks = parts.flatMap((part) => [latin1(`${part.length.toString(16)}\r\n`), part, latin1('\r\n')])
    const stream = Buffer.concat([latin1(CHUNKED), ...chunks, latin1('0\r\n\r\n')])
    for (const pieces of [[stream], c.random.split(stream, 60)]) {
      const { messages } = outOf(await feed(c, 'request', pieces))
      expectMessages(c, messages, [{ body: Buffer.concat(parts).toString('latin1') }], 'forty chunks')
    }
  })

  check('R3', 'a response to HEAD, and one to GET behind it', async (c) => {
    const behind = drawAnswer(c.random)
    const head = latin1('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
    const { messages, error } = outOf(await feed(c, 'response', ['HEAD', 'GET', head, behind.bytes]))
    c.observe('P1', messages.length === 2 && !error ? 'a' : 'b', WHY.P1)
    expectMessages(c, messages, [{ status: 200, body: '' }, behind.expected], 'HEAD, then GET')
  })

  check('R3', 'who has a body, and who has none', (c) => expectAnswers(c, ANSWERS))

  check('R3', 'answers in the order in which they were asked', async (c) => {
    const methods = ['GET', 'HEAD', 'HEAD', 'GET', 'HEAD', 'GET']
    const made = methods.map(() => drawAnswer(c.random))
    const parts = made.map(({ bytes, expected }, index) => {
      const body = `${expected.body}`
      return methods[index] === 'HEAD'
        ? { bytes: bytes.subarray(0, -body.length), expected: { ...expected, body: '' } }
        : { bytes, expected }
    })
    const stream = Buffer.concat(parts.map(({ bytes }) => bytes))
    const expected = parts.map((part) => part.expected)
    for (const pieces of [[stream], c.random.split(stream, 20)]) {
      const { messages } = outOf(await feed(c, 'response', [...methods, ...pieces]))
      expectMessages(c, messages, expected, methods.join(', '))
    }
    const late = parts.flatMap(({ bytes }, index) => [methods[index] ?? '', bytes])
    expectMessages(c, outOf(await feed(c, 'response', late)).messages, expected, 'asked one by one')
  })

  check('R3', 'what follows a tunnel is no HTTP', expectNoMoreHttp)

  converse('R3', 'responses of every kind, cut anywhere', STREAMS.response)

  check('R4', 'a response without a length is whole with the FIN', async (c) => {
    const body = `${c.random.word()}\r\n\r\n`
    const another = drawAnswer(c.random).bytes
    const pieces = [latin1('HTTP/1.1 200 OK\r\n\r\n'), latin1(body), another]
    const fed = await feed(c, 'response', ['GET', ...pieces, 'end'])
    const early = fed.slice(0, -1).findIndex(({ messages }) => (messages?.length ?? 0) > 0)
    c.observe('P2', early < 0 ? 'c' : early < 3 ? 'b' : 'a', WHY.P2)
    expectMessages(
      c,
      outOf(fed).messages,
      [{ status: 200, body: body + another.toString('latin1') }],
      'with the FIN',
    )
    c.expect(early < 0, 'no message before end()', 'a message before it')
  })

  check('R4', 'whatever the body looks like', expectUntilFin)

  check('R4', 'a body that is too short says by how much', async (c) => {
    const [length, missing] = [c.random.integer(20, 90), c.random.integer(1, 19)]
    for (const kind of ['request', 'response'] as const) {
      const start = kind === 'request' ? POST : 'HTTP/1.1 200 OK\r\n'
      const head = `${start}Content-Length: ${length}\r\n\r\n`
      const short = Buffer.concat([latin1(head), c.random.bytes(length - missing)])
      await expectTruncated(c, kind, short, missing, `a ${kind} that lacks ${missing} bytes of ${length}`)
      await expectTruncated(c, kind, head, length, `a ${kind} that lacks its body`)
    }
  })

  check('R4', 'what is cut short elsewhere lacks nobody knows how much', async (c) => {
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nX: y\r\n\r\n'
    const body = chunks.indexOf('5\r\n')
    for (const length of [1, 16, 17, 30, body - 2, body, body + 1, body + 3, body + 5])
      await expectTruncated(
        c,
        'response',
        chunks.slice(0, length),
        null,
        `the first ${length} bytes of a response`,
      )
    for (const length of [body + 8, body + 10, body + 13, chunks.length - 2, chunks.length - 1])
      await expectTruncated(
        c,
        'response',
        chunks.slice(0, length),
        null,
        `the first ${length} bytes of a response`,
      )
    await expectTruncated(
      c,
      'request',
      'GET / HTTP/1.1\r\nHost: a\r\n',
      null,
      'a request without its blank line',
    )
  })

  check('R5', 'request lines that are none', (c) =>
    expectRefused(c, 'request', REQUEST_LINES, () => drawGood(c.random)),
  )

  check('R5', 'targets in no form, or in the wrong one', (c) =>
    expectRefused(c, 'request', TARGETS, () => drawGood(c.random)),
  )

  check('R5', 'versions and targets that are right', (c) => expectTaken(c, [...LINES, ...TUNNELS]))

  check('R5', 'every byte in a method and in a target', async (c) => {
    await expectBytesOf(c, 'method')
    await expectBytesOf(c, 'target')
  })

  check('R6', 'fields that are none, or hide something', (c) =>
    expectRefused(c, 'request', FIELDS, () => drawGood(c.random)),
  )

  check('R6', 'every byte in a name and in a value', async (c) => {
    await expectBytesOf(c, 'name')
    await expectBytesOf(c, 'value')
  })

  check('R7', 'no Host, two, and one that names nothing', (c) =>
    expectRefused(c, 'request', HOSTS, () => drawGood(c.random)),
  )

  check('R7', 'hosts that are right', (c) => expectTaken(c, GOOD_HOSTS))

  check('R8', 'lengths that are none, and two that differ', (c) =>
    expectRefused(c, 'request', LENGTHS, () => drawGood(c.random)),
  )

  check('R8', 'lengths that are one', (c) => expectTaken(c, GOOD_LENGTHS))

  check('R9', 'codings that hide the end', (c) =>
    expectRefused(c, 'request', CODINGS, () => drawGood(c.random)),
  )

  check('R9', 'chunked, however it is written', (c) => expectTaken(c, GOOD_CODINGS))

  check('R10', 'chunks that end somewhere else', (c) =>
    expectRefused(c, 'request', CHUNKS, () => drawGood(c.random)),
  )

  check('R11', 'a head that just fits, and one that does not', expectHeadLimits)

  check('R11', 'a body that just fits, and one that does not', expectBodyLimits)

  check('R11', 'chunks that just fit, and a chunk too many', expectChunkLimits)

  check('R11', 'trailers and extensions have limits too', expectOtherLimits)

  check('R11', 'without options: 16 KiB of head, 1 MiB of body', expectDefaults)

  check('R12', 'messages before a refusal in the same piece stand in the error', async (c) => {
    const [one, two] = [drawGood(c.random), drawGood(c.random)]
    const fed = await feed(c, 'request', [
      Buffer.concat([one.bytes, two.bytes, latin1('GET\r\n\r\n'), one.bytes]),
    ])
    const held = fed[0]?.error?.messages
    c.expect(held?.length === 2, 'two messages in `messages` of the error', `${held?.length ?? 'none'}`)
    expectMessages(c, outOf(fed).messages, [one.expected, two.expected], 'before the refusal')
  })

  check('R12', 'behind a refusal push() and end() throw it again, and give nothing', async (c) => {
    const { bytes } = drawGood(c.random)
    const [, first, ...later] = await feed(c, 'request', [bytes, latin1('GET\r\n\r\n'), bytes, 'end', bytes])
    c.expectEqual(first?.error?.at, bytes.length, '`at` of the first error')
    for (const { error } of later) {
      const seen = [error?.code, error?.status, error?.at, error?.messages?.length ?? 0]
      c.expectEqual(seen, ['BAD_REQUEST_LINE', 400, bytes.length, 0], 'the error of a later call')
    }
  })

  check('R12', 'behind a FIN that came too early they do so too', expectDeafBehindFin)

  check('R12', 'a refusal comes in time, without a byte of what follows', async (c) => {
    const late = [
      [`${POST}Content-Length: 5x\r\n\r\n`, 'BAD_LENGTH', POST.length],
      ['GET / HTTP/1.1\nHost: a\r\n\r\n', 'BARE_LF', 0],
      [`${CHUNKED}+5\r\n`, 'BAD_CHUNK_SIZE', CHUNKED.length],
      [`${CHUNKED}1\r\nxyz`, 'BAD_CHUNK_END', CHUNKED.length + 4],
      [`${CHUNKED}1\r\nx\ry`, 'BAD_CHUNK_END', CHUNKED.length + 4],
      [`${CHUNKED}0\r\nX : y\r\n\r\n`, 'SPACE_BEFORE_COLON', CHUNKED.length + 3],
    ] as const
    for (const [text, code, at] of late) {
      for (const [how, pieces] of cuts(c.random, latin1(text))) {
        const { error } = outOf(await feed(c, 'request', pieces))
        await expectError(c, 'request', error, { codes: [code], at }, `nothing else has come, ${how}`)
      }
    }
  })

  check('R12', 'what is wrong with a response is 502', (c) =>
    expectRefused(c, 'response', BAD_RESPONSES, () => drawAnswer(c.random)),
  )

  check('R13', 'a body in single bytes', expectSingles)

  check('R13', 'single bytes behind a long body', async (c) => {
    const length = `Content-Length: ${7 * 2 ** 20}\r\n\r\n`
    await expectLinear(c, 'request', 'a body with a length', POST + length, 'x', 'x')
    await expectLinear(c, 'response', 'a body up to the FIN', 'HTTP/1.1 200 OK\r\n\r\n', 'x\r\n', 'x')
  })

  check('R13', 'small chunks behind large ones, and behind many', async (c) => {
    const small = '1\r\nx\r\n'
    await expectLinear(c, 'request', 'a body in chunks', CHUNKED, `ff\r\n${'x'.repeat(255)}\r\n`, small)
    await expectLinear(c, 'request', 'a body in chunks of one byte', CHUNKED, small, small, 2)
  })

  check('R13', 'single bytes of a long line, and of the last of many', async (c) => {
    await expectLinear(c, 'request', 'a field without an end', `${POST}X: `, 'x', 'x')
    await expectLinear(
      c,
      'request',
      'a head of many fields',
      POST,
      `X-Field: ${'x'.repeat(53)}\r\n`,
      'X: y\r\n',
    )
  })

  check('R13', 'folds of one field, behind many', async (c) => {
    const start = 'HTTP/1.1 200 OK\r\nX: y\r\n'
    await expectLinear(c, 'response', 'a field of many folds', start, ` ${'x'.repeat(61)}\r\n`, ' y\r\n')
  })

  check('R13', 'white space in a value', expectSpaces)

  check('R13', 'many messages in one piece', expectManyAtOnce)

  check('R14', 'an answer, then the refusal, then FIN', async (c) => {
    const { server, handled } = await serve(c)
    await c.learner.staysOnLoopback()
    const good = drawGood(c.random)
    const client = await c.connect(server.port)
    const bad = `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
    await client.send(Buffer.concat([good.bytes, latin1(bad), drawGood(c.random).bytes]))
    await c.learner.idle()
    const seen = client.received.toString('latin1').match(/^HTTP\/1\.1 \d+/gm) ?? []
    c.observe('P3', seen.length === 2 ? 'b' : client.ended === 'RST' ? 'c' : 'a', WHY.P3)
    const first = await client.response({ as: 'the answer to the first request' })
    c.expectBytes(first.body, `${good.expected.target}`, 'the answer to the first request')
    await expectRefusal(c, client, 400, 'a request with both lengths')
    c.expect(handled.length === 1, 'one call of the handler', `${handled.length}`)
  })

  check('R14', 'request lines and targets', (c) => expectRefusedOnTheWire(c, [...REQUEST_LINES, ...TARGETS]))
  check('R14', 'fields and hosts', (c) => expectRefusedOnTheWire(c, [...FIELDS, ...HOSTS]))
  check('R14', 'lengths and codings', (c) => expectRefusedOnTheWire(c, [...LENGTHS, ...CODINGS]))
  check('R14', 'chunks', (c) => expectRefusedOnTheWire(c, CHUNKS))

  check('R14', 'what is too large is refused before it has come', async (c) => {
    const { server, handled } = await serve(c)
    const cases = [
      ['a head', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(16_384)}`, 431],
      ['a target', `GET /${'x'.repeat(16_384)}`, 414],
      ['a length', `${POST}Content-Length: 1048577\r\n\r\n`, 413],
      ['a chunk', `${CHUNKED}100001\r\n`, 413],
    ] as const
    for (const [what, bytes, status] of cases) {
      const client = await c.connect(server.port)
      await client.send(latin1(bytes))
      await expectRefusal(c, client, status, `${what} that is too large`)
    }
    c.expect(handled.length === 0, 'no call of the handler', `${handled.length}`)
  })

  check('R14', 'CONNECT is answered 501, as no tunnel is opened', async (c) => {
    const { server, handled } = await serve(c)
    for (const [what, bytes] of TUNNELS) {
      const client = await c.connect(server.port)
      await client.send(Buffer.concat([latin1(bytes), drawGood(c.random).bytes]))
      await expectRefusal(c, client, 501, what)
    }
    c.expect(handled.length === 0, 'no call of the handler behind a CONNECT, or for it', `${handled.length}`)
  })

  check(
    'R14',
    'the refusal is not lost to a client that goes on sending, and has five seconds',
    async (c) => {
      const { server } = await serve(c)
      const client = await c.connect(server.port, { paused: true })
      await client.send(latin1(`${CHUNKED}-5\r\n`))
      for (let count = 0; count < 8; count++) await client.send(c.random.bytes(40_000))
      await c.learner.idle()
      client.read()
      await expectRefusal(c, client, 400, 'a bad size, with more behind it')
      await hasFiveSeconds(c, server, client)
    },
  )

  check('R14', 'who reads slowly gets the answer before the refusal, and then has five seconds', (c) =>
    expectSlowReader(c),
  )

  converse('R14', 'refusals in any state', TALKS.R14)

  check('R15', 'the handler is given what the parser gives', async (c) => {
    await expectTakenOnTheWire(c, [...WHOLE, ...LINES, ...GOOD_HOSTS])
    await expectTakenOnTheWire(c, [...GOOD_LENGTHS, ...GOOD_CODINGS, ...GOOD_CHUNKS])
  })

  check('R15', 'no body in an answer to HEAD, in a 204 and in a 304', expectNoBodies)

  check('R15', 'the length is the server’s to say', expectOwnLength)

  check('R15', 'who expects 100 (Continue) gets it, behind the answers before it', expectContinue)

  check('R15', 'a handler that fails is a 500', async (c) => {
    const { server } = await serve(c, ({ target }) => {
      if (target === '/fails') throw new Error('the handler of the check fails')
      return answer(`${target}`)
    })
    const client = await c.connect(server.port)
    await client.send('GET /fails HTTP/1.1\r\nHost: a\r\n\r\n')
    c.expectEqual(statusIn(await client.response()), 500, 'the status')
    const other = await c.connect(server.port)
    await other.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
    c.expectBytes((await other.response()).body, '/a', 'the answer to another client')
  })

  converse('R15', 'requests, answers and ends in any order', TALKS.R15)

  check('R16', 'an answer that would be two is not sent', expectUnsplit)

  check('R16', 'no character becomes a line end when it is written', expectUncut)

  check('R16', 'what is odd and can be read is sent', expectOddAnswers)
})

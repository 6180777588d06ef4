import type { Request } from '../../../labs/kit/http.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { CLIENT_SCRIPTS } from './client-scripts.ts'
import { playWithClient, type Step as ClientStep } from './client-play.ts'
import { closesTheServer, hostInAnyCase, leavesSlowly } from './long-scenes.ts'
import { littleIsLeft, sameObject, takesBothLengths } from './long-scenes.ts'
import { WHY } from './predictions.ts'
import { KEPT, text, gated, get, post, writingsOf, nearly, bodyLikeRequests, chunked } from './scenes.ts'
import { answer, answerTo, says, saysNot, hintOf, noHint, hasHost, start, ask } from './scenes.ts'
import { endsAfter, postsAreTaken, asked, answered, reply, again, onANewOne, loseRace } from './scenes.ts'
import { rejectsHere } from './scenes.ts'
import { playWithServer } from './server-play.ts'
import { SERVER_SCRIPTS } from './server-scripts.ts'
import type { Step as ServerStep } from './server-steps.ts'

const withServer = (scripts: Readonly<Record<string, readonly ServerStep[]>>) => ({
  scripts,
  play: playWithServer,
})
const withClient = (scripts: Readonly<Record<string, readonly ClientStep[]>>) => ({
  scripts,
  play: playWithClient,
})

lab('12-keep-alive', ({ check, converse }) => {
  check('R1', 'request after request is answered on one connection', async (c) => {
    const { client, handled } = await start(c)
    await c.learner.staysOnLoopback()
    const count = c.random.integer(4, 7)
    for (let number = 0; number < count; number++) {
      const fields = number === 0 ? [] : [`Connection: ${c.random.pick(['keep-alive', c.random.word()])}`]
      saysNot(c, await ask(c, client, { fields }), 'close', 'HTTP/1.1 keeps the connection')
      await client.staysOpen()
    }
    c.expectEqual(handled.length, count, 'the calls of the handler')
  })

  check('R1', 'the handler gets the request as it came, and what it returns is sent', async (c) => {
    const [given, sent] = [c.random.word(), c.random.word()]
    const handler = () => ({ ...text(sent), status: 202, headers: [['X-Mark', sent]] as const })
    const { client, handled } = await start(c, { handler })
    for (const version of ['1.1', '1.0'] as const) {
      await client.send(get(`/${given}`, { version, fields: [`X-Mark: ${given}`, `x-mark:${sent}`] }))
      const response = await client.response({ as: `the answer to GET /${given}` })
      c.expectEqual(response.words[1], '202', 'the status that the handler returned')
      c.expectEqual(response.header('x-mark'), sent, 'X-Mark, a field that the handler returned')
      c.expectBytes(response.body, sent, 'the body that the handler returned')
      const { method, target, headers, ...request } = handled.at(-1) as Request
      const words = [method, target, request.version]
      c.expectEqual(words, ['GET', `/${given}`, version], 'method, target and version the handler got')
      const fields = ['Host: a.example', `X-Mark: ${given}`, `x-mark: ${sent}`].map((line) =>
        line.split(': '),
      )
      c.expectEqual(headers, fields, 'the fields the handler got, in pairs')
    }
  })

  check('R1', 'requests that arrive together are answered in their order', async (c) => {
    const { handler, open } = gated('/1')
    const { client } = await start(c, { handler })
    await client.send(get('/1') + get('/2') + get('/3'))
    await c.learner.idle()
    c.expectBytes(client.unread, '', 'what comes before the first answer is ready')
    open()
    for (const target of ['/1', '/2', '/3']) await answerTo(c, client, 'GET', target)
  })

  check('R1', 'a handler may give back the same object each time', sameObject)
  converse('R1', 'requests, answers and connections in any order', withServer(SERVER_SCRIPTS.R1))

  check('R2', 'close in a request, in any writing: the answer says so too, and FIN follows', async (c) => {
    const { server } = await start(c)
    for (const fields of writingsOf(c, 'close')) {
      const client = await c.connect(server.port)
      await ask(c, client)
      says(c, await ask(c, client, { fields }), 'close', `the request said ${fields.join(', ')}`)
      await client.sees('FIN')
    }
  })

  check('R2', 'nothing behind a request that says close is handled or answered', async (c) => {
    const { client, handled } = await start(c)
    await client.send(get('/last', { fields: ['Connection: close'] }) + get('/behind'))
    await answerTo(c, client, 'GET', '/last')
    c.expectBytes(await client.takeToFin(), '', 'what comes behind the last answer')
    c.expectEqual(handled.length, 1, 'the calls of the handler')
  })

  check('R2', 'a token that only contains the word is another token', async (c) => {
    const { client } = await start(c)
    const others = nearly(c, 'close')
    const response = await ask(c, client, { fields: [`Connection: ${others}`] })
    saysNot(c, response, 'close', `the request said ${others}, and that is not close`)
    await ask(c, client)
  })

  converse('R2', 'close in any writing, and whatever comes behind it', withServer(SERVER_SCRIPTS.R2))

  check('R3', 'answer maxRequests is the last and says so, and FIN follows', async (c) => {
    const maxRequests = c.random.integer(3, 6)
    const { server } = await start(c, { maxRequests })
    for (const asking of [{}, KEPT]) {
      const client = await c.connect(server.port)
      for (let number = 1; number < maxRequests; number++) {
        saysNot(c, await ask(c, client, asking), 'close', `answer ${number} of ${maxRequests}`)
        await client.staysOpen()
      }
      const last = await ask(c, client, asking)
      if (asking === KEPT) saysNot(c, last, 'keep-alive', 'this was the last answer')
      else says(c, last, 'close', 'this was the last answer')
      await client.sees('FIN')
    }
  })

  converse('R3', 'the count of a connection, whatever it is made of', withServer(SERVER_SCRIPTS.R3))

  check('R4', 'HTTP/1.0 without keep-alive: one answer, then FIN', async (c) => {
    const { server } = await start(c)
    for (const fields of [[], [`Connection: ${nearly(c, 'keep-alive')}`], ['Keep-Alive: timeout=9']]) {
      const client = await c.connect(server.port)
      const response = await ask(c, client, { version: '1.0', fields })
      saysNot(c, response, 'keep-alive', 'the request did not ask for it')
      await client.sees('FIN')
    }
  })

  check('R4', 'HTTP/1.0 with keep-alive, in any writing: the echo, and a kept connection', async (c) => {
    const { client } = await start(c)
    for (const fields of writingsOf(c, 'keep-alive')) {
      const response = await ask(c, client, { version: '1.0', fields })
      says(c, response, 'keep-alive', `the request said ${fields.join(', ')}`)
      await client.staysOpen()
    }
  })

  check('R4', 'the wish stands in every request, and close beats it', async (c) => {
    const { server } = await start(c)
    const both = ['Connection: close, keep-alive', 'Connection: Keep-Alive, Close']
    for (const fields of [[], ...both.map((line) => [line])]) {
      const client = await c.connect(server.port)
      await ask(c, client, KEPT)
      await client.staysOpen()
      saysNot(c, await ask(c, client, { version: '1.0', fields }), 'keep-alive', 'the wish has ended')
      await client.sees('FIN')
    }
  })

  converse('R4', 'every HTTP/1.0 request decides anew', withServer(SERVER_SCRIPTS.R4))

  check('R5', 'Keep-Alive tells whole seconds of idleMs, and how many requests are left', async (c) => {
    const [maxRequests, seconds] = [c.random.integer(4, 9), c.random.integer(3, 40)]
    const idleMs = seconds * 1_000 + c.random.integer(500, 999)
    const { client } = await start(c, { idleMs, maxRequests })
    for (let number = 1; number < maxRequests; number++) {
      const response = await ask(c, client, KEPT)
      c.expect(response.header('keep-alive') !== null, 'a Keep-Alive field beside the echo', 'none')
      c.expectEqual(hintOf(response, 'timeout'), `${seconds}`, `timeout, whole seconds of ${idleMs} ms`)
      const left = `${maxRequests - number}`
      c.expectEqual(hintOf(response, 'max'), left, `max, after answer ${number} of ${maxRequests}`)
    }
    noHint(c, await ask(c, client, KEPT), 'the last answer')
  })

  check('R5', 'without the option there is no Keep-Alive', async (c) => {
    const { client, server } = await start(c)
    noHint(c, await ask(c, client), 'an answer in HTTP/1.1')
    noHint(c, await ask(c, client, { fields: ['Connection: close'] }), 'the last answer')
    const old = await c.connect(server.port)
    noHint(c, await ask(c, old, { version: '1.0' }), 'an answer to HTTP/1.0 that did not ask')
  })

  converse(
    'R5',
    'what Keep-Alive says is true for any idleMs, version and count',
    withServer(SERVER_SCRIPTS.R5),
  )

  check('R6', 'open at idleMs - 1, FIN at idleMs, after an answer or without a request', async (c) => {
    const { client, server, idleMs } = await start(c)
    const silent = await c.connect(server.port, { name: 'silent' })
    await ask(c, client)
    await endsAfter(c, { client, silent }, idleMs)
  })

  check('R6', 'every answer begins a new span', async (c) => {
    const { client, idleMs } = await start(c)
    for (let number = 0; number < 3; number++) {
      await ask(c, client)
      await c.learner.tick(idleMs - 1)
      await client.staysOpen()
    }
    await ask(c, client)
    await endsAfter(c, { client }, idleMs)
  })

  check('R6', 'every connection has a clock of its own', async (c) => {
    const { client, server, idleMs } = await start(c)
    const other = await c.connect(server.port, { name: 'other' })
    await ask(c, client)
    await c.learner.tick(idleMs / 2)
    await ask(c, other)
    await endsAfter(c, { client }, idleMs / 2)
    await endsAfter(c, { other }, idleMs / 2)
  })

  converse('R6', 'the idle time of silent, used and late connections', withServer(SERVER_SCRIPTS.R6))

  check('R7', 'the clock does not run while the handler works', async (c) => {
    const { handler, open } = gated('/slow')
    const { client, idleMs } = await start(c, { handler })
    await client.send(get('/slow'))
    await c.learner.tick(2 * idleMs)
    if (client.ended !== 'open') c.observe('P2', 'a', WHY.P2)
    const saw = `${client.ended}: the idle clock ran during the request`
    c.expect(client.ended === 'open', 'the connection open: the handler is at work', saw)
    open()
    await answerTo(c, client, 'GET', '/slow')
    await c.learner.idle()
    c.observe('P2', client.ended === 'open' ? 'c' : 'b', WHY.P2)
    await endsAfter(c, { client }, idleMs)
  })

  check('R7', 'the clock does not run while a request arrives', async (c) => {
    const { client, idleMs } = await start(c)
    await ask(c, client)
    const body = c.random.bytes(c.random.integer(40, 90))
    const head = post('/slow', [`Content-Length: ${body.length}`])
    // Cut in the head and in the body: neither may be at rest while it is not whole.
    const parts = [...c.random.split(head, 2), ...c.random.split(body, 2)]
    for (const part of parts.slice(0, -1)) {
      await client.send(part)
      await c.learner.tick(idleMs + 1)
      c.expectBytes(client.unread, '', 'what comes before the request is whole')
      const saw = `${client.ended}: the idle clock ran while the request arrived`
      c.expect(client.ended === 'open', 'the connection open: a part of a request is there', saw)
    }
    await client.send(parts.at(-1) ?? '')
    await answerTo(c, client, 'POST', '/slow', body.length)
    await endsAfter(c, { client }, idleMs)
  })

  check('R7', 'the clock does not run while an answer leaves', leavesSlowly)

  check('R7', 'nor while a small one does, of which the system has not taken all', littleIsLeft)

  converse(
    'R7',
    'no clock from the first byte of any request to the last byte of its answer',
    withServer(SERVER_SCRIPTS.R7),
  )

  check('R8', 'a body with a Content-Length is no request', async (c) => {
    const body = bodyLikeRequests(c)
    await postsAreTaken(c, post('/form', [`Content-Length: ${body.length}`]), body, [body, body])
  })

  check('R8', 'a body in chunks is no request', async (c) => {
    const body = bodyLikeRequests(c)
    const coding = c.random.pick(['Transfer-Encoding: chunked', 'transfer-encoding: Chunked'])
    const [trailer, none] = [chunked(c, body, 'X-Sum: 1\r\n'), chunked(c, body)]
    await postsAreTaken(c, post('/form', [coding]), body, [trailer, none])
  })

  check(
    'R8',
    'a request with both lengths is answered by its chunks, or refused, and is the last',
    takesBothLengths,
  )

  converse('R8', 'bodies in any framing, cut anywhere', withServer(SERVER_SCRIPTS.R8))

  check('R9', 'an HTTP/1.1 client asks again on the connection that it has', async (c) => {
    const client = await answered(c, answer('1.1', 'one', { fields: [`Connection: ${nearly(c, 'close')}`] }))
    await client.connection.staysOpen()
    const body = c.random.bytes(c.random.integer(20, 300))
    const parts = { method: 'PUT', target: '/two', version: '1.0', body } as const
    const put = client.request({ ...parts, headers: [['X-Mark', 'red']] })
    const seen = await again(c, client)
    c.expectEqual(seen.startLine, 'PUT /two HTTP/1.1', 'the request line, in the version of the client')
    c.expectEqual(seen.header('x-mark'), 'red', 'the field X-Mark of the request')
    c.expectBytes(seen.body, body, 'the body of the request')
    const mark = c.random.word()
    const parts404 = { status: '404 Not Found', fields: [`X-Mark: ${mark}`, 'x-MARK:blue'] }
    const { headers } = await reply(c, client.connection, put, answer('1.1', '', parts404))
    const pairs = [
      ['X-Mark', mark],
      ['x-MARK', 'blue'],
      ['Content-Length', '0'],
    ]
    c.expectEqual(headers, pairs, 'the fields of the response, as pairs')
  })

  check('R9', 'a Host that the caller gives counts in any case of its name', hostInAnyCase)

  check('R9', 'the next request may follow in the turn in which the answer came', async (c) => {
    const origin = await c.listen({ name: 'origin' })
    const client = await c.learner.construct('KeepAliveClient', origin.port)
    const targets = Array.from({ length: 3 }, () => `/${c.random.word()}`)
    const texts = c.learner.make<string[]>('askInARow', client, targets)
    const connection = await origin.connection()
    for (const _ of targets) await connection.send(answer('1.1', (await connection.request()).words[1]))
    c.expectEqual(await texts, targets, 'the bodies of three answers in a row')
  })

  check('R9', 'an answer in chunks shows its end too', async (c) => {
    const client = await asked(c)
    const body = c.random.bytes(c.random.integer(200, 900))
    const head = answer('1.1', '', { fields: ['Transfer-Encoding: chunked'], length: false })
    const bytes = Buffer.concat([head, chunked(c, body, 'X-Sum: 1\r\n')])
    await client.connection.sendInParts(c.random.split(bytes, 4))
    c.expectBytes((await client.first).body, body, 'the body of the response')
    void client.request({})
    await again(c, client)
  })

  check('R9', 'an HTTP/1.0 client asks for keep-alive in every request', async (c) => {
    const fields = [`connection: ${c.random.word()}, Keep-Alive`]
    const client = await asked(c, { version: '1.0' })
    c.expectEqual(client.seen.words[2], 'HTTP/1.0', 'the version of the request')
    says(c, client.seen, 'keep-alive', 'HTTP/1.0 keeps no connection unasked')
    await reply(c, client.connection, client.first, answer('1.0', 'one', { fields }))
    for (const method of ['GET', 'POST']) {
      const call = client.request({ method })
      says(c, await again(c, client), 'keep-alive', 'every request asks anew')
      await reply(c, client.connection, call, answer('1.0', c.random.word(), { fields }))
    }
  })

  converse('R9', 'kept connections, whatever was asked and answered', withClient(CLIENT_SCRIPTS.R9))

  check('R10', 'an answer that says close ends it, though the server does not close', async (c) => {
    for (const fields of writingsOf(c, 'close')) {
      const client = await answered(c, answer('1.1', 'last', { fields }))
      await client.connection.seesEnd()
      await onANewOne(c, client, client.request({}), `the answer before said ${fields.join(', ')}`)
    }
  })

  check('R10', 'your own close ends it as well', async (c) => {
    for (const close of ['Close', `${c.random.word()}, close`]) {
      const client = await answered(c, answer('1.1', 'last'), { close })
      await client.connection.seesEnd()
      await onANewOne(c, client, client.request({}), `the request before said ${close}`)
    }
  })

  check('R10', 'an HTTP/1.0 answer without keep-alive ends it: a client infers the close', async (c) => {
    const near = [`Connection: ${nearly(c, 'keep-alive')}`, 'Keep-Alive: timeout=5, max=9']
    for (const fields of [null, near, []]) {
      const bytes = answer('1.0', 'no echo', { fields: fields ?? [] })
      const client = await answered(c, bytes, { version: fields ? '1.0' : '1.1' })
      const second = client.request({})
      await c.learner.idle()
      c.observe('P1', client.connection.unread.length > 0 ? 'a' : 'b', WHY.P1)
      await onANewOne(c, client, second, 'the answer before had no Connection: keep-alive')
      await client.connection.seesEnd()
    }
  })

  converse('R10', 'what ends a connection, in any writing', withClient(CLIENT_SCRIPTS.R10))

  check('R11', 'an answer without a length is whole at the FIN, and ends the connection', async (c) => {
    const kept = ['Connection: keep-alive', 'Keep-Alive: timeout=60']
    for (const [version, fields] of [
      ['1.1', []],
      ['1.1', kept],
      ['1.0', kept],
    ] as const) {
      const client = await asked(c, { version })
      const body = c.random.bytes(c.random.integer(30, 500))
      const bytes = answer(version, body, { fields, length: false })
      await client.connection.sendInParts(c.random.split(bytes, 3))
      await c.learner.idle()
      // A rejection speaks for itself.
      if (client.first.settled) await client.first
      const saw = 'a response: your client took no length for a length of 0'
      c.expect(!client.first.settled, 'your promise pending: the body goes on to the FIN', saw)
      await client.connection.fin()
      c.expectBytes((await client.first).body, body, 'the body of the response')
      await onANewOne(c, client, client.request({}), 'the FIN was the end of the answer')
      await client.connection.seesEnd()
    }
  })

  converse('R11', 'answers without a length, in any version', withClient(CLIENT_SCRIPTS.R11))

  check('R12', 'an idempotent request that loses the race, to FIN or RST, is sent once more', async (c) => {
    const [body, mark] = [c.random.bytes(c.random.integer(10, 60)), c.random.word()]
    for (const method of ['PUT', 'DELETE', 'GET', 'OPTIONS', 'TRACE']) {
      const end = method === 'DELETE' || method === 'TRACE' ? 'reset' : 'fin'
      const { origin, request, connection } = await answered(c, answer('1.1', 'first'))
      const parts = { method, target: '/again', headers: [['X-Mark', mark]] } as const
      const call = request({ ...parts, ...(method === 'PUT' ? { body } : {}) })
      const first = await loseRace(c, connection, end)
      c.observe('P3', origin.accepted === 1 ? 'a' : origin.accepted === 2 ? 'b' : 'c', WHY.P3)
      const as = `a new connection from you, to send ${method} once more: it is idempotent`
      const second = await origin.connection({ as })
      const repeated = await second.request()
      c.expectEqual(repeated.startLine, first.startLine, 'the request line of the second attempt')
      c.expectEqual(repeated.header('x-mark'), mark, 'the field X-Mark in the second attempt')
      hasHost(c, repeated)
      c.expectBytes(repeated.body, first.body, 'the body of the second attempt')
      await reply(c, second, call, answer('1.1', 'won'))
      await origin.noFurtherConnection()
    }
  })

  check('R12', 'any other method that loses the race rejects, and is not sent again', async (c) => {
    // No idempotent method that anybody has registered begins with an X.
    const unknown = `X${c.random.word().toUpperCase()}`
    for (const method of ['POST', 'PATCH', unknown]) {
      for (const end of ['fin', 'reset'] as const) {
        const client = await answered(c, answer('1.1', 'first'))
        const call = client.request({ method, target: '/pay', body: Buffer.from('amount=10') })
        await loseRace(c, client.connection, end)
        await rejectsHere(c, client, call, `the ${method} sent once: it may have been carried out`)
        if (end === 'fin') await client.connection.seesEnd()
      }
    }
  })

  check('R12', 'on a new connection there is no race: the request is not repeated', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const fresh = await asked(c)
      await loseRace(c, fresh.connection, end, fresh.seen)
      await rejectsHere(c, fresh, fresh.first, 'the GET sent once: its connection was new')
      // A client that has had an answer, on a connection that has ended since.
      const client = await answered(c, answer('1.1', 'first'))
      await client.connection.fin()
      await c.learner.idle()
      const call = client.request({})
      const as = 'a new connection from you: the server had closed the old one'
      await loseRace(c, await client.origin.connection({ as }), end)
      await rejectsHere(c, client, call, 'the second GET sent once: its connection was new', 2)
    }
  })

  check('R12', 'an answer that is cut short rejects, and is not asked for again', async (c) => {
    const bytes = answer('1.1', c.random.bytes(c.random.integer(20, 90)))
    for (const length of [c.random.integer(1, 30), bytes.length - 1]) {
      const client = await answered(c, answer('1.1', 'first'))
      const call = client.request({ target: `/${c.random.word()}` })
      await client.connection.request()
      await client.connection.send(bytes.subarray(0, length))
      await client.connection.fin()
      c.step(`the server has closed after ${length} of ${bytes.length} bytes of its answer`)
      await c.learner.idle()
      await rejectsHere(c, client, call, 'the GET sent once: an answer had begun')
    }
  })

  check('R12', 'the second attempt is the last', async (c) => {
    const client = await answered(c, answer('1.1', 'first'))
    const call = client.request({ target: '/again' })
    await loseRace(c, client.connection)
    const as = 'a new connection from you, to send GET once more: it is idempotent'
    await loseRace(c, await client.origin.connection({ as }))
    await rejectsHere(c, client, call, 'two attempts in all', 2)
  })

  check('R12', 'a connection whose FIN has been read is not used, for a POST neither', async (c) => {
    const client = await answered(c, answer('1.1', 'first'))
    await client.connection.fin()
    await c.learner.idle()
    c.step('the FIN of the server has been read, while no request was under way')
    const call = client.request({ method: 'POST', body: Buffer.from('amount=10') })
    await onANewOne(c, client, call, 'the server had closed the old one')
    await client.connection.seesEnd()
  })

  converse(
    'R12',
    'lost races, cut answers, closed connections and a refusing port',
    withClient(CLIENT_SCRIPTS.R12),
  )

  check('R13', 'close() of the client ends the kept connection', async (c) => {
    const { client, connection } = await answered(c, answer('1.1', 'first'))
    await connection.staysOpen()
    await client.close()
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })

  check('R13', 'close() of the server ends what is idle, and answers what is in progress', closesTheServer)

  converse('R13', 'close() of the client, in every state', withClient(CLIENT_SCRIPTS.R13))

  converse('R13', 'close() of the server, in every state of a connection', withServer(SERVER_SCRIPTS.R13))

  converse(
    'R14',
    'a client that half-closes, in every state of its connection',
    withServer(SERVER_SCRIPTS.R14),
  )

  converse('R15', 'failing handlers, resets, and bytes that are no HTTP', withServer(SERVER_SCRIPTS.R15))
})

import type { Handler, Request, Response } from '../../labs/kit/http.ts'
import type { Call, Check, Connection, HttpMessage } from '../../workbook/grading/check.ts'
import { lab } from '../../workbook/grading/lab.ts'
import { WHY } from './12-keep-alive.why.ts'

lab('12-keep-alive', ({ check }) => {
  check('R1', 'request after request is answered on one connection', async (c) => {
    const { client, handled } = await start(c)
    const count = c.random.integer(4, 7)
    for (let number = 0; number < count; number++) {
      const fields = number === 0 ? [] : [`Connection: ${c.random.pick(['keep-alive', c.random.word()])}`]
      saysNot(c, await ask(c, client, { fields }), 'close', 'HTTP/1.1 keeps the connection')
      await client.staysOpen()
    }
    c.expectEqual(handled.length, count, 'the calls of the handler')
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

  check('R3', 'of requests that arrive together, maxRequests are handled', async (c) => {
    const maxRequests = c.random.integer(2, 4)
    const { client, handled } = await start(c, { maxRequests })
    const targets = Array.from({ length: maxRequests + 2 }, (_, index) => `/${index + 1}`)
    await client.send(targets.map((target) => get(target)).join(''))
    for (const target of targets.slice(0, maxRequests)) await answerTo(c, client, 'GET', target)
    c.expectBytes(await client.takeToFin(), '', 'what comes behind the last answer')
    c.expectEqual(handled.length, maxRequests, 'the calls of the handler')
  })

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

  check('R6', 'open at idleMs - 1, FIN at idleMs, after an answer or without a request', async (c) => {
    const { client, server, idleMs } = await start(c)
    const silent = await c.connect(server.port, { name: 'silent' })
    await ask(c, client)
    await endsAfter(c, [client, silent], idleMs)
  })

  check('R6', 'every answer begins a new span', async (c) => {
    const { client, idleMs } = await start(c)
    for (let number = 0; number < 3; number++) {
      await ask(c, client)
      await c.learner.tick(idleMs - 1)
      await client.staysOpen()
    }
    await ask(c, client)
    await endsAfter(c, [client], idleMs)
  })

  check('R6', 'every connection has a clock of its own', async (c) => {
    const { client, server, idleMs } = await start(c)
    const other = await c.connect(server.port, { name: 'other' })
    await ask(c, client)
    await c.learner.tick(idleMs / 2)
    await ask(c, other)
    await endsAfter(c, [client], idleMs / 2)
    await endsAfter(c, [other], idleMs / 2)
  })

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
    await endsAfter(c, [client], idleMs)
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
    await endsAfter(c, [client], idleMs)
  })

  check('R7', 'the clock does not run while an answer leaves', async (c) => {
    // More than both kernels take while the client does not read.
    const body = Buffer.alloc(c.random.integer(8_000_000, 8_500_000), c.random.bytes(997))
    const { server, idleMs } = await start(c, { handler: () => ({ ...text(''), body }) })
    const client = await c.connect(server.port, { name: 'slow reader', paused: true })
    await client.send(get('/'))
    await c.learner.tick(idleMs + 1)
    client.read()
    await c.learner.idle()
    const saw = `${client.ended} after ${client.received.length} bytes`
    c.expect(client.received.length > body.length, `all ${body.length} bytes of the answer`, saw)
    c.expectBytes((await client.response()).body, body, 'the body of the answer')
    await endsAfter(c, [client], idleMs)
  })

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

  check('R8', 'a request with both lengths is the last of its connection', async (c) => {
    const { client, handled } = await start(c)
    const smuggled = get('/smuggled')
    const lengths = [`Content-Length: ${5 + smuggled.length}`, 'Transfer-Encoding: chunked']
    await client.send(`${post('/form', lengths)}0\r\n\r\n${smuggled}`)
    await client.sees('FIN')
    const seen = handled.some(({ target }) => target === '/smuggled')
    c.expect(!seen, 'no request made of its last bytes', 'GET /smuggled, handled')
  })

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
    await reply(c, client.connection, put, answer('1.1', '', { status: '404 Not Found' }))
  })

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
      const saw = 'a response: your client took no length for a length of 0'
      c.expect(!client.first.settled, 'your promise pending: the body goes on to the FIN', saw)
      await client.connection.fin()
      c.expectBytes((await client.first).body, body, 'the body of the response')
      await onANewOne(c, client, client.request({}), 'the FIN was the end of the answer')
      await client.connection.seesEnd()
    }
  })

  check('R12', 'an idempotent request that loses the race, to FIN or RST, is sent once more', async (c) => {
    const body = c.random.bytes(c.random.integer(10, 60))
    for (const method of ['PUT', 'DELETE', 'GET', 'OPTIONS', 'TRACE']) {
      const end = method === 'DELETE' || method === 'TRACE' ? 'reset' : 'fin'
      const { origin, request, connection } = await answered(c, answer('1.1', 'first'))
      const call = request({ method, target: '/again', ...(method === 'PUT' ? { body } : {}) })
      const first = await loseRace(c, connection, end)
      c.observe('P3', origin.accepted === 1 ? 'a' : origin.accepted === 2 ? 'b' : 'c', WHY.P3)
      const second = await origin.connection()
      const repeated = await second.request()
      c.expectEqual(repeated.startLine, first.startLine, 'the request line of the second attempt')
      c.expectBytes(repeated.body, first.body, 'the body of the second attempt')
      await reply(c, second, call, answer('1.1', 'won'))
      await origin.noFurtherConnection()
    }
  })

  check('R12', 'a POST or PATCH that loses the race rejects, and is not sent again', async (c) => {
    for (const method of ['POST', 'PATCH']) {
      const { origin, request, connection } = await answered(c, answer('1.1', 'first'))
      const call = request({ method, target: '/pay', body: Buffer.from('amount=10') })
      await loseRace(c, connection)
      const saw = `${origin.accepted} connections: the ${method} was sent twice`
      c.expect(origin.accepted === 1, `the ${method} sent once: it may have been carried out`, saw)
      await call.rejects()
      await connection.seesEnd()
      await origin.noFurtherConnection()
    }
  })

  check('R12', 'an answer that is cut short rejects, and is not asked for again', async (c) => {
    const bytes = answer('1.1', c.random.bytes(c.random.integer(20, 90)))
    for (const length of [c.random.integer(1, 30), bytes.length - 1]) {
      const { origin, request, connection } = await answered(c, answer('1.1', 'first'))
      const call = request({ target: `/${c.random.word()}` })
      await connection.request()
      await connection.send(bytes.subarray(0, length))
      await connection.fin()
      c.step(`the server has closed after ${length} of ${bytes.length} bytes of its answer`)
      await c.learner.idle()
      const saw = `${origin.accepted} connections: an answer had begun, and the request was sent again`
      c.expect(
        origin.accepted === 1,
        'the request sent once: the race is lost only before an answer begins',
        saw,
      )
      await call.rejects()
    }
  })

  check('R12', 'the second attempt is the last', async (c) => {
    const { origin, request, connection } = await answered(c, answer('1.1', 'first'))
    const call = request({ target: '/again' })
    await loseRace(c, connection)
    await loseRace(c, await origin.connection())
    const saw = `${origin.accepted} connections: a failed repetition was repeated`
    c.expect(origin.accepted === 2, 'two attempts in all', saw)
    await call.rejects()
    await origin.noFurtherConnection()
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

  check('R13', 'close() of the client ends the kept connection', async (c) => {
    const { client, connection } = await answered(c, answer('1.1', 'first'))
    await connection.staysOpen()
    await client.close()
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })

  check('R13', 'close() of the server ends what is idle, and answers what is in progress', async (c) => {
    const { handler, open } = gated('/slow')
    const { server, client: busy } = await start(c, { handler })
    const idle = await c.connect(server.port, { name: 'idle' })
    for (const connection of [busy, idle]) await ask(c, connection)
    await busy.send(get('/slow'))
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await idle.fin()
    await busy.silent()
    c.expect(!closed.settled, 'close() still pending: a request is in progress', 'it has settled already')
    await c.refused(server.port)
    open()
    says(c, await answerTo(c, busy, 'GET', '/slow'), 'close', 'your server closes behind this answer')
    await busy.sees('FIN')
    await busy.fin()
    await closed
  })
})

// --- internal ---

type Version = '1.0' | '1.1'
type Asking = { readonly version?: Version; readonly fields?: readonly string[] }

type Serving = { readonly handler?: Handler; readonly idleMs?: number; readonly maxRequests?: number }

const KEPT: Asking = { version: '1.0', fields: ['Connection: keep-alive'] }

/** A server that answers, a client that is connected, and what the handler was called with. */
async function start(c: Check, { handler, idleMs = drawIdle(c), maxRequests = 1_000 }: Serving = {}) {
  // Time is given: a FIN that only the idle clock brings must not pass for another one.
  c.learner.holdClock()
  const handled: Request[] = []
  const recorded: Handler = (request) => {
    handled.push(request)
    return handler ? handler(request) : text(wanted(request.method, request.target, request.body.length))
  }
  const server = await c.learner.serve('serve', recorded, { idleMs, maxRequests })
  return { server, client: await c.connect(server.port), handled, idleMs }
}

/** Even, so that it can be halved. */
const drawIdle = (c: Check) => 2 * c.random.integer(1_000, 20_000)
const wanted = (method: string, target: string, length: number) => `${method} ${target} with ${length} bytes`
const MARK = { version: '1.1', status: 200, reason: 'OK', headers: [['X-Handled', 'yes']] } as const
const text = (body: string): Response => ({ ...MARK, body: Buffer.from(body) })

/** A handler that finishes when the gate is opened; at once for any target but `slow`. */
function gated(slow: string): { readonly handler: Handler; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const handler: Handler = async ({ target }) => {
    if (target === slow) await opened
    return text(wanted('GET', target, 0))
  }
  return { handler, open: () => open() }
}

const get = (target: string, { version = '1.1', fields = [] }: Asking = {}): string =>
  [`GET ${target} HTTP/${version}`, 'Host: a.example', ...fields, '', ''].join('\r\n')
const post = (target: string, fields: readonly string[]) => get(target, { fields }).replace('GET', 'POST')

async function ask(c: Check, client: Connection, asking?: Asking): Promise<HttpMessage> {
  const target = `/${c.random.word()}`
  await client.send(get(target, asking))
  return await answerTo(c, client, 'GET', target)
}

async function answerTo(
  c: Check,
  client: Connection,
  method: string,
  target: string,
  length = 0,
  as = `the answer to ${method} ${target}`,
) {
  const response = await client.response({ as })
  c.expectEqual(response.words[1], '200', `the status of the answer to ${target}`)
  c.expectEqual(response.header('x-handled'), 'yes', `X-Handled, a field of the handler's response`)
  c.expectBytes(response.body, wanted(method, target, length), `the answer to ${target}`)
  return response
}

/** One option in each way to write it: its case, its place in a list, its line. Each stands for itself. */
function writingsOf(c: Check, option: string): string[][] {
  const capital = option.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase())
  const [other, more] = [c.random.word(), c.random.word()]
  return [
    [`Connection: ${option}`],
    [`connection: ${c.random.pick([capital, option.toUpperCase()])}`],
    [`Connection: ${other},${option}`],
    [`Connection: ${capital} ,, ${other}`],
    [`Connection: ${other}`, `CONNECTION: ${capital}`],
    [`CONNECTION: ${more}, ${capital}`, `connection: ${other}`],
  ]
}

/** Options that only contain the word: as their beginning, their end, or somewhere inside. */
const nearly = (c: Check, option: string): string =>
  [`${option}-${c.random.word()}`, `not-${option}`, `${option}d`, `un${option}d`].join(', ')

const optionsOf = (message: HttpMessage): string[] =>
  (message.header('connection') ?? '').split(',').map((option) => option.trim().toLowerCase())

function says(c: Check, message: HttpMessage, option: string, why: string, yes = true): void {
  const what = message.startLine.startsWith('HTTP/') ? 'answer' : 'request'
  const expected = `${yes ? '' : 'no '}\`Connection: ${option}\` in the ${what}: ${why}`
  const value = message.header('connection')
  const saw = value === null ? 'no Connection field' : `Connection: ${value}`
  c.expect(optionsOf(message).includes(option) === yes, expected, saw)
}

const saysNot: typeof says = (c, message, option, why) => says(c, message, option, why, false)

/** A parameter of Keep-Alive. */
function hintOf(response: HttpMessage, name: 'timeout' | 'max'): string | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*"?(\\d+)`, 'i').exec(response.header('keep-alive') ?? '')?.[1]
}

function noHint(c: Check, response: HttpMessage, where: string): void {
  const hint = response.header('keep-alive')
  const expected = `no Keep-Alive in ${where}: \`Connection: keep-alive\` does not stand beside it`
  c.expect(hint === null || optionsOf(response).includes('keep-alive'), expected, `Keep-Alive: ${hint}`)
}

async function endsAfter(c: Check, clients: Connection[], milliseconds: number): Promise<void> {
  await c.learner.tick(milliseconds - 1)
  for (const { ended } of clients) c.expect(ended === 'open', 'no FIN 1 ms before idleMs', ended)
  await c.learner.tick(1)
  for (const { ended } of clients) {
    const saw = ended === 'RST' ? 'RST' : 'nothing: your server is idle, the connection still open'
    c.expect(ended === 'FIN', 'FIN from your server at idleMs', saw)
  }
}

function bodyLikeRequests(c: Check): Buffer {
  const request = Buffer.from(get('/in-the-body'))
  return Buffer.concat([request, c.random.bytes(50), request])
}

/** In two or more chunks, with an extension at the first one, and trailer fields if there are any. */
function chunked(c: Check, body: Buffer, trailer = ''): Buffer {
  const chunks = c.random.split(body).flatMap((part, index) => {
    const size = part.length.toString(16)
    const line = index === 0 ? `${size};note=${c.random.word()}` : size.toUpperCase()
    return [Buffer.from(`${line}\r\n`), part, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)])
}

/** The same POST in parts, and then again with a GET right behind it. */
async function postsAreTaken(c: Check, head: string, body: Buffer, [first, second]: [Buffer, Buffer]) {
  const { client, handled } = await start(c)
  const answers = async () => {
    await c.learner.idle()
    const saw = 'GET /in-the-body, handled: your server took a body for a request'
    c.expect(!handled.some(({ target }) => target === '/in-the-body'), 'no request made of a body', saw)
    await answerTo(c, client, 'POST', '/form', body.length, 'the answer to the POST: its last byte has come')
  }
  await client.sendInParts([head, ...c.random.split(first, 3)])
  await answers()
  await client.send(Buffer.concat([Buffer.from(head), second, Buffer.from(get('/next'))]))
  await answers()
  await answerTo(c, client, 'GET', '/next')
  for (const request of handled.filter(({ method }) => method === 'POST'))
    c.expectBytes(request.body, body, 'the body the handler got')
}

type RemoteClient = { request(request: Partial<Request>): Call<Response>; close(): Call<void> }
type First = { readonly version?: Version; readonly close?: string }

/** A client whose first request has come: the answer is up to the check. */
async function asked(c: Check, { version, close }: First = {}) {
  const origin = await c.listen({ name: 'origin' })
  const options = version ? [{ version }] : []
  const client = await c.learner.construct<RemoteClient>('KeepAliveClient', origin.port, ...options)
  const request = (partial: Partial<Request>) => client.request(partial)
  const first = request({ target: `/${c.random.word()}`, headers: close ? [['Connection', close]] : [] })
  const connection = await origin.connection()
  const seen = await connection.request()
  const saw = 'no Host: a server must refuse such a request with 400'
  c.expect(version === '1.0' || seen.header('host') !== null, 'a Host field in the request', saw)
  return { origin, client, request, first, connection, seen }
}

/** A client that has had its first answer. */
async function answered(c: Check, bytes: Buffer, options?: First) {
  const client = await asked(c, options)
  await reply(c, client.connection, client.first, bytes)
  return client
}

type Asked = Awaited<ReturnType<typeof asked>>
type Parts = { readonly status?: string; readonly fields?: readonly string[]; readonly length?: false }

function answer(version: Version, body: string | Uint8Array, parts: Parts = {}): Buffer {
  const { status = '200 OK', fields = [], length } = parts
  const content = Buffer.from(body as string)
  const lengths = length === false ? [] : [`Content-Length: ${content.length}`]
  const head = [`HTTP/${version} ${status}`, ...fields, ...lengths, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), content])
}

async function reply(c: Check, connection: Connection, call: Call<Response>, bytes: Buffer): Promise<void> {
  await connection.send(bytes)
  await c.learner.idle()
  c.expect(call.settled, 'a response: its last byte has come', 'your promise still pending')
  const response = await call
  c.expectEqual(response.status, Number(bytes.toString('latin1', 9, 12)), 'the status')
  c.expectBytes(response.body, bytes.subarray(bytes.indexOf('\r\n\r\n') + 4), 'the body of the response')
}

/** The next request, which must come on the connection that the client has. */
async function again(c: Check, { origin, connection }: Asked): Promise<HttpMessage> {
  await c.learner.idle()
  const saw = `${origin.accepted} connections: the kept one was not used again`
  c.expect(origin.accepted === 1, 'the request on the same connection: both sides had kept it', saw)
  return connection.request()
}

/** The call's request comes on a new connection, and not on the old one. */
async function onANewOne(c: Check, { origin, connection }: Asked, call: Call<Response>, why: string) {
  await c.learner.idle()
  const reused = connection.unread.length > 0
  c.expect(!reused, `the request on a new connection: ${why}`, 'the request on the old connection')
  const next = await origin.connection()
  await next.request()
  await reply(c, next, call, answer('1.1', c.random.word(), { fields: ['Connection: close'] }))
}

/** The server has read the request, and says nothing but FIN, or RST. */
async function loseRace(c: Check, connection: Connection, end: 'fin' | 'reset' = 'fin') {
  const request = await connection.request()
  await connection[end]()
  const all = end === 'fin' ? 'FIN' : 'RST'
  c.step(`the server has read ${request.words[0]}, and its ${all} is all that comes`)
  await c.learner.idle()
  return request
}

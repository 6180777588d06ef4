import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { WHY } from './predictions.ts'
import { answer, cutInside, drawErrands, drawSite, gets, name, MEBIBYTE } from './scenes.ts'
import { INTERIM, NO_CLOSE, pipeline, start, pipelined, answerFirst, take } from './scenes.ts'
import { takeAll, answerAll, nothingMore, another, endUnanswered } from './scenes.ts'
import { expectOutcomes, roundTrips, expectTrips, serve, connectTo } from './scenes.ts'
import { expectAnswer, expectFin } from './scenes.ts'
import type { Site } from './scenes.ts'

lab('15-pipelining', ({ check }) => {
  check('R1', 'four requests and four answers on one connection', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['GET', 'PUT', 'POST', 'GET'])
    for (const errand of errands) {
      await take(c, connection, errand)
      await connection.sendInParts(c.random.split(answer(errand)))
    }
    await expectOutcomes(c, call, errands)
    await origin.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R1', 'a refused connection rejects with ECONNREFUSED', async (c) => {
    const { port } = await c.listen()
    c.learner.permit('127.0.0.1', port, 'refused')
    const error = await pipeline(c, port, drawErrands(c, gets(2))).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
  })

  check('R2', 'the first request goes alone; its answer lets out all the others at once', async (c) => {
    const { call, connection, errands } = await start(c, ['GET', 'PUT', 'GET', 'DELETE', 'OPTIONS', 'TRACE'])
    const others = await answerFirst(c, connection, errands)
    c.step('the origin has sent the first answer: the connection persists')
    await takeAll(c, connection, others)
    await connection.sendInParts(others.map((errand) => answer(errand)))
    await expectOutcomes(c, call, errands)
  })

  check(
    'R2',
    'HTTP/1.1 without `close` persists, and HTTP/1.0 with `keep-alive`, in a list too',
    async (c) => {
      for (const says of [{ connection: NO_CLOSE }, { version: '1.0', connection: 'X-Shop, Keep-Alive' }]) {
        const { call, connection, errands } = await start(c, gets(c.random.integer(3, 5)))
        const [first, ...others] = errands
        await take(c, connection, first)
        await connection.send(answer(first, says))
        c.step(
          `the origin has answered in HTTP/${says.version ?? '1.1'}, with Connection: ${says.connection}`,
        )
        await takeAll(c, connection, others)
        await connection.sendInParts(others.map((errand) => answer(errand)))
        await expectOutcomes(c, call, errands)
      }
    },
  )

  check('R3', 'several answers in one piece are all read, and so is one in several pieces', async (c) => {
    for (const isCut of [false, true]) {
      const { call, connection, errands, others } = await pipelined(c, gets(c.random.integer(4, 6)))
      const answers = others.map((errand) => answer(errand))
      const pieces = isCut ? cutInside(c, answers) : [Buffer.concat(answers)]
      await connection.sendInParts(pieces)
      const cut = isCut ? `${pieces.length} pieces, cut in every head and every body` : 'one piece'
      c.step(`the origin has sent ${others.length} answers in ${cut}`)
      await expectOutcomes(c, call, errands)
    }
  })

  check('R3', 'a 1xx is the answer to no request, and shows nothing about the connection', async (c) => {
    const { call, connection, errands } = await start(c, gets(3))
    const [first, second, third] = errands
    await take(c, connection, first)
    await connection.send(INTERIM)
    c.step('the origin has sent a 103, which is not the answer yet')
    await nothingMore(c, connection, 'no final answer has shown that the connection persists')
    await connection.send(answer(first))
    await takeAll(c, connection, [second, third])
    await connection.send(Buffer.concat([INTERIM, INTERIM, answer(second), INTERIM, answer(third)]))
    await expectOutcomes(c, call, errands)
  })

  check('R4', 'at most `depth` requests are unanswered, and each answer makes room', async (c) => {
    const depth = c.random.integer(2, 4)
    const { call, connection, errands } = await start(c, gets(depth + 4), { depth })
    const others = await answerFirst(c, connection, errands)
    await takeAll(c, connection, others.slice(0, depth))
    for (const [index, errand] of others.entries()) {
      await nothingMore(c, connection, `${depth} are unanswered, which is the depth`)
      await connection.send(answer(errand))
      await takeAll(c, connection, others.slice(index + depth, index + depth + 1))
    }
    await expectOutcomes(c, call, errands)
  })

  check('R4', 'four ways to load a page cost 8, 4, 5 and 3 round trips', async (c) => {
    const page = drawErrands(c, gets(4))
    const [html, ...images] = page
    const serial = await roundTrips(c, page, async (port) => {
      for (const errand of page) await pipeline(c, port, [errand])
    })
    expectTrips(c, serial, 8, 'four calls, one after the other, each with a connection of its own')
    const parallel = await roundTrips(c, page, async (port) => {
      await pipeline(c, port, [html])
      for (const call of images.map((errand) => pipeline(c, port, [errand]))) await call
    })
    expectTrips(c, parallel, 4, 'a call for the page, then three at the same time')
    const persistent = await roundTrips(c, page, (port) => pipeline(c, port, page, { depth: 1 }))
    expectTrips(c, persistent, 5, 'one call with depth 1')
    const piped = await roundTrips(c, page, (port) => pipeline(c, port, page))
    c.observe('P1', { 5: 'b', 4: 'c', 3: 'd' }[piped] ?? 'a', WHY.P1)
    expectTrips(c, piped, 3, 'one call without a limit')
  })

  check('R5', 'nothing follows what is not idempotent until its final answer has come', async (c) => {
    for (const method of ['POST', 'PATCH', c.random.word().toUpperCase()]) {
      const { call, connection, errands } = await start(c, ['GET', 'GET', method, 'GET', 'PUT', 'DELETE'])
      const [first, second, third, ...rest] = errands
      await answerAll(c, connection, [first, second])
      await take(c, connection, third)
      await nothingMore(c, connection, `${method} is not idempotent, and has no answer`)
      await connection.send(INTERIM)
      await nothingMore(c, connection, `${method} is not idempotent, and has no final answer`)
      await connection.send(answer(third))
      await answerAll(c, connection, rest)
      await expectOutcomes(c, call, errands)
    }
  })

  check('R6', 'what has no answer when the connection ends is sent again, one request first', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const { call, origin, connection, errands, others } = await pipelined(c, gets(5))
      const [second, third, ...rest] = others
      await connection.send(Buffer.concat([answer(second), answer(third).subarray(0, -1)]))
      await connection[end]()
      c.step(`the origin has ended the connection (${end}), one byte before the end of answer 3 of 5`)
      const next = await another(origin, 2, third)
      await take(c, next, third)
      await c.learner.idle()
      c.observe('P2', next.unread.length === 0 ? 'a' : 'b', WHY.P2)
      await nothingMore(c, next, 'behind a failed pipeline, the new connection has to prove itself first')
      await next.send(answer(third))
      await answerAll(c, next, rest)
      await expectOutcomes(c, call, errands)
      await origin.noFurtherConnection()
      await c.learner.leavesNothing()
    }
  })

  check('R6', 'PUT and DELETE are sent again too, each with its own second chance', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['PUT', 'DELETE', 'GET'])
    const [put, remove, get] = errands
    await take(c, connection, put)
    await endUnanswered(c, connection, put)
    const second = await another(origin, 2, put)
    await answerAll(c, second, [put])
    await take(c, second, remove)
    await endUnanswered(c, second, remove)
    const third = await another(origin, 3, remove)
    await answerAll(c, third, [remove, get])
    await expectOutcomes(c, call, errands)
  })

  check(
    'R7',
    'what is not idempotent is never sent again without an answer, and the others go on',
    async (c) => {
      for (const method of ['POST', 'PATCH', c.random.word().toUpperCase()]) {
        const { call, origin, connection, errands } = await start(c, ['GET', method, 'GET'])
        const [first, second, third] = errands
        await answerAll(c, connection, [first])
        await take(c, connection, second)
        await endUnanswered(c, connection, second)
        await answerAll(c, await another(origin, 2, third), [third])
        await expectOutcomes(c, call, errands, { 1: 'not-repeatable' })
      }
    },
  )

  check('R7', 'a POST that has not been sent yet is sent on the next connection', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['GET', 'GET', 'POST'], { depth: 1 })
    const [first, second, third] = errands
    await answerAll(c, connection, [first])
    await take(c, connection, second)
    await endUnanswered(c, connection, second)
    c.step('the POST has not been sent yet')
    await answerAll(c, await another(origin, 2, second), [second, third])
    await expectOutcomes(c, call, errands)
  })

  check('R7', 'a request that was sent twice in vain is given up, and no other', async (c) => {
    const { call, origin, connection, errands, others } = await pipelined(c, gets(3))
    const [second, third] = others
    await endUnanswered(c, connection, second)
    const next = await another(origin, 2, second)
    await take(c, next, second)
    await endUnanswered(c, next, second)
    await answerAll(c, await another(origin, 3, third), [third])
    await expectOutcomes(c, call, errands, { 1: 'gave-up' })
    await origin.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R7', 'answers are kept when no further connection can be made', async (c) => {
    const { call, origin, connection, errands, others } = await pipelined(c, gets(4))
    await connection.send(answer(others[0]))
    c.learner.permit('127.0.0.1', origin.port, 'refused')
    await c.learner.idle()
    c.step('two of four are answered, and the origin takes no further connection')
    await connection.fin()
    await expectOutcomes(c, call, errands, { 2: 'gave-up', 3: 'gave-up' })
  })

  check('R8', '`close` in an answer: your client closes, and the rest goes elsewhere', async (c) => {
    const { call, origin, connection, errands, others } = await pipelined(c, gets(4))
    const [second, ...rest] = others
    await connection.send(answer(second, { connection: 'X-Shop, Close' }))
    c.step('the origin has sent answer 2 of 4, with `Connection: X-Shop, Close`')
    await connection.seesEnd()
    await answerAll(c, await another(origin, 2, rest[0]), rest)
    await expectOutcomes(c, call, errands)
  })

  check('R8', 'where each answer says close, each request has a connection and is sent once', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['GET', 'POST', 'GET', 'PUT'])
    let current = connection
    for (const [index, errand] of errands.entries()) {
      if (index > 0) current = await another(origin, index + 1, errand)
      await take(c, current, errand)
      await nothingMore(c, current, 'no answer has shown that this connection persists')
      await current.send(answer(errand, { connection: 'close' }))
      await current.seesEnd()
    }
    await expectOutcomes(c, call, errands)
    await origin.noFurtherConnection()
  })

  check('R8', 'an HTTP/1.0 answer that does not say keep-alive ends its connection', async (c) => {
    const { call, origin, connection, errands } = await start(c, gets(3))
    const [first, ...rest] = errands
    await take(c, connection, first)
    await connection.send(answer(first, { version: '1.0' }))
    c.step('the origin has answered in HTTP/1.0, without keep-alive')
    await nothingMore(c, connection, 'HTTP/1.0 without keep-alive does not persist')
    await connection.fin()
    await answerAll(c, await another(origin, 2, rest[0]), rest)
    await expectOutcomes(c, call, errands)
  })

  check('R9', 'a slow first answer holds the others back', async (c) => {
    await holdsBack(c, (site) => [site.bytes])
  })

  check('R9', 'a slow first answer holds back what comes later, too', async (c) => {
    await holdsBack(c, (site) => site.messages)
  })

  check('R9', 'requests that are cut anywhere, bodies too, are answered in order', async (c) => {
    const site = drawSite(c, ['PUT', 'GET', 'POST', 'PUT', 'GET'])
    const client = await connectTo(c, site, 10)
    await client.sendInParts(cutInside(c, site.messages))
    for (const errand of site.errands) await expectAnswer(c, client, errand)
    for (const [index, { request }] of site.errands.entries()) {
      c.expectBytes(site.handled[index]?.body ?? '', request.body, `the body of ${name(request)}`)
    }
  })

  check('R9', 'a method that is not safe is handled alone', async (c) => {
    await handledAlone(c, (site) => [site.bytes])
  })

  check('R9', 'a method that is not safe is handled alone, when each request comes by itself', async (c) => {
    await handledAlone(c, (site) => site.messages)
  })

  check('R10', 'the handler has at most `maxWaiting` requests whose answers have not left', async (c) => {
    const maxWaiting = c.random.integer(1, 4)
    const site = drawSite(c, gets(3 * maxWaiting + 1), { gated: true })
    const client = await connectTo(c, site, maxWaiting)
    await client.send(site.bytes)
    for (const [index, errand] of site.errands.entries()) {
      await c.learner.idle()
      const waiting = site.handled.length - index
      const saw = `${waiting} requests given to the handler, and none of their answers has left`
      c.expect(waiting <= maxWaiting, `at most ${maxWaiting} requests waiting: maxWaiting says so`, saw)
      site.open(errand)
      await expectAnswer(c, client, errand)
    }
  })

  check('R10', 'each connection has a `maxWaiting` of its own', async (c) => {
    const maxWaiting = c.random.integer(1, 4)
    const site = drawSite(c, gets(maxWaiting + 2), { gated: true })
    const server = await serve(c, site, maxWaiting)
    const busy = await c.connect(server.port, { name: 'busy' })
    const other = await c.connect(server.port, { name: 'other' })
    await busy.send(Buffer.concat(site.messages.slice(0, -1)))
    await c.learner.idle()
    await other.send(site.messages.at(-1) ?? '')
    await c.learner.idle()
    const last = site.names.at(-1) ?? ''
    const expected = `${last} given to the handler: nothing else waits on its connection`
    c.expect(site.handled.map(name).includes(last), expected, 'it waits for those of another connection')
    site.openAll()
    for (const errand of site.errands.slice(0, -1)) await expectAnswer(c, busy, errand)
    for (const errand of site.errands.slice(-1)) await expectAnswer(c, other, errand)
  })

  check('R10', 'while they wait, what the client sends on stays with the client', async (c) => {
    const site = drawSite(c, ['GET', ...Array<string>(32).fill('PUT')], { gated: true, bodies: 65_536 })
    const client = await connectTo(c, site, c.random.integer(1, 3))
    await client.send(site.bytes)
    const { taken } = await c.learner.passed()
    const saw = `${taken} bytes: your server goes on reading, and keeps it all in memory`
    c.expect(taken <= MEBIBYTE, `at most 1 MiB taken of the ${site.bytes.length} bytes on offer`, saw)
    c.step('the client has offered more than 2 MiB, and your server has stopped reading')
    site.openAll()
    // All of it first: a message is cheap to find once nothing is on its way.
    await c.learner.idle()
    for (const errand of site.errands) await expectAnswer(c, client, errand)
  })

  check(
    'R10',
    'a client that does not read its answers has no more than `maxWaiting` of them waiting',
    async (c) => {
      const [size, maxWaiting] = [200_000, c.random.integer(1, 4)]
      const site = drawSite(c, gets(36), { answers: size })
      const server = await serve(c, site, maxWaiting)
      const client = await c.connect(server.port, { paused: true })
      await client.send(site.bytes)
      const { left } = await c.learner.passed()
      const answers = Math.floor(left / size)
      const waiting = site.handled.length - answers
      const saw = `${waiting}: ${site.handled.length} calls of the handler, and ${answers} answers that the kernel took`
      c.expect(waiting <= maxWaiting, `at most ${maxWaiting} answers that have not left`, saw)
      c.step(`the client has read nothing, and ${answers} answers have left; the others wait`)
      client.read()
      await c.learner.idle()
      for (const errand of site.errands) await expectAnswer(c, client, errand)
    },
  )

  check('R11', 'after a request that says close, nothing is handled or answered', async (c) => {
    const site = drawSite(c, gets(4), { gated: true, headers: { 1: [['Connection', 'X-Shop, Close']] } })
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    await c.learner.idle()
    for (const errand of site.errands.toReversed()) site.open(errand)
    const [first, last] = site.errands
    await expectAnswer(c, client, first)
    const response = await expectAnswer(c, client, last)
    const options = (response.header('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
    c.expect(options.includes('close'), '`Connection: close` in the last answer', 'an answer without it')
    await expectFin(c, client)
    c.expectEqual(
      site.handled.map(name).join(', '),
      site.names.slice(0, 2).join(', '),
      'what the handler was given',
    )
  })

  check('R11', 'an option that only contains the word is another one', async (c) => {
    const site = drawSite(c, gets(3), { headers: { 0: [['Connection', NO_CLOSE]] } })
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    await c.learner.idle()
    const saw = `${client.ended} behind the first`
    c.expect(client.ended === 'open', `three answers: none of ${NO_CLOSE} is close`, saw)
    for (const errand of site.errands) await expectAnswer(c, client, errand)
    await client.silent()
  })

  check('R11', 'an answer of the handler that says close is the last one', async (c) => {
    const site = drawSite(c, gets(4), { closing: 1 })
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    for (const errand of site.errands.slice(0, 2)) await expectAnswer(c, client, errand)
    await expectFin(c, client)
  })

  check('R11', 'a request behind the close costs no answer', async (c) => {
    const site = drawSite(c, gets(4), { answers: 200_000, headers: { 2: [['Connection', 'close']] } })
    const server = await serve(c, site, 10)
    const client = await c.connect(server.port, { paused: true })
    await client.send(Buffer.concat(site.messages.slice(0, 3)))
    await c.learner.idle()
    c.step('your server has seen the close, and the client has read no answer yet')
    // A socket that is closed by now answers this with RST, which takes along what the client has not read.
    for (const late of site.messages.slice(3)) await client.send(late)
    await c.learner.idle()
    client.read()
    await c.learner.idle()
    const saw = `RST from you: ${client.unread.length} bytes have come, the rest is lost`
    c.expect(client.ended !== 'RST', 'every answer up to the one with close, then FIN', saw)
    for (const errand of site.errands.slice(0, 3)) await expectAnswer(c, client, errand)
    await expectFin(c, client)
  })

  check('R12', 'a client that has closed its output still gets its answers, then FIN', async (c) => {
    const site = drawSite(c, gets(3), { gated: true })
    const server = await serve(c, site, 2)
    const client = await c.connect(server.port)
    await client.send(site.bytes)
    await client.fin()
    await c.learner.idle()
    c.expect(client.ended === 'open', 'the answers before your FIN', `${client.ended} before any answer`)
    site.openAll()
    for (const errand of site.errands) await expectAnswer(c, client, errand)
    await expectFin(c, client)
    await server.close()
  })

  check('R12', 'close() ends idle connections, and waits for the request in progress', async (c) => {
    const site = drawSite(c, gets(1), { gated: true })
    const server = await serve(c, site, 4)
    const [idle, busy] = [await c.connect(server.port, { name: 'idle' }), await c.connect(server.port)]
    await busy.send(site.bytes)
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await idle.fin()
    await closed.staysPending()
    c.expect(busy.ended === 'open', 'a request in progress finished first', `${busy.ended}, and no answer`)
    await c.refused(server.port)
    site.openAll()
    for (const errand of site.errands) await expectAnswer(c, busy, errand)
    await expectFin(c, busy)
    await closed
  })
})

// --- internal ---

/** What the client writes, one piece after the other; it waits for no answer, as the server may stop reading. */
type Pieces = (site: Site) => readonly Uint8Array[]

async function sendAll(c: Check, client: Connection, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await client.send(piece)
    await c.learner.idle()
  }
}

async function holdsBack(c: Check, pieces: Pieces): Promise<void> {
  const site = drawSite(c, gets(c.random.integer(3, 5)), { gated: true })
  const client = await connectTo(c, site, 10)
  await c.learner.staysOnLoopback()
  await sendAll(c, client, pieces(site))
  const [first, ...others] = site.errands
  for (const errand of others.toReversed()) site.open(errand)
  await c.learner.idle()
  c.step('every answer is ready but the first')
  c.observe('P3', client.unread.length === 0 ? 'a' : 'b', WHY.P3)
  const saw = `${client.unread.length} bytes of another answer: a client would take them for the first`
  c.expect(client.unread.length === 0, 'nothing on the wire before the first answer is ready', saw)
  site.open(first)
  for (const errand of site.errands) await expectAnswer(c, client, errand)
  await client.silent()
}

async function handledAlone(c: Check, pieces: Pieces): Promise<void> {
  const unsafe = ['PUT', 'POST', 'DELETE', 'PATCH', c.random.word().toUpperCase()]
  const site = drawSite(c, ['GET', ...unsafe.flatMap((method) => [method, 'GET'])], { gated: true })
  const client = await connectTo(c, site, 10)
  await sendAll(c, client, pieces(site))
  for (const [index, errand] of site.errands.entries()) {
    await c.learner.idle()
    const [early] = site.handled.slice(index + 1).map(name)
    const expected = `one request with the handler, each alone: ${name(errand.request)} is not answered yet`
    c.expect(early === undefined, expected, `${early} given to the handler beside it`)
    site.open(errand)
    await expectAnswer(c, client, errand)
  }
}

import type { Check } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { CLIENT } from './client-conversations.ts'
import {
  another,
  answerAll,
  answerFirst,
  endUnanswered,
  expectOutcomes,
  expectTrips,
  samePostLost,
  sameRequestLost,
  sameRequestTwice,
} from './client-scenes.ts'
import { nothingMore, pipeline, pipelined, roundTrips, start, take, takeAll } from './client-scenes.ts'
import { WHY } from './predictions.ts'
import { answer, cutInside, drawErrands, expectClose, gets, interim, name, requestBytes } from './scenes.ts'
import { SERVER } from './server-conversations.ts'
import {
  connectTo,
  drawSite,
  expectAnswer,
  expectFin,
  MEBIBYTE,
  serve,
  serveWith,
  type Site,
  smallAnswerWaits,
} from './server-scenes.ts'

lab('15-pipelining', ({ check, converse }) => {
  check('R1', 'four requests and four answers on one connection', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['GET', 'PUT', 'POST', 'GET'])
    await answerAll(c, connection, errands)
    await expectOutcomes(c, call, errands)
    await connection.seesEnd()
    await origin.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R1', 'a refused connection rejects with ECONNREFUSED', async (c) => {
    const { port } = await c.listen()
    c.learner.permit('127.0.0.1', port, 'refused')
    const error = await pipeline(c, port, drawErrands(c, gets(2))).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
  })

  check('R1', 'no requests, no outcomes', async (c) => {
    const { port } = await c.listen()
    await expectOutcomes(c, pipeline(c, port, []), [])
    await c.learner.leavesNothing()
  })

  check('R1', 'two calls at the same time know nothing of each other', async (c) => {
    const [one, two] = [await start(c, gets(3)), await start(c, ['PUT', 'GET', 'GET'])]
    await answerFirst(c, one.connection, one.errands)
    const others = await answerFirst(c, two.connection, two.errands)
    await answerAll(c, two.connection, others)
    await expectOutcomes(c, two.call, two.errands)
    await one.call.staysPending('the answers of the other call are not its own')
    await answerAll(c, one.connection, one.errands.slice(1))
    await expectOutcomes(c, one.call, one.errands)
  })

  check('R1', 'a request that is given twice is two requests', sameRequestTwice)

  converse('R1', 'whatever the origin does, each request has its outcome', CLIENT.R1)

  check('R2', 'the first request goes alone; its answer lets out all the others at once', async (c) => {
    const { call, connection, errands } = await start(c, ['GET', 'PUT', 'GET', 'DELETE', 'OPTIONS', 'TRACE'])
    const others = await answerFirst(c, connection, errands)
    c.step('the origin has sent the first answer: the connection persists')
    await takeAll(c, connection, others)
    await connection.sendInParts(others.map((errand) => answer(errand)))
    await expectOutcomes(c, call, errands)
  })

  converse('R2', 'what shows that a connection persists, first and later', CLIENT.R2)

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
    await connection.send(interim(103))
    c.step('the origin has sent a 103, which is not the answer yet')
    await nothingMore(c, connection, 'no final answer has shown that the connection persists')
    await connection.send(answer(first))
    await takeAll(c, connection, [second, third])
    await connection.send(
      Buffer.concat([interim(103), interim(100), answer(second), interim(103), answer(third)]),
    )
    await expectOutcomes(c, call, errands)
  })

  converse('R3', 'a 1xx before, between and behind answers', CLIENT.R3)

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

  converse('R4', 'at most `depth` are unanswered on every connection, and each answer makes room', CLIENT.R4)

  check('R5', 'nothing follows a POST until its final answer has come', async (c) => {
    const { call, connection, errands } = await start(c, ['GET', 'GET', 'POST', 'GET', 'PUT', 'DELETE'])
    const [first, second, third, ...rest] = errands
    await answerAll(c, connection, [first, second])
    await take(c, connection, third)
    await nothingMore(c, connection, 'POST is not idempotent, and has no answer')
    await connection.send(interim(103))
    await nothingMore(c, connection, 'POST is not idempotent, and has no final answer')
    await connection.send(answer(third))
    await answerAll(c, connection, rest)
    await expectOutcomes(c, call, errands)
  })

  converse('R5', 'nothing follows a method that is not idempotent, wherever it stands', CLIENT.R5)

  check('R6', 'what has no answer when the connection ends is sent again, one request first', async (c) => {
    const { call, origin, connection, errands } = await pipelined(c, gets(5))
    const [, second, third, ...rest] = errands
    await connection.send(Buffer.concat([answer(second), answer(third).subarray(0, -1)]))
    await connection.fin()
    c.step('the origin has closed one byte before the end of answer 3 of 5')
    const next = await another(origin, 2, third)
    await takeAll(c, next, [third])
    await c.learner.idle()
    c.observe('P2', next.unread.length === 0 ? 'a' : 'b', WHY.P2)
    await nothingMore(c, next, 'behind a failed pipeline, the new connection has to prove itself first')
    await next.send(answer(third))
    await answerAll(c, next, rest)
    await expectOutcomes(c, call, errands)
    await origin.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R6', 'a request that is given twice has a second chance each time', sameRequestLost)

  converse('R6', 'a connection that ends in any state', CLIENT.R6)

  check('R7', 'a POST is never sent again without an answer, and the others go on', async (c) => {
    const { call, origin, connection, errands } = await start(c, ['GET', 'POST', 'GET'])
    const [first, second, third] = errands
    await answerAll(c, connection, [first])
    await take(c, connection, second)
    await endUnanswered(c, connection, second)
    await answerAll(c, await another(origin, 2, third), [third])
    await expectOutcomes(c, call, errands, { 1: 'not-repeatable' })
  })

  check('R7', 'a POST that is given twice is sent twice, once for each', samePostLost)

  converse('R7', 'what may not be sent again, and what has not been sent', CLIENT.R7)

  check('R8', '`close` in an answer: your client closes, and the rest goes elsewhere', async (c) => {
    const { call, origin, connection, errands } = await pipelined(c, gets(4))
    const [, second, ...rest] = errands
    await connection.send(answer(second, { says: ['X-Shop, Close'] }))
    c.step(
      'the origin has sent answer 2 of 4, with `Connection: X-Shop, Close`, and waits for your client to end',
    )
    await connection.seesEnd()
    await answerAll(c, await another(origin, 2, rest[0]), rest)
    await expectOutcomes(c, call, errands)
  })

  converse('R8', 'what ends the persistence, in an answer and in a request', CLIENT.R8)

  check('R9', 'a slow first answer holds the others back', async (c) => {
    const site = drawSite(c, gets(c.random.integer(3, 5)), { gated: true })
    const client = await connectTo(c, site, 10)
    await c.learner.staysOnLoopback()
    await client.send(site.bytes)
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
  })

  check('R9', 'a method that is not safe is handled alone', async (c) => {
    const site = drawSite(c, ['GET', 'PUT', 'GET', 'POST', 'GET'], { gated: true })
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    for (const [index, errand] of site.errands.entries()) {
      await c.learner.idle()
      const [early] = site.handled.slice(index + 1).map(name)
      const expected = `one request with the handler, each alone: ${name(errand.request)} is not answered yet`
      c.expect(early === undefined, expected, `${early} given to the handler beside it`)
      site.open(errand)
      await expectAnswer(c, client, errand)
    }
  })

  check('R9', 'a handler that answers at once, with the same object each time', async (c) => {
    const errands = drawErrands(c, ['GET', 'PUT', 'GET close'])
    const bodies = Object.fromEntries(errands.map(({ request, body }) => [request.target, body]))
    const handler = await c.learner.make('answersAtOnce', bodies)
    const server = await serveWith(c, handler, 2)
    for (const client of [await c.connect(server.port), await c.connect(server.port)]) {
      await client.send(Buffer.concat(errands.map(({ request }) => requestBytes(request))))
      for (const errand of errands) await expectAnswer(c, client, errand)
      await expectFin(c, client)
    }
  })

  check('R9', 'what is not safe waits until the answers before it have left', async (c) => {
    const { expectWaiting } = await unreadAnswers(c, Array<string>(36).fill('PUT'), c.random.integer(2, 4))
    expectWaiting(1, 'a method that is not safe is handled alone')
  })

  check('R9', 'and what is safe waits until the answer to what is not has left', async (c) => {
    // More than any system takes for a client that does not read: the answer to the PUT cannot have left.
    const { expectWaiting, client } = await unreadAnswers(
      c,
      ['PUT', 'GET'],
      c.random.integer(2, 4),
      8_000_000,
    )
    expectWaiting(1, 'nothing is given to the handler beside a PUT')
    await client.reset({ now: true })
  })

  converse('R9', 'the order of answers, however requests come and handlers end', SERVER.R9)

  check('R10', 'while they wait, what the client sends on stays with the client', async (c) => {
    const site = drawSite(c, ['GET', ...Array<string>(32).fill('PUT')], { gated: true, bodies: 65_536 })
    const client = await connectTo(c, site, c.random.integer(1, 3))
    await client.send(site.bytes)
    await expectHeldBack(c, site)
    site.openAll()
    // All of it first: a message is cheap to find once nothing is on its way.
    await c.learner.idle()
    for (const errand of site.errands) await expectAnswer(c, client, errand)
  })

  check('R10', 'a long body stays with the client, too, while `maxWaiting` wait', async (c) => {
    const site = drawSite(c, ['GET', 'PUT'], { gated: true, bodies: 2 * MEBIBYTE })
    const client = await connectTo(c, site, 1)
    await client.send(site.messages[0] ?? '')
    await c.learner.idle()
    await client.send(site.messages[1] ?? '')
    await expectHeldBack(c, site)
    await client.reset({ now: true })
  })

  check(
    'R10',
    'a client that does not read its answers has no more than `maxWaiting` of them waiting',
    async (c) => {
      const maxWaiting = c.random.integer(1, 4)
      const { expectWaiting, client, site } = await unreadAnswers(c, gets(36), maxWaiting)
      expectWaiting(maxWaiting, 'maxWaiting says so')
      client.read()
      await c.learner.idle()
      for (const errand of site.errands) await expectAnswer(c, client, errand)
    },
  )

  check('R10', 'a small answer waits as well until the system has taken all of it', smallAnswerWaits)

  converse('R10', '`maxWaiting` of a connection side by side, and no more', SERVER.R10)

  check('R11', 'after a request that says close, nothing is handled or answered', async (c) => {
    const site = drawSite(c, ['GET', 'GET (X-Shop, Close)', 'GET', 'GET'], { gated: true })
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    await c.learner.idle()
    for (const errand of site.errands.toReversed()) site.open(errand)
    const [first, last] = site.errands
    await expectAnswer(c, client, first)
    expectClose(c, await expectAnswer(c, client, last), last)
    await expectFin(c, client)
    const given = site.handled.map(name).join(', ')
    c.expectEqual(given, site.names.slice(0, 2).join(', '), 'what the handler was given')
  })

  check('R11', 'an answer of the handler that says close is the last one', async (c) => {
    const site = drawSite(c, ['GET', 'GET last', 'GET', 'GET'])
    const client = await connectTo(c, site, 10)
    await client.send(site.bytes)
    for (const errand of site.errands.slice(0, 2)) await expectAnswer(c, client, errand)
    await expectFin(c, client)
  })

  check('R11', 'a request behind the close costs no answer', async (c) => {
    const site = drawSite(c, ['GET', 'GET', 'GET close', 'GET'], { answers: 200_000 })
    const server = await serve(c, site, 10)
    const client = await c.connect(server.port, { paused: true })
    await client.send(Buffer.concat(site.messages.slice(0, 3)))
    await c.learner.idle()
    c.step('your server has seen the close, and the client has read no answer yet')
    // However late: whoever waits for the FIN of the client with a limit of his own has closed by then.
    await c.learner.tick(3_600_000)
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

  converse('R11', 'a close in a request or an answer, and what stands around it', SERVER.R11)

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
    await closed.staysPending('a request is with your handler')
    c.expect(busy.ended === 'open', 'a request in progress finished first', `${busy.ended}, and no answer`)
    await c.refused(server.port)
    site.openAll()
    for (const errand of site.errands) await expectAnswer(c, busy, errand)
    await expectFin(c, busy)
    await closed
  })

  check('R12', 'close() waits until a slow reader has its answers', async (c) => {
    const { server, client, site } = await unreadAnswers(c, gets(36), 2)
    const due = site.handled.length
    const closed = server.close()
    await closed.staysPending('the client has not read its answers')
    c.step('close() was called while the client does not read its answers')
    client.read()
    await c.learner.idle()
    for (const errand of site.errands.slice(0, due)) await expectAnswer(c, client, errand)
    await client.sees('FIN')
    await client.fin()
    await closed
  })

  converse('R12', 'FIN and close() in every state', SERVER.R12)
})

// --- internal ---

async function expectHeldBack(c: Check, { bytes }: Site): Promise<void> {
  const { taken } = await c.learner.passed()
  const saw = `${taken} bytes: your server goes on reading, and keeps it all in memory`
  c.expect(taken <= MEBIBYTE, `at most 1 MiB taken of the ${bytes.length} bytes on offer`, saw)
  c.step('the client has offered more than 2 MiB, and your server has stopped reading')
}

/** A client has sent requests and reads nothing: some answers have left, one stands at the front of those that wait. */
async function unreadAnswers(c: Check, words: readonly string[], maxWaiting: number, size = 200_000) {
  const site = drawSite(c, words, { answers: size, bodies: 2 })
  const server = await serve(c, site, maxWaiting)
  const client = await c.connect(server.port, { paused: true })
  await client.send(site.bytes)
  const { left } = await c.learner.passed()
  const answers = Math.floor(left / size)
  const waiting = site.handled.length - answers
  const expectWaiting = (most: number, why: string): void => {
    const saw = `${waiting}: ${site.handled.length} calls of the handler, and ${answers} answers that the kernel took`
    c.expect(waiting <= most, `at most ${most} answers that have not left: ${why}`, saw)
    c.step(`the client has read nothing, and ${answers} answers have left; the others wait`)
  }
  return { site, server, client, expectWaiting }
}

import type { Handler } from '../../../labs/kit/http.ts'
import type { Connection } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { WHY } from './predictions.ts'
import { drawPages, pattern, drawTimeout, get, put, saysClose, gated } from './scenes.ts'
import { dial, dialAndFill, closing, serveThenClose, offerUpload } from './scenes.ts'
import { readLate, oneMore, wholeAnswers, takePage, everyByteThenFin } from './scenes.ts'
import { stillPending, settlesAs, settlesAfter, toldOfTheFailure, closesAfter } from './scenes.ts'
import { SOCKETS } from './sockets.ts'
import { TALKS } from './talks.ts'
import { UPLOADS } from './uploads.ts'

lab('17-graceful-close', ({ check, converse }) => {
  check('R1', 'the careless server answers in order, and ends the connection after the last', async (c) => {
    const pages = drawPages(c, c.random.integer(3, 5), 'small')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: pages.all.length })
    await c.learner.staysOnLoopback()
    const client = await c.connect(server.port)
    for (const page of pages.all) {
      await client.send(get(page.target))
      await takePage(c, client, page)
    }
    await client.seesEnd()
  })

  check('R1', 'one request behind the last answer costs answers that were already written', async (c) => {
    const pages = drawPages(c, 12, 'large')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: 12 })
    const undisturbed = await readLate(c, server, pages.requests)
    c.observe('P1', undisturbed.received.length > pages.bytes ? 'a' : 'b', WHY.P1)
    const { received } = await readLate(c, server, pages.requests, oneMore)
    c.observe('P2', received.length > pages.bytes ? 'a' : received.length > 0 ? 'b' : 'c', WHY.P2)
    const saw = `all twelve answers arrived, ${received.length} bytes: this server closes with care`
    c.expect(received.length < pages.bytes, 'answers lost to one late request', saw)
  })

  check('R1', 'what waits in your queue is thrown away at once, without a late request too', async (c) => {
    const pages = drawPages(c, 12, 'huge')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: 12 })
    // The thirteenth is there already, and nobody is to look at it.
    const { received } = await readLate(c, server, pages.requests + get('/late'))
    const saw = `all twelve answers arrived, ${received.length} bytes: your server waited until they had left`
    c.expect(received.length < pages.bytes, 'answers lost that were still in your queue', saw)
    c.expectEqual(pages.handled.length, 12, 'the calls of the handler, one for each of maxRequests')
  })

  check('R1', 'no request behind the last one is handled, whichever piece it comes in', async (c) => {
    const pages = drawPages(c, 4, 'small')
    const server = await c.learner.serve('serveCarelessly', pages.handler, { maxRequests: 4 })
    for (const first of [1, 2, 3]) {
      const before = pages.handled.length
      const client = await c.connect(server.port)
      const requests = [...pages.all.map(({ target }) => get(target)), get('/late'), get('/later')]
      await client.send(requests.slice(0, first).join(''))
      await c.learner.idle()
      await client.send(requests.slice(first).join(''))
      await client.seesEnd()
      await c.learner.idle()
      c.step(`${first} of six requests came first, and the others together`)
      c.expectEqual(pages.handled.length - before, 4, 'the calls of the handler, one for each of maxRequests')
    }
  })

  check('R2', 'what is queued leaves before the FIN', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    void close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
  })

  converse('R2', 'a queue that is stuck for an hour, or reset, or has just been filled', SOCKETS.R2)

  check('R3', 'after its FIN it reads and discards until the FIN of the peer', async (c) => {
    const { peer, call } = await closing(c)
    await stillPending(c, call, 'the peer has not sent its FIN')
    await peer.send(pattern(c, c.random.integer(300_000, 400_000)))
    await stillPending(c, call, 'the peer may send more')
    await peer.fin()
    await settlesAs(c, call, 'clean', 'the peer has sent its FIN')
    await c.learner.leavesNothing()
  })

  converse('R3', 'bytes before the call and behind it, on two sockets', SOCKETS.R3)

  check('R4', 'a peer that never closes is left at timeoutMs, not before, whatever it sends', async (c) => {
    const { peer, call, timeoutMs } = await closing(c)
    await settlesAfter(c, call, timeoutMs, 'forced', () => peer.send(c.random.bytes(50)))
    await c.learner.leavesNothing()
  })

  check('R4', 'the deadline counts from the FIN, not from the call', async (c) => {
    const { peer, close, queued, timeoutMs } = await dialAndFill(c)
    const call = close()
    await c.learner.tick(2 * timeoutMs)
    await stillPending(c, call, 'output is still queued, so the deadline has not begun')
    await everyByteThenFin(c, peer, queued)
    await settlesAfter(c, call, timeoutMs, 'forced')
  })

  check('R4', 'timeoutMs may be nothing', async (c) => {
    const { peer, socket } = await dial(c)
    const call = c.learner.call('closeGracefully', socket, { timeoutMs: 0 })
    await peer.sees('FIN')
    // A timer of 0 ms is one of 1 ms in Node.
    await c.learner.tick(1)
    await settlesAs(c, call, 'forced', '0 ms since your FIN')
  })

  converse('R4', 'both sides of each deadline', SOCKETS.R4)

  check('R5', 'every further call has the same end, and moves no deadline', async (c) => {
    const { call, close, timeoutMs } = await closing(c)
    await c.learner.tick(timeoutMs / 2)
    const again = close()
    await settlesAfter(c, call, timeoutMs / 2, 'forced')
    for (const each of [again, close()]) await settlesAs(c, each, 'forced', 'the first call has this end')
  })

  check('R5', 'the peer may have closed first, while output is still queued', async (c) => {
    const { peer, close, queued } = await dialAndFill(c)
    await peer.send(c.random.bytes(100))
    await peer.fin()
    const call = close()
    await c.learner.idle()
    await everyByteThenFin(c, peer, queued)
    await settlesAs(c, call, 'clean', 'both sides have sent FIN')
  })

  check('R5', 'the FIN of the peer may have been read before the call', async (c) => {
    const { socket, peer, close } = await dial(c)
    await peer.fin()
    await c.learner.make('readToEnd', socket)
    const call = close()
    await peer.sees('FIN')
    for (const each of [call, close()]) await settlesAs(c, each, 'clean', 'both sides have sent FIN')
  })

  check('R5', 'a reset ends the wait at once, during the call or before it', async (c) => {
    const during = await closing(c)
    await during.peer.reset()
    await settlesAs(c, during.call, 'forced', 'the peer has reset the connection')
    const before = await dial(c)
    await before.peer.reset()
    await c.learner.idle()
    await settlesAs(c, before.close(), 'forced', 'the peer had reset the connection')
  })

  converse('R5', 'a call in every state of the socket, and further calls', SOCKETS.R5)

  check('R6', 'twelve answers arrive whole, although a thirteenth request comes behind them', async (c) => {
    const pages = drawPages(c, 12, 'large')
    const server = await serveThenClose(c, pages.handler, 12)
    await wholeAnswers(c, await readLate(c, server, pages.requests, oneMore), pages)
  })

  check('R6', 'the last answer says close, no answer before it does, and FIN follows', async (c) => {
    const pages = drawPages(c, c.random.integer(3, 6), 'small')
    const server = await serveThenClose(c, pages.handler, pages.all.length)
    const client = await c.connect(server.port)
    for (const [index, page] of pages.all.entries()) {
      await client.staysOpen()
      const isLast = index === pages.all.length - 1
      await client.send(get(page.target))
      const says = saysClose(await takePage(c, client, page))
      const expected = `${isLast ? '' : 'no '}Connection: close in answer ${index + 1} of ${pages.all.length}`
      c.expect(says === isLast, expected, says ? 'close' : 'no close')
    }
    await client.sees('FIN')
  })

  check('R6', 'a client that reads late is not cut off', async (c) => {
    const pages = drawPages(c, 12, 'huge')
    const timeoutMs = drawTimeout(c)
    const server = await serveThenClose(c, pages.handler, 12, timeoutMs)
    const client = await readLate(c, server, pages.requests, () => c.learner.tick(2 * timeoutMs + 86_400_000))
    await wholeAnswers(c, client, pages)
  })

  check('R6', 'a handler may give back the same object each time, at once', async (c) => {
    const [body, count] = [c.random.bytes(50), c.random.integer(2, 4)]
    const handler = await c.learner.make<Handler>('sameAnswer', body)
    const server = await serveThenClose(c, handler, count)
    for (const name of ['client 1', 'client 2']) {
      const client = await c.connect(server.port, { name })
      for (let index = 1; index <= count; index++) {
        await client.send(get(`/${index}`))
        const response = await client.response()
        c.expectBytes(response.body, body, `the body of answer ${index} to ${name}`)
        const says = saysClose(response)
        const expected = `${index === count ? '' : 'no '}Connection: close in answer ${index} of ${count} to ${name}`
        c.expect(says === (index === count), expected, says ? 'close' : 'no close')
      }
      await client.sees('FIN')
      await client.fin()
    }
  })

  converse('R6', 'requests in any pieces, answered in any order', TALKS.R6)

  check('R7', 'a client that has closed its output still gets its answers, then FIN', async (c) => {
    const pages = drawPages(c, 2, 'small')
    const gate = gated(pages.handler)
    const server = await serveThenClose(c, gate.handler, 100)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await client.fin()
    await c.learner.idle()
    c.expect(
      client.ended === 'open',
      'no FIN of yours before the answers',
      `${client.ended}, and no answer yet`,
    )
    gate.open()
    for (const page of pages.all) await takePage(c, client, page)
    await client.sees('FIN')
    await settlesAs(c, server.close(), undefined, 'both sides have sent FIN')
  })

  check('R7', 'a client that has closed its output may read late', async (c) => {
    const pages = drawPages(c, 12, 'huge')
    const timeoutMs = drawTimeout(c)
    // Whether its FIN is the end of the requests, or comes behind the last one.
    for (const maxRequests of [100, 12]) {
      pages.handled.length = 0
      const server = await serveThenClose(c, pages.handler, maxRequests, timeoutMs)
      const client = await readLate(c, server, pages.requests, async (reader) => {
        await reader.fin()
        await c.learner.tick(2 * timeoutMs)
      })
      await wholeAnswers(c, client, pages)
      await settlesAs(c, server.close(), undefined, 'both sides have sent FIN')
    }
  })

  converse('R7', 'the FIN of a client at any moment', TALKS.R7)

  check('R8', 'a client that never closes is gone timeoutMs after the FIN', async (c) => {
    const pages = drawPages(c, 1, 'small')
    const timeoutMs = drawTimeout(c)
    const server = await serveThenClose(c, pages.handler, 1, timeoutMs)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    await client.sees('FIN')
    await settlesAfter(c, server.close(), timeoutMs, undefined)
  })

  check('R8', 'an idle client that never closes is gone timeoutMs after the FIN of close()', async (c) => {
    const timeoutMs = drawTimeout(c)
    const pages = drawPages(c, 1, 'small')
    const server = await serveThenClose(c, pages.handler, 120, timeoutMs)
    const client = await c.connect(server.port)
    await client.send(pages.requests)
    for (const page of pages.all) await takePage(c, client, page)
    const closed = server.close()
    await client.sees('FIN')
    await settlesAfter(c, closed, timeoutMs, undefined)
  })

  check(
    'R8',
    'close() sends FIN on idle connections, and lets a request in progress be answered',
    async (c) => {
      const pages = drawPages(c, 1, 'small')
      const gate = gated(pages.handler)
      const server = await serveThenClose(c, gate.handler, 100)
      const [idle, busy] = [await c.connect(server.port, { name: 'idle' }), await c.connect(server.port)]
      await busy.send(pages.requests)
      await c.learner.idle()
      const closed = server.close()
      await idle.sees('FIN')
      await idle.fin()
      await stillPending(c, closed, 'a request is in progress')
      await c.refused(server.port)
      gate.open()
      for (const page of pages.all) await takePage(c, busy, page)
      await busy.sees('FIN')
      await stillPending(c, closed, 'the client has not closed yet')
      await busy.fin()
      await settlesAs(c, closed, undefined, 'every client has closed')
    },
  )

  check(
    'R8',
    'close() of the careless server ends idle connections, and answers before it ends others',
    async (c) => {
      const pages = drawPages(c, 2, 'small')
      const gate = gated(pages.handler)
      const server = await c.learner.serve('serveCarelessly', gate.handler, { maxRequests: 100 })
      const [idle, busy] = [await c.connect(server.port, { name: 'idle' }), await c.connect(server.port)]
      await busy.send(pages.requests)
      await c.learner.idle()
      const closed = server.close()
      await idle.seesEnd()
      await stillPending(c, closed, 'two requests are in progress')
      gate.open()
      for (const page of pages.all) await takePage(c, busy, page)
      await busy.seesEnd()
      await settlesAs(c, closed, undefined, 'every connection is gone')
    },
  )

  converse('R8', 'close() at any moment', TALKS.R8)

  converse('R8', 'close() with uploads that are there in part', UPLOADS.R8)

  check('R9', 'too large an upload is refused before it has come, and then read and discarded', async (c) => {
    const { server, client, head, length } = await offerUpload(c)
    await client.send(head)
    await c.learner.idle()
    c.expect(
      client.unread.length > 0,
      '413 as soon as the head is there',
      'nothing: your server waits for the body',
    )
    const response = await client.response()
    c.expectEqual(response.words[1], '413', 'the status')
    c.expect(saysClose(response), 'Connection: close in the 413', 'a 413 without it')
    await client.sees('FIN')
    await client.send(pattern(c, length))
    await client.fin()
    await settlesAs(c, server.close(), undefined, 'the client has sent its whole upload, and FIN')
  })

  check('R9', 'the 413 arrives whole while the client is still sending', async (c) => {
    const { server, head } = await offerUpload(c)
    const sendOn = (client: Connection) => client.send('b'.repeat(5_000))
    const client = await readLate(c, server, head + 'a'.repeat(5_000), sendOn)
    c.expect(client.ended === 'FIN', 'FIN behind the 413', 'RST: you closed while the client was sending')
    c.expectEqual((await client.response()).words[1], '413', 'the status')
  })

  check('R9', 'an upload of maxBytes or less is taken', async (c) => {
    const maxBytes = c.random.integer(2_000, 9_000)
    const server = await c.learner.serve('refuseUpload', { maxBytes, timeoutMs: 5_000 })
    for (const length of [maxBytes, c.random.integer(1, maxBytes - 1)]) {
      const client = await c.connect(server.port)
      await client.sendInParts(c.random.split(put(length) + 'a'.repeat(length)))
      const response = await client.response()
      c.expectEqual(response.words[1], '200', `the status for ${length} of at most ${maxBytes} bytes`)
      c.expectBytes(response.body, String(length), 'the body, which tells the length')
      await client.sees('FIN')
      await client.fin()
    }
    const idle = await c.connect(server.port, { name: 'idle' })
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await idle.fin()
    await settlesAs(c, closed, undefined, 'every client has closed')
  })

  converse('R9', 'uploads of every length, in any pieces', UPLOADS.R9)

  check('R10', 'a client that never stops sending is gone timeoutMs after the FIN', async (c) => {
    const { server, client, head, timeoutMs } = await offerUpload(c)
    await client.send(head)
    await client.sees('FIN')
    await settlesAfter(c, server.close(), timeoutMs, undefined, () => client.send(c.random.bytes(500)))
  })

  converse('R10', 'clients that stay behind either answer', UPLOADS.R10)

  check('R11', 'a FIN is told as a FIN and a reset as a reset, whether it comes or has come', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const early = await dial(c)
      const call = early.ask()
      await early.peer.send(c.random.bytes(c.random.integer(1, 2_000)))
      await early.peer[end]()
      await settlesAs(c, call, end, 'this is how the peer ended')
      const late = await dial(c)
      await late.peer[end]()
      await c.learner.idle()
      await settlesAs(c, late.ask(), end, 'this is how the peer had ended')
    }
  })

  check('R11', 'nothing is sent to find out, and your direction stays open', async (c) => {
    const { peer, ask } = await dial(c)
    await peer.fin()
    await ask()
    await peer.silent()
  })

  check('R11', 'a reset that comes with the last bytes is told as a reset', async (c) => {
    const { socket, peer, ask } = await dial(c)
    // More than a socket buffers unasked: the last bytes and the reset wait together in the kernel.
    await peer.send(pattern(c, c.random.integer(200_000, 300_000)))
    await c.learner.idle()
    await peer.reset({ now: true })
    await settlesAs(c, ask(), 'reset', 'this is how the peer ended')
    c.observe('P3', (await c.learner.make('firstSign', socket)) === 'end' ? 'b' : 'a', WHY.P3)
  })

  check('R11', 'a reset that came with the last bytes is one to whoever asks when all is read', async (c) => {
    const { socket, peer, ask } = await dial(c)
    await peer.send(pattern(c, c.random.integer(200_000, 300_000)))
    await c.learner.idle()
    await peer.reset({ now: true })
    const read = c.learner.make('readToEnd', socket)
    await c.learner.idle()
    // Where Node tells the reset as an error, reading fails: that is no end either.
    c.expect(read.settled, 'a socket that is read to its end', 'the reading goes on')
    await settlesAs(c, ask(), 'reset', 'this is how the peer had ended')
  })

  converse('R11', 'a question at any moment, and your direction afterwards', SOCKETS.R11)

  check('R12', 'a handler that throws or rejects leaves nobody waiting', async (c) => {
    const body = c.random.bytes(20)
    const rejecting: Handler = ({ target }) =>
      target.startsWith('/throw')
        ? Promise.reject(
            target.endsWith('nothing') ? undefined : new Error('the handler of the check rejects'),
          )
        : { version: '1.1', status: 200, reason: 'OK', headers: [], body }
    const throwing = await c.learner.make<Handler>('throwingHandler', body)
    for (const [handler, failing] of [
      [rejecting, '/throw'],
      [rejecting, '/throw-nothing'],
      [throwing, '/throw'],
      [throwing, '/throw-nothing'],
    ] as const) {
      const server = await serveThenClose(c, handler, 3)
      const [unlucky, other] = [
        await c.connect(server.port, { name: 'unlucky' }),
        await c.connect(server.port),
      ]
      await unlucky.send(get(failing) + get('/behind'))
      await c.learner.idle()
      await toldOfTheFailure(c, unlucky)
      if (unlucky.ended === 'open') await unlucky.response({ as: 'the answer behind the one that failed' })
      await other.send(get('/fine'))
      c.expectBytes((await other.response()).body, body, 'the answer to the next client')
      await closesAfter(c, server, [unlucky, other])
    }
  })

  check('R12', 'what is no HTTP ends its own connection, and no other', async (c) => {
    for (const noHttp of [
      'this is no HTTP\r\n\r\n',
      'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: all\r\n\r\n',
    ]) {
      const pages = drawPages(c, 2, 'small')
      const server = await serveThenClose(c, pages.handler, 3)
      const [first, second] = pages.all
      const [odd, other] = [await c.connect(server.port, { name: 'odd' }), await c.connect(server.port)]
      await odd.send(get(first?.target ?? ''))
      if (first) await takePage(c, odd, first)
      await odd.send(noHttp)
      await odd.seesEnd()
      await other.send(get(second?.target ?? ''))
      if (second) await takePage(c, other, second)
      c.expectEqual(pages.handled.length, 2, 'the calls of the handler')
      await closesAfter(c, server, [odd, other])
    }
  })

  check('R12', 'an upload that is no HTTP, or is reset, ends its own connection, and no other', async (c) => {
    const server = await c.learner.serve('refuseUpload', { maxBytes: 100, timeoutMs: 5_000 })
    const [odd, cut, other] = [
      await c.connect(server.port, { name: 'odd' }),
      await c.connect(server.port, { name: 'cut' }),
      await c.connect(server.port),
    ]
    await odd.send('this is no HTTP\r\nno field\r\n\r\n')
    await odd.seesEnd()
    await cut.send(`${put(50)}half`)
    await cut.reset()
    await other.send(`${put(3)}abc`)
    c.expectEqual((await other.response()).words[1], '200', 'the status for the next client')
    await closesAfter(c, server, [odd, cut, other])
  })

  check('R12', 'a client that resets while its handler works is gone, and nobody else', async (c) => {
    const pages = drawPages(c, 1, 'small')
    const gate = gated(pages.handler)
    const server = await serveThenClose(c, gate.handler, 1)
    const [gone, other] = [await c.connect(server.port, { name: 'gone' }), await c.connect(server.port)]
    for (const client of [gone, other]) await client.send(pages.requests)
    await gone.reset()
    gate.open()
    for (const page of pages.all) await takePage(c, other, page)
    await closesAfter(c, server, [gone, other])
  })
})

import type { FourTuple } from '../../../labs/kit/http.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { ANSWERS } from './client-conversations.ts'
import { CLIENTS } from './conversations.ts'
import { answersFirst, samePort, twoCalls } from './side-by-side.ts'
import { everyLimit } from './limits.ts'
import { WHY } from './predictions.ts'
import { MIB, startEcho, connected, drawText, drawWords, drawLine } from './scenes.ts'
import { drawLines, converse, answers, notAnswered, refused, fill } from './scenes.ts'
import { everyAnswerThenFin, keepAliveCalls, fourTuple, sending, oneLeft } from './scenes.ts'
import { stillPending, resolves, mib } from './scenes.ts'

lab('03-socket-echo', ({ check, converse: talk }) => {
  check('R1', 'a client gets its lines back, one by one', async (c) => {
    const server = await c.learner.serve('startEcho')
    const client = await c.connect(server.port)
    await client.silent()
    await c.learner.staysOnLoopback()
    for (let turn = 0; turn < 3; turn++) await converse(c, client)
    await client.silent()
  })

  check('R1', 'host may be a name', async (c) => {
    const host = `${c.random.word()}.example`
    c.learner.names({ [host]: '127.0.0.1' })
    const server = await startEcho(c, { host })
    await converse(c, await c.connect(server.port))
  })

  check(
    'R1',
    'host may be an address of IPv6, and port 0; what is not given is as if it were not there',
    async (c) => {
      const server = await startEcho(c, { host: '::1', port: 0 })
      await converse(c, await c.connect(server.port))
      const other = await c.learner.serve('startEcho', {
        host: undefined,
        port: undefined,
        maxLineBytes: undefined,
      })
      const client = await c.connect(other.port)
      await converse(c, client)
      await client.send('x'.repeat(65_537))
      await refused(c, client)
    },
  )

  check('R2', 'a port in use rejects with EADDRINUSE', async (c) => {
    const { port } = await c.listen({ name: 'another server' })
    const error = await c.learner.call('startEcho', { port }).rejects()
    c.expectEqual(error.code, 'EADDRINUSE', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R2', 'a host without an address rejects with ENOTFOUND', async (c) => {
    const error = await c.learner.call('startEcho', { host: `${c.random.word()}.example` }).rejects()
    c.expectEqual(error.code, 'ENOTFOUND', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R2', 'a name system that does not answer rejects with its code', async (c) => {
    const host = `${c.random.word()}.example`
    c.learner.names({ [host]: 'EAI_AGAIN' })
    const error = await c.learner.call('startEcho', { host }).rejects()
    c.expectEqual(error.code, 'EAI_AGAIN', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R3', 'a line may come in any number of pieces, cut inside a character too', async (c) => {
    const client = await connected(c)
    const line = drawText(c)
    const wave = Buffer.from(line).indexOf('🌊') + c.random.integer(1, 3)
    const bytes = Buffer.from(`${line}\n`)
    await client.sendInParts([...c.random.split(bytes.subarray(0, wave), 3), bytes.subarray(wave, -1)])
    c.step('all of the line has been sent but its end')
    await client.silent()
    await client.send('\n')
    await answers(c, client, [line])
  })

  check('R3', 'several lines may come in one piece, with half a line behind them', async (c) => {
    const client = await connected(c)
    const [first, second, third] = [drawText(c), c.random.word(), c.random.word()]
    await client.send(`${first}\n\n${second}\n${third}`)
    await answers(c, client, [first, '', second])
    const rest = drawText(c)
    await client.send(`${rest}\n`)
    await answers(c, client, [third + rest])
    await client.silent()
  })

  check('R3', 'a line ends at LF, or at CR LF wherever it is cut', async (c) => {
    const client = await connected(c)
    const [first, second, third] = [drawText(c), `${c.random.word()}\r${c.random.word()}`, drawText(c)]
    await client.send(`${first}\r\n${second}\n${third}\r`)
    await answers(c, client, [first, second])
    await client.send('\n')
    await answers(c, client, [third])
    await client.sendInParts([`${first}\r`, `${third}\n`])
    await answers(c, client, [`${first}\r${third}`])
    await client.send(`${first}\r\r\n`)
    await answers(c, client, [`${first}\r`])
    await client.silent()
  })

  check('R3', 'blanks belong to the line, at its beginning and at its end too', async (c) => {
    const client = await connected(c)
    const lines = [`  ${drawText(c)}`, `${drawText(c)} \t`, ' ', `\t${drawText(c)}  `]
    await client.send(lines.map((line) => `${line}\n`).join(''))
    await answers(c, client, lines)
    await client.silent()
  })

  talk('R3', 'clients that speak, leave, break off and do not read, and close() at every moment', CLIENTS)

  check('R4', 'each of two clients gets its own line, though their pieces come in turns', async (c) => {
    const server = await startEcho(c)
    const clients = [
      await c.connect(server.port, { name: 'one' }),
      await c.connect(server.port, { name: 'two' }),
    ]
    const lines = clients.map(() => drawWords(c, 4))
    const parts = lines.map((line) => c.random.split(`${line}\n`, 4))
    for (let turn = 0; turn < 4; turn++) {
      for (const [index, client] of clients.entries()) {
        await client.send(parts[index]?.[turn] ?? '')
        await c.learner.idle()
      }
    }
    for (const [index, client] of clients.entries()) await answers(c, client, [lines[index] ?? ''])
  })

  check('R4', 'a client is a four-tuple: the same port at another address, and the same one again', samePort)

  check('R5', 'onConnection hears the four-tuple of each connection, once', async (c) => {
    const tuples: FourTuple[] = []
    const onConnection = (tuple: FourTuple) => void tuples.push(tuple)
    const servers = [await startEcho(c, { onConnection }), await startEcho(c, { onConnection })]
    const expected: FourTuple[] = []
    for (const { port } of [...servers, ...servers]) {
      const client = await c.connect(port)
      await c.learner.idle()
      await converse(c, client)
      expected.push(fourTuple(port, client.localPort))
    }
    c.expectEqual(tuples.length, expected.length, 'calls of onConnection')
    const parts = ['localAddress', 'localPort', 'remoteAddress', 'remotePort'] as const
    const [first, , third] = tuples
    const differing = parts.filter((part) => first?.[part] !== third?.[part]).length
    c.observe('P1', ['none', 'a', 'b', 'b', 'c'][differing] ?? 'none', WHY.P1)
    for (const [index, tuple] of tuples.entries()) {
      c.expect(typeof tuple === 'object' && tuple !== null, 'a four-tuple for onConnection', typeof tuple)
      for (const part of parts)
        c.expectEqual(tuple[part], expected[index]?.[part], `${part} of connection ${index + 1}`)
    }
  })

  check('R5', 'the local address is the one of the connection, and no name', async (c) => {
    const host = `${c.random.word()}.example`
    c.learner.names({ [host]: '127.0.0.2' })
    const tuples: FourTuple[] = []
    const server = await startEcho(c, { host, onConnection: (tuple) => void tuples.push(tuple) })
    await converse(c, await c.connect(server.port, { to: '127.0.0.2' }))
    c.expectEqual(tuples[0]?.localAddress, '127.0.0.2', 'localAddress')
  })

  check('R5', 'each of the four may differ alone, and be used again', async (c) => {
    const tuples: FourTuple[] = []
    const server = await startEcho(c, { host: '127.0.0.2', onConnection: (tuple) => void tuples.push(tuple) })
    const fromPort = (await c.connect(server.port, { to: '127.0.0.2' })).localPort
    let client = await c.connect(server.port, { to: '127.0.0.2', from: '127.0.0.3' })
    const again = client.localPort
    const expected = [fourTuple(server.port, fromPort), fourTuple(server.port, again)]
    // At another address, and then where it was: the same four once more, of another connection.
    for (const address of ['127.0.0.4', '127.0.0.3']) {
      // Bytes tell it from the next one, of which nothing but its accept is awaited.
      await client.send(c.random.word())
      await client.reset()
      await c.learner.idle()
      client = await c.connect(server.port, { to: '127.0.0.2', from: address, fromPort: again })
      await c.learner.idle()
      expected.push(fourTuple(server.port, again))
    }
    const from = ['127.0.0.1', '127.0.0.3', '127.0.0.4', '127.0.0.3']
    const wanted = expected.map((tuple, index) => ({
      ...tuple,
      localAddress: '127.0.0.2',
      remoteAddress: from[index],
    }))
    c.expectEqual(tuples, wanted, 'what onConnection has heard')
  })

  check('R5', 'keepAliveMs is set on every accepted socket, in whole seconds', async (c) => {
    const seconds = c.random.integer(10, 90)
    const server = await startEcho(c, { keepAliveMs: 1_000 * seconds })
    const wanted = `setKeepAlive(true, ${seconds})`
    for (let accepted = 1; accepted <= 3; accepted++) {
      const before = await keepAliveCalls(c)
      // Before it has said anything: a client that never does is the one to be probed.
      const client = await c.connect(server.port)
      await c.learner.idle()
      const [call] = (await keepAliveCalls(c)).slice(before.length)
      const saw =
        before.length === 0 ? 'it was set on none' : `it was set on ${accepted - 1}, and not on the next`
      c.expect(call !== undefined, `keep-alive set on accepted socket ${accepted}`, saw)
      const expected = `probes after ${seconds} s of silence: ${wanted}, as the system counts it`
      c.expect(call === wanted, expected, `${call}`)
      await converse(c, client)
    }
  })

  check('R5', 'without keepAliveMs the option is left alone', async (c) => {
    const client = await connected(c)
    await converse(c, client)
    const [call] = await keepAliveCalls(c)
    c.expect(call === undefined, 'no keep-alive: nobody has asked for it', `${call}`)
  })

  check('R6', 'a line of maxLineBytes is answered, one byte more is refused', async (c) => {
    const maxLineBytes = c.random.integer(100, 900)
    const server = await startEcho(c, { maxLineBytes })
    const longest = drawLine(c, maxLineBytes)
    const client = await c.connect(server.port)
    await client.sendInParts([`${longest}\n${longest}\r`, '\n'])
    await answers(c, client, [longest, longest])
    const tooLong = drawLine(c, maxLineBytes + 1)
    await client.send(`${tooLong}\n${c.random.word()}\n`)
    c.step(`a line of ${maxLineBytes + 1} bytes has been sent, where ${maxLineBytes} are allowed`)
    await notAnswered(c, client, tooLong)
    await refused(c, client)
  })

  check('R6', 'it is refused as soon as it is too long, behind the answers that are due', async (c) => {
    const maxLineBytes = c.random.integer(100, 900)
    const client = await connected(c, { maxLineBytes })
    const line = c.random.word()
    await client.send(`${line}\n${drawLine(c, maxLineBytes + 1)}`)
    await answers(c, client, [line])
    const expected = `an error line: ${maxLineBytes + 1} bytes have come, of at most ${maxLineBytes}`
    const saw =
      client.ended === 'open'
        ? 'nothing: your server waits for the end of the line'
        : `${client.ended}, and no error line`
    c.expect(client.unread.length > 0, expected, saw)
    await refused(c, client)
  })

  check('R6', 'without maxLineBytes a line has at most 65,536 bytes', async (c) => {
    const client = await connected(c)
    const longest = c.random.word().padEnd(65_536, '.')
    await client.send(`${longest}\n`)
    await answers(c, client, [longest])
    await client.send(`${longest}.\n`)
    c.step('a line of 65,537 bytes has been sent')
    await notAnswered(c, client, `${longest}.`)
    await refused(c, client)
  })

  check('R6', 'any limit holds, that of no bytes too', everyLimit)

  check('R6', 'the error line arrives whole, and no reset, though the client goes on sending', async (c) => {
    const server = await startEcho(c, { maxLineBytes: 100 })
    const client = await c.connect(server.port, { paused: true })
    await client.send('x'.repeat(101))
    await c.learner.idle()
    await client.send('y'.repeat(5_000))
    await c.learner.idle()
    client.read()
    const end = await client.seesEnd()
    c.expect(end === 'FIN', 'FIN behind the error line', 'RST: you closed while the client was sending')
    await refused(c, client)
    await client.fin()
    await resolves(c, server.close(), 'its only client has sent FIN, and what came before it was to be read')
    await c.learner.leavesNothing()
  })

  check('R6', 'what comes behind is thrown away, and not kept', async (c) => {
    const client = await connected(c, { maxLineBytes: 100 })
    await client.send('x'.repeat(101))
    await refused(c, client)
    const block = Buffer.alloc(16 * MIB, 'y')
    for (let sent = 0; sent < 3; sent++) await client.send(block)
    await c.learner.idle()
  })

  check('R7', 'a client that has sent FIN gets its answers, and then your FIN', async (c) => {
    const server = await startEcho(c)
    const client = await c.connect(server.port)
    const [first, second] = [drawText(c), drawText(c)]
    await client.send(`${first}\n${second}\n${c.random.word()}`)
    await client.fin()
    const end = await client.seesEnd()
    const expected = `${first}\n${second}\n`
    c.observe('P2', end === 'FIN' && client.received.equals(Buffer.from(expected)) ? 'a' : 'b', WHY.P2)
    c.expectBytes(client.received, expected, 'the answers to two lines, and to none that had no end')
    await client.sees('FIN')
    await resolves(c, server.close(), 'both sides have sent FIN')
    await c.learner.leavesNothing()
  })

  check('R7', 'answers that wait for a slow reader reach it, though it has sent FIN', async (c) => {
    const server = await startEcho(c, { maxLineBytes: 2 * MIB })
    const client = await c.connect(server.port, { paused: true })
    const sent = await fill(c, client, `${c.random.word()}\n`.repeat(50))
    await client.fin()
    await c.learner.idle()
    await everyAnswerThenFin(c, client, sent)
    await resolves(c, server.close(), 'both sides have sent FIN')
    await c.learner.leavesNothing()
  })

  check('R8', 'a reset ends one connection, and harms nobody else', async (c) => {
    const server = await startEcho(c)
    const other = await c.connect(server.port, { name: 'other' })
    const client = await c.connect(server.port)
    await converse(c, client)
    await client.send(c.random.word())
    await client.reset()
    c.step('a client has reset its connection')
    await converse(c, other)
    await oneLeft(c)
  })

  check('R8', 'a reset while answers are queued harms nobody else', async (c) => {
    const server = await startEcho(c, { maxLineBytes: 2 * MIB })
    const other = await c.connect(server.port, { name: 'other' })
    const client = await c.connect(server.port, { paused: true })
    await fill(c, client)
    await client.reset({ now: true })
    c.step('a client has reset its connection, and answers for it are queued')
    await converse(c, other)
    await oneLeft(c)
  })

  check('R9', 'a client that sends 64 MiB and never reads does not make your server grow', async (c) => {
    const server = await startEcho(c)
    const other = await c.connect(server.port, { name: 'other' })
    const client = await c.connect(server.port, { paused: true })
    const block = drawLines(c, 16 * MIB)
    let most = 0
    for (let offered = 16; offered <= 64; offered += 16) {
      await client.send(block)
      most = Math.max(most, await c.learner.held())
      c.observe('P3', most <= MIB ? 'a' : 'b', WHY.P3)
      const expected = 'at most 1 MiB that your server has read and the system has not taken back'
      const saw = `${mib(most)}, after ${offered} MiB were offered: it reads on, and keeps the answers or drops them`
      c.expect(most <= MIB, expected, saw)
    }
    c.step('64 MiB have been offered, and your server has held 1 MiB at most')
    await converse(c, other)
  })

  check('R9', 'three clients that do not read make it hold no more than one does', async (c) => {
    const server = await startEcho(c)
    const block = drawLines(c, 8 * MIB)
    for (let count = 1; count <= 3; count++) {
      const client = await c.connect(server.port, { name: `client ${count}`, paused: true })
      await client.send(block)
    }
    const held = await c.learner.held()
    c.expect(
      held <= MIB,
      'at most 1 MiB that your server has read and the system has not taken back',
      mib(held),
    )
  })

  check('R9', 'every answer arrives once it reads', async (c) => {
    const server = await startEcho(c)
    const client = await c.connect(server.port, { paused: true })
    const lines = drawLines(c, 12 * MIB)
    await client.send(lines)
    await c.learner.idle()
    client.read()
    await c.learner.idle()
    const { received } = client
    const isWrong = !received.equals(lines.subarray(0, received.length))
    if (isWrong) c.expectBytes(received, lines, 'the answers')
    const saw = `${received.length}: your server is idle, and does not go on`
    c.expect(received.length === lines.length, `${lines.length} bytes, as many as the client has sent`, saw)
    await client.staysOpen()
  })

  check('R10', 'close() stops listening at once, and sends FIN where no answer is due', async (c) => {
    const server = await startEcho(c)
    const client = await c.connect(server.port)
    await converse(c, client)
    await client.send(c.random.word())
    await c.learner.idle()
    c.step('the client has begun a line, and not ended it')
    const closed = server.close()
    await client.sees('FIN')
    // The client is still there, so nobody else can have taken the port meanwhile.
    const next = await startEcho(c, { port: server.port })
    c.expectEqual(next.port, server.port, 'the port of a second server, started on the port of the first')
    await client.send(`${c.random.word()}\n`)
    await stillPending(c, closed, 'the client has not closed yet')
    await client.fin()
    await resolves(c, closed, 'its only client has sent FIN as well')
    await resolves(c, next.close(), 'no client is there')
    await c.learner.leavesNothing()
  })

  check('R10', 'close() lets every answer leave that is due', async (c) => {
    const server = await startEcho(c, { maxLineBytes: 2 * MIB })
    const client = await c.connect(server.port, { paused: true })
    const sent = await fill(c, client)
    const closed = server.close()
    await c.learner.idle()
    await everyAnswerThenFin(c, client, sent)
    await stillPending(c, closed, 'the client has not closed yet')
    await client.fin()
    await resolves(c, closed, 'its only client has sent FIN as well')
    await c.learner.leavesNothing()
  })

  check('R11', 'all lines come, then FIN; and the answers are what the server says', async (c) => {
    const lines = [drawText(c), '', drawText(c)]
    const { call, connection } = await sending(c, lines)
    await connection.sees('FIN')
    const sent = connection.received
    c.expectBytes(sent, lines.map((line) => `${line}\n`).join(''), 'the lines')
    const said = lines.map((_, index) => `${index} ${drawText(c)}`)
    const bytes = Buffer.from(said.map((line) => `${line}\n`).join(''))
    const wave = bytes.indexOf('🌊') + c.random.integer(1, 3)
    await connection.sendInParts([
      ...c.random.split(bytes.subarray(0, wave), 3),
      ...c.random.split(bytes.subarray(wave), 3),
    ])
    await call.staysPending('the server has sent no FIN')
    await connection.fin()
    c.expectEqual(await call, said, 'the answers')
    await c.learner.leavesNothing()
  })

  check('R11', 'two calls at once have their own answers', twoCalls)

  check('R11', 'answers come before the lines are out, and are taken', answersFirst)

  check('R11', 'no lines, no answers', async (c) => {
    const server = await c.listen()
    const call = c.learner.call<string[]>('sendLines', server.port, [])
    await c.learner.idle()
    // Nothing to send needs no connection; one that is made is ended like any other.
    if (server.accepted > 0) {
      const connection = await server.connection()
      await connection.sees('FIN')
      c.expect(connection.received.length === 0, 'no bytes', `${connection.received.length} bytes`)
      await connection.fin()
    }
    c.expectEqual(await call, [], 'the answers')
    await c.learner.leavesNothing()
  })

  check('R11', 'your client and your server understand each other', async (c) => {
    const server = await startEcho(c)
    const lines = Array.from({ length: 300 }, (_, index) => `${index} ${drawWords(c, 2).padEnd(index * 6)}`)
    const answered = await c.learner.call<string[]>('sendLines', server.port, lines)
    c.expectEqual(answered.length, lines.length, 'the number of answers')
    const wrong = answered.findIndex((answer, index) => answer !== lines[index])
    if (wrong >= 0) c.expectBytes(answered[wrong] ?? '', lines[wrong] ?? '', `answer ${wrong + 1}`)
    await resolves(c, server.close(), 'its only client is gone')
    await c.learner.leavesNothing()
  })

  talk('R11', 'a server that answers as it likes', ANSWERS)

  check('R12', 'a refused connection rejects with ECONNREFUSED', async (c) => {
    const port = c.random.integer(20_000, 60_000)
    for (const host of ['127.0.0.1', '::1']) c.learner.permit(host, port, 'refused')
    const error = await c.learner.call('sendLines', port, [c.random.word()]).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    await c.learner.leavesNothing()
  })

  check('R12', 'fewer answers than lines are none', async (c) => {
    const { call, connection } = await sending(c, [drawText(c), drawText(c), drawText(c)])
    await connection.takeThrough('\n')
    await connection.send(`${c.random.word()}\n${c.random.word()}\n${c.random.word()}`)
    await connection.fin()
    c.step('the server has answered two lines, and half of the third')
    await call.rejects()
    await c.learner.leavesNothing()
  })

  check('R12', 'a reset before the last answer rejects', async (c) => {
    const { call, connection } = await sending(c, [drawText(c), drawText(c)])
    await connection.send(`${c.random.word()}\n`)
    await connection.reset()
    c.step('the server has answered one line, and reset the connection')
    await call.rejects()
    await c.learner.leavesNothing()
  })
})

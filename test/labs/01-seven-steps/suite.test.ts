import { lab } from '../../../workbook/grading/lab.ts'
import { ANSWERS } from './conversations.ts'
import { REQUESTS } from './requests.ts'
import { WHY } from './predictions.ts'
import { ADDRESS, fetchOnce, originAt, serverAt, requested, exchange } from './scenes.ts'
import { sendAll, answer, sentence, awkwardBody, recordSteps } from './scenes.ts'
import { recordLookups, createGate, drawPort, expectReached, expectOnly } from './scenes.ts'
import { expectNoResponse, expectAllSteps, expectOneLookup, expectPlainGet } from './scenes.ts'
import { expectHost, portInHost, expectTarget, expectSettled, expectPlace } from './scenes.ts'
import { expectResponse } from './scenes.ts'

const ELSEWHERE = '198.51.100.7'

lab('01-seven-steps', ({ check, converse }) => {
  check('R1', 'a GET on port 80 resolves with status, fields and body', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const zero = await serverAt(c, ADDRESS, 0, 'port 0')
    const call = fetchOnce(c, `http://${host}/${c.random.word()}`)
    await c.learner.idle()
    c.expect(zero.accepted === 0, 'port 80, which http means where the URL names none', 'port 0')
    const connection = await origin.connection()
    const request = await connection.request()
    expectPlainGet(c, request)
    const body = sentence(c)
    const fields = ['X-First: 1', `Content-Length: ${body.length}`, 'Set-Cookie: a=1', 'Set-Cookie: b=2']
    await sendAll(connection, answer(body, { fields }))
    await expectResponse(c, call, { fields, body })
  })

  check('R1', 'a 404 is an answer like any other', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const call = fetchOnce(c, `http://${host}/${c.random.word()}`)
    const connection = await origin.connection()
    await connection.request()
    await sendAll(connection, answer('no such page', { status: '404 Not Found' }))
    await expectResponse(c, call, { status: 404, reason: 'Not Found', body: 'no such page' })
  })

  check('R1', 'a redirect is an answer, too, and is not followed', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const call = fetchOnce(c, `http://${host}/${c.random.word()}`)
    const connection = await origin.connection()
    await connection.request()
    const fields = [`Location: http://${host}/${c.random.word()}`, 'Content-Length: 0']
    await sendAll(connection, answer('', { status: '302 Found', fields }))
    await c.learner.idle()
    const saw = `${origin.accepted} connections`
    c.expect(origin.accepted === 1, 'the 302 as the response, and no further connection', saw)
    await expectResponse(c, call, { status: 302, reason: 'Found', fields, body: '' })
  })

  check('R2', 'seven steps, in order, each once', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const { steps, onStep } = recordSteps()
    const { asked, lookup } = recordLookups()
    await exchange(c, origin, fetchOnce(c, `http://${host}/`, { lookup, onStep }))
    expectOneLookup(c, asked, host)
    expectAllSteps(c, steps)
  })

  check('R2', '`address` comes when lookup has answered, and not before', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const { steps, onStep } = recordSteps()
    const gate = createGate<string>()
    const { asked, lookup } = recordLookups(gate.opened)
    const call = fetchOnce(c, `http://${host}/`, { lookup, onStep })
    await call.staysPending('lookup has not answered')
    const saw = origin.accepted === 0 ? 'none: your program is idle' : 'none, and a connection all the same'
    c.expect(asked.length > 0, 'a lookup, through `options.lookup`', saw)
    c.step('lookup has been asked, and has not answered yet')
    expectReached(c, steps, 'host', 'lookup has not answered yet')
    c.expect(origin.accepted === 0, 'no connection before the address is known', 'a connection')
    gate.open(ADDRESS)
    await exchange(c, origin, call)
    expectAllSteps(c, steps)
  })

  check('R2', 'the connection goes to the address that lookup gave', async (c) => {
    const { host, origin } = await originAt(c, 80)
    c.learner.names({ [host]: ELSEWHERE })
    const elsewhere = await serverAt(c, ELSEWHERE, 80, 'elsewhere')
    const call = fetchOnce(c, `http://${host}/`, { lookup: async () => ADDRESS })
    await c.learner.idle()
    const saw = 'a connection to another one: the name was looked up elsewhere'
    c.expect(elsewhere.accepted === 0, 'a connection to the address that `lookup` gave', saw)
    await exchange(c, origin, call)
  })

  check('R2', 'calls at once for one name look it up each for itself', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const waiting = []
    for (const address of ['192.0.2.30', '192.0.2.40']) {
      const gate = createGate<string>()
      const { asked, lookup } = recordLookups(gate.opened)
      const call = fetchOnce(c, `http://${host}/`, { lookup })
      await c.learner.idle()
      expectOneLookup(c, asked, host)
      c.step(`the lookup of call ${waiting.length + 1} has been asked, and has not answered yet`)
      const own = await serverAt(c, address, 80, address)
      waiting.push({ call, own, answer: () => gate.open(address) })
    }
    // A call that gives none asks the system, whoever else waits for that name.
    await exchange(c, origin, fetchOnce(c, `http://${host}/`))
    for (const { call, own, answer: answers } of waiting.toReversed()) {
      answers()
      await exchange(c, own, call)
    }
  })

  check('R2', '`response` comes with the last byte, and not before', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const { steps, onStep } = recordSteps()
    const call = fetchOnce(c, `http://${host}/`, { onStep })
    const connection = await origin.connection()
    await connection.request()
    const bytes = answer(sentence(c))
    await connection.send(bytes.subarray(0, -1))
    await c.learner.idle()
    c.step('all of the response has been sent but its last byte')
    expectReached(c, steps, 'request', 'the last byte has not been sent yet')
    await call.staysPending('the last byte has not been sent yet')
    await sendAll(connection, bytes.subarray(-1))
    await call
    await c.learner.idle()
    expectAllSteps(c, steps)
  })

  check('R3', 'a URL that names a port is fetched from that port', async (c) => {
    const port = drawPort(c)
    const { host, origin } = await originAt(c, port)
    const eighty = await serverAt(c, ADDRESS, 80, 'port 80')
    const call = fetchOnce(c, `http://${host}:${port}/`)
    await c.learner.idle()
    c.expect(
      eighty.accepted === 0,
      `a connection to port ${port}, as the URL says`,
      'a connection to port 80',
    )
    const request = await exchange(c, origin, call)
    c.observe('P3', portInHost(request, host, port), WHY.P3)
    expectHost(c, request, [`${host}:${port}`])
  })

  check('R3', 'Host is the name from the URL, not the address behind it', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const request = await exchange(c, origin, fetchOnce(c, `http://${host}:80/`))
    expectHost(c, request, [host, `${host}:80`])
  })

  check('R3', 'an IPv6 address has brackets in the URL and in Host, and none in connect', async (c) => {
    const address = `2001:db8::${c.random.integer(1, 0xffff).toString(16)}`
    const port = drawPort(c)
    const origin = await serverAt(c, address, port)
    c.learner.names({ [`[${address}]`]: ELSEWHERE })
    const lookedUp = await serverAt(c, ELSEWHERE, port, 'elsewhere')
    const call = fetchOnce(c, `http://[${address}]:${port}/`)
    await c.learner.idle()
    const saw = `a lookup of "[${address}]": the brackets belong to the URL`
    c.expect(lookedUp.accepted === 0, `a connection to ${address}`, saw)
    const request = await exchange(c, origin, call)
    expectHost(c, request, [`[${address}]:${port}`])
  })

  check('R3', 'an address needs no lookup, and has its seven steps all the same', async (c) => {
    for (const address of [ADDRESS, `2001:db8::${c.random.integer(1, 0xffff).toString(16)}`]) {
      const origin = await serverAt(c, address, 80)
      const { steps, onStep } = recordSteps()
      const { asked, lookup } = recordLookups()
      const host = address.includes(':') ? `[${address}]` : address
      const call = fetchOnce(c, `http://${host}/`, { lookup, onStep })
      await c.learner.idle()
      c.expect(asked.length === 0, `no lookup: ${address} is an address`, `a lookup of "${asked[0]}"`)
      await exchange(c, origin, call)
      expectAllSteps(c, steps)
    }
  })

  converse('R3', 'every kind of URL, one call behind the other and side by side', REQUESTS)

  check('R4', 'the request target is the path with its query', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const [a, b, d] = [c.random.word(), c.random.word(), c.random.word()]
    const target = `/${a}/${b}%20${d}.html?${a}=${c.random.integer(1, 999)}&back=/${b}?${d}`
    const request = await exchange(c, origin, fetchOnce(c, `http://${host}${target}`))
    expectTarget(c, request, target)
  })

  check('R4', 'the fragment stays at home', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const [path, fragment] = [`/${c.random.word()}`, c.random.word()]
    const request = await exchange(c, origin, fetchOnce(c, `http://${host}${path}#${fragment}`))
    const saw = `the fragment in it: ${JSON.stringify(request.startLine)}`
    c.expect(!request.startLine.includes('#'), 'a request target without the fragment', saw)
    expectTarget(c, request, path)
  })

  check('R4', 'an empty path is asked for as /', async (c) => {
    const { host, origin } = await originAt(c, 80)
    expectTarget(c, await exchange(c, origin, fetchOnce(c, `http://${host}`)), '/')
    const query = `?${c.random.word()}=${c.random.integer(1, 999)}`
    expectTarget(c, await exchange(c, origin, fetchOnce(c, `http://${host}${query}`)), `/${query}`)
  })

  check('R4', 'the request says that the connection ends after it', async (c) => {
    const { host, origin } = await originAt(c, 80)
    const request = await exchange(c, origin, fetchOnce(c, `http://${host}/`))
    const options = (request.header('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
    const value = request.header('connection')
    const saw =
      value === null ? 'no Connection field: the server may keep the connection' : `Connection: ${value}`
    c.expect(options.includes('close'), '`Connection: close`', saw)
  })

  check('R5', 'the response ends at its Content-Length, though the server keeps its end open', async (c) => {
    const { call, connection } = await requested(c)
    const body = c.random.word()
    await connection.send(answer(body))
    await c.learner.idle()
    c.observe('P2', call.settled ? 'a' : 'b', WHY.P2)
    expectSettled(c, call, `all ${body.length} bytes that Content-Length promised have come`)
    await expectResponse(c, call, { body })
  })

  check('R5', 'what comes behind the Content-Length is no body', async (c) => {
    const { call, connection } = await requested(c)
    const [body, behind] = [c.random.word(), c.random.word()]
    await connection.send(Buffer.concat([answer(body), Buffer.from(behind)]))
    c.step(
      `the server has sent ${body.length} bytes, as promised, and ${behind.length} more in the same piece`,
    )
    await c.learner.idle()
    expectSettled(c, call, `all ${body.length} bytes that Content-Length promised have come`)
    await expectResponse(c, call, { body })
  })

  check('R5', 'a Content-Length of 0 ends the response at the blank line', async (c) => {
    const { call, connection } = await requested(c)
    await connection.send(answer(''))
    await c.learner.idle()
    expectSettled(c, call, 'Content-Length: 0 promised no body')
    await expectResponse(c, call, { body: '' })
  })

  check('R5', 'without Content-Length the body goes on to the FIN of the server', async (c) => {
    const { call, connection } = await requested(c)
    const body = c.random.bytes(c.random.integer(100, 900))
    const bytes = answer(body, { fields: ['Content-Type: application/octet-stream'] })
    await connection.sendInParts([bytes.subarray(0, -60), bytes.subarray(-60)])
    await call.staysPending('the server has sent no FIN')
    c.observe('P1', connection.ended === 'open' ? 'b' : 'a', WHY.P1)
    await connection.fin()
    await expectResponse(c, call, { body })
  })

  check('R5', 'any chunking, byte for byte', async (c) => {
    const { call, connection } = await requested(c)
    const body = awkwardBody(c)
    const bytes = answer(body, { fields: [`content-length: ${body.length}`] })
    const blankLine = bytes.indexOf('\r\n\r\n') + c.random.integer(1, 3)
    const [head, rest] = [bytes.subarray(0, blankLine), bytes.subarray(blankLine)]
    await connection.sendInParts([...c.random.split(head, 3), ...c.random.split(rest, 5)])
    await c.learner.idle()
    expectSettled(c, call, `all ${body.length} bytes of the content-length have come, and names have no case`)
    await expectResponse(c, call, { body })
  })

  converse('R5', 'every kind of response, in any pieces, with any end', ANSWERS)

  check('R6', 'a refused connection rejects with ECONNREFUSED and names host and port', async (c) => {
    const { host } = await originAt(c, 80)
    const port = drawPort(c)
    c.learner.permit(ADDRESS, port, 'refused')
    const { steps, onStep } = recordSteps()
    const error = await fetchOnce(c, `http://${host}:${port}/`, { onStep }).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    expectPlace(c, error.message, host, port)
    expectOnly(c, steps, 'address', 'the connection was refused')
  })

  check('R6', 'a failed lookup rejects with its code and names host and port', async (c) => {
    const host = `${c.random.word()}.example`
    const { steps, onStep } = recordSteps()
    const error = await fetchOnce(c, `http://${host}/`, { onStep }).rejects()
    c.expectEqual(error.code, 'ENOTFOUND', 'the `code` of the error')
    expectPlace(c, error.message, host, 80)
    expectOnly(c, steps, 'host', 'the lookup failed')
  })

  check('R6', 'the code is the one that lookup gave', async (c) => {
    const code = c.random.pick(['EAI_AGAIN', 'ETIMEOUT', 'ESERVFAIL'])
    const [host, port] = [`${c.random.word()}.example`, drawPort(c)]
    const lookup = () => Promise.reject(Object.assign(new Error(`query ${code}`), { code }))
    const error = await fetchOnce(c, `http://${host}:${port}/`, { lookup }).rejects()
    c.expectEqual(error.code, code, 'the `code` of the error')
    expectPlace(c, error.message, host, port)
  })

  check('R7', 'a body shorter than its Content-Length is no response', async (c) => {
    const { call, connection, steps } = await requested(c)
    const missing = c.random.integer(1, 15)
    await sendAll(connection, answer(sentence(c)).subarray(0, -missing))
    c.step(`the server has closed ${missing} bytes before the end that Content-Length promised`)
    await call.rejects()
    expectNoResponse(c, steps)
  })

  check('R7', 'a FIN before the blank line is no response, and neither is a FIN alone', async (c) => {
    for (const length of [c.random.integer(20, 30), 0]) {
      const { call, connection, steps } = await requested(c)
      await sendAll(connection, answer(sentence(c)).subarray(0, length))
      c.step(`the server has closed after ${length} bytes of the head`)
      await call.rejects()
      expectNoResponse(c, steps)
    }
  })

  check('R7', 'a reset is not the end of a body', async (c) => {
    const { call, connection, steps } = await requested(c)
    await connection.send(answer(c.random.bytes(200), { fields: ['Content-Type: text/plain'] }))
    await call.staysPending('the server has sent no FIN')
    await connection.reset()
    c.step('the server has reset the connection in a body without Content-Length')
    await call.rejects()
    expectNoResponse(c, steps)
  })

  check('R7', 'what is not HTTP is no response', async (c) => {
    const { call, connection, steps } = await requested(c)
    await connection.send(`220 mail.example ${c.random.word()} ready\r\n\r\n`)
    c.step('the server has greeted like a mail server')
    await call.rejects()
    expectNoResponse(c, steps)
  })

  check(
    'R7',
    'a field line without a colon, and a Content-Length that is no number, are no HTTP',
    async (c) => {
      const body = c.random.word()
      const length = `Content-Length: ${body.length}`
      for (const fields of [
        [c.random.word(), length],
        [length, c.random.word()],
        ['Content-Length: all'],
        ['Content-Length:'],
      ]) {
        const { call, connection, steps } = await requested(c)
        await connection.send(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n${body}`)
        c.step(`the server has sent a head with the lines ${fields.join(' and ')}`)
        await c.learner.idle()
        // The fault shows in the head, and whoever sees it there does not wait for the FIN.
        if (call.settled) await c.blame('R8', () => c.learner.leavesNothing())
        await connection.fin()
        await call.rejects()
        expectNoResponse(c, steps)
      }
    },
  )

  check('R8', 'nothing is open after a response, though the server keeps its end open', async (c) => {
    const { call, connection } = await requested(c)
    await connection.send(answer(c.random.word()))
    await call
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })

  check('R8', 'nothing is open after a response that was cut short', async (c) => {
    const { call, connection } = await requested(c)
    await sendAll(connection, answer(sentence(c)).subarray(0, -10))
    await call.rejects()
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })

  check('R8', 'nothing is open after an answer that is not HTTP', async (c) => {
    const { call, connection } = await requested(c)
    await connection.send(`+OK ${c.random.word()}\r\n\r\n`)
    await call.rejects()
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })
})

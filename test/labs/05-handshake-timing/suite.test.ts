import { lab } from '../../../workbook/grading/lab.ts'
import { FAILURES, SERVERS, URLS } from './conversations.ts'
import { WHY } from './predictions.ts'
import { ADDRESS, timeFetch, timeMany } from './scenes.ts'
import { draw, drawPort, drawHost, drawUrls, pass, scene, heldLookup } from './scenes.ts'
import { pathScene, slowNetwork, requested, serverAt, recordLookups } from './scenes.ts'
import { answer, answerAndClose, answerAtOnce, sendSlowly } from './scenes.ts'
import { nextRequest, throughTheClose, connectionsSeen, expectAsked } from './scenes.ts'
import { expectOneLookup, expectPhase, expectAll, expectPhasesOf } from './scenes.ts'
import { expectShare } from './scenes.ts'
import type { Phases } from './model.ts'
import { METHODS, expectTimeline, timelines } from './timelines.ts'

const ELSEWHERE = '198.51.100.7'

lab('05-handshake-timing', ({ check, converse }) => {
  check('R1', '`dns` is the time until lookup has answered', async (c) => {
    const { origin, asked, host, settle, url, deps } = await heldLookup(c)
    const call = timeFetch(c, url, deps)
    const milliseconds = await pass(c)
    expectAsked(c, asked, origin)
    c.step(`lookup was held for ${milliseconds} ms`)
    c.expect(origin.accepted === 0, 'no connection before lookup has answered', 'a connection')
    settle(Promise.resolve(ADDRESS))
    await answerAndClose(c, origin)
    const phases = await call
    expectOneLookup(c, asked, host)
    expectPhase(c, phases, 'dns', milliseconds)
  })

  check('R1', 'the connection goes to the address that lookup gave', async (c) => {
    const { host, port, origin, url, deps } = await scene(c)
    c.learner.names({ [host]: ELSEWHERE })
    const elsewhere = await serverAt(c, ELSEWHERE, port, 'elsewhere')
    const call = timeFetch(c, url, deps)
    await c.learner.idle()
    const saw = 'a connection to another one: the name was looked up elsewhere'
    c.expect(elsewhere.accepted === 0, 'a connection to the address that `lookup` gave', saw)
    await answerAndClose(c, origin)
    await call
  })

  check('R1', 'a host that is an address is not looked up: `dns` is null', async (c) => {
    for (const address of [ADDRESS, `2001:db8::${c.random.integer(1, 0xffff).toString(16)}`]) {
      const { asked, port, deps } = await scene(c)
      const origin = await serverAt(c, address, port, 'origin')
      const host = address.includes(':') ? `[${address}]` : address
      const call = timeFetch(c, `http://${host}:${port}/`, deps)
      await c.learner.idle()
      c.expect(asked.length === 0, `no lookup: ${address} is an address`, `a lookup of "${asked[0]}"`)
      await answerAndClose(c, origin)
      expectPhase(c, await call, 'dns', null)
    }
  })

  check('R2', '`connect` is the time from the address to the connection', async (c) => {
    const { host, origin, port } = await scene(c)
    // The zero of a clock means nothing: it may lie behind all of this, or here.
    for (const name of [host, ADDRESS]) {
      const { deps, delays } = await slowNetwork(c, name === host ? -5_000 : 0)
      const call = timeFetch(c, `http://${name}:${port}/`, deps)
      await answerAndClose(c, origin)
      const lookup = name === host ? `the lookup took ${delays.lookup} ms, ` : ''
      c.step(`${lookup}the handshake ${delays.connect} ms`)
      expectPhase(c, await call, 'connect', delays.connect)
    }
  })

  check('R3', '`request` goes on to the first byte of the response', async (c) => {
    const { call, connection } = await requested(c)
    const milliseconds = await pass(c)
    c.step(`the server thought for ${milliseconds} ms`)
    const bytes = answer(c.random.word())
    await connection.send(bytes.subarray(0, 1))
    c.step('the first byte of the response has come')
    await pass(c)
    await connection.send(bytes.subarray(1))
    await connection.fin()
    const phases = await call
    expectPhase(c, phases, 'request', milliseconds)
  })

  check('R3', 'the request is a GET for path and query of the URL, with a Host field', async (c) => {
    const { origin, host, port, deps } = await scene(c)
    const target = `/${c.random.word()}?${c.random.word()}=${c.random.word()}`
    const call = timeFetch(c, `http://${host}:${port}${target}#${c.random.word()}`, deps)
    const connection = await origin.connection()
    const request = await connection.request()
    c.expectEqual(request.startLine, `GET ${target} HTTP/1.1`, 'the request line')
    c.expectEqual(request.header('host')?.toLowerCase(), `${host}:${port}`, 'the Host field')
    await connection.send(answer(c.random.word()))
    await connection.fin()
    await call
  })

  check('R3', 'a URL that names no port is fetched from port 80', async (c) => {
    const { host, deps } = await scene(c)
    const zero = await serverAt(c, ADDRESS, 0, 'port 0')
    const origin = await serverAt(c, ADDRESS, 80, 'port 80')
    const target = `/${c.random.word()}`
    const call = timeFetch(c, `http://${host}${target}`, deps)
    await c.learner.idle()
    c.expect(zero.accepted === 0, 'port 80, which http means where the URL names none', 'port 0')
    const connection = await origin.connection()
    const request = await connection.request()
    c.expectEqual(request.startLine, `GET ${target} HTTP/1.1`, 'the request line')
    const seen = request.header('host')?.toLowerCase() ?? 'none'
    c.expect([host, `${host}:80`].includes(seen), `\`${host}\` in the Host field`, seen)
    await connection.send(answer(c.random.word()))
    await connection.fin()
    await call
  })

  converse('R3', 'every kind of URL, and answers in any pieces', URLS)

  check('R4', '`response` goes on to the last byte, however the bytes come', async (c) => {
    const { call, connection } = await requested(c)
    const bytes = answer(c.random.bytes(c.random.integer(100, 400)))
    const milliseconds = await sendSlowly(c, connection, bytes.subarray(0, -1))
    const more = await pass(c)
    c.step(`all of the response but its last byte has come, in pieces, in ${milliseconds + more} ms`)
    await call.staysPending('the last byte has not come')
    await connection.send(bytes.subarray(-1))
    expectPhase(c, await call, 'response', milliseconds + more)
  })

  check('R4', 'a response that comes at once takes 0 ms, with a body and without', async (c) => {
    for (const body of ['', c.random.word()]) {
      const { call, connection } = await requested(c)
      await pass(c)
      await connection.send(answer(body))
      await c.learner.idle()
      const saw = 'a promise still pending: your program waits for more bytes, or for a FIN'
      c.expect(call.settled, `phases: all ${body.length} bytes that Content-Length promised have come`, saw)
      expectPhase(c, await call, 'response', 0)
    }
  })

  check('R4', 'a redirect is a response, and is not followed', async (c) => {
    const { origin, host, port, url, deps } = await scene(c)
    const call = timeFetch(c, url, deps)
    const connection = await origin.connection()
    await connection.request()
    const request = await pass(c)
    const location = `http://${host}:${port}/${c.random.word()}`
    await connection.send(answer('', `HTTP/1.1 302 Found\r\nLocation: ${location}`))
    await c.learner.idle()
    const isAlone = origin.accepted === 1
    const saw = isAlone ? 'another request on this connection' : 'another connection'
    c.expect(isAlone && connection.unread.length === 0, 'no further request behind the 302', saw)
    const phases = { dns: 0, connect: 0, request, response: 0, total: request, reused: false }
    expectAll(c, [await call], 0, phases)
  })

  check('R5', '`total` is the time from the call to the last byte, and the sum of the phases', async (c) => {
    // The clock passes its zero in the lookup, behind all of this, or right at the end of the lookup.
    for (const begin of [-5.5, -90_000, '0 behind the lookup'] as const) {
      const { origin, url } = await scene(c)
      const { deps, delays } = await slowNetwork(c, begin)
      const call = timeFetch(c, url, deps)
      const connection = await origin.connection()
      await connection.request()
      const request = await pass(c)
      const response = await sendSlowly(c, connection, answer(c.random.word()))
      await connection.fin()
      const sum = delays.lookup + delays.connect + request + response
      c.step(
        `${delays.lookup} ms lookup, ${delays.connect} connect, ${request} request, ${response} response`,
      )
      const phases = await call
      expectPhase(c, phases, 'total', sum)
      expectPhase(c, phases, 'dns', delays.lookup)
      const { dns, connect, request: asked, response: answered } = phases
      c.expect(
        Number(dns) + Number(connect) + asked + answered === sum,
        `the sum of the four phases: ${sum}`,
        `${Number(dns) + Number(connect) + asked + answered}: dns ${dns}, connect ${connect}, request ${asked}, response ${answered}`,
      )
      c.expectEqual([connect, asked, answered], [delays.connect, request, response], 'the other phases')
      c.expectEqual(phases.reused, false, '`reused` of a connection of its own')
    }
  })

  check('R6', 'a failed lookup tells its code, and how long it took to fail', async (c) => {
    const { origin, asked, settle, url, deps } = await heldLookup(c)
    const call = timeFetch(c, url, deps)
    const milliseconds = await pass(c)
    expectAsked(c, asked, origin)
    const code = c.random.pick(['ENOTFOUND', 'EAI_AGAIN', 'ETIMEOUT'])
    settle(Promise.reject(Object.assign(new Error(`query ${code}`), { code })))
    c.step(`lookup has failed after ${milliseconds} ms`)
    const error = await call.rejects()
    c.expectEqual(error.code, code, 'the `code` of the error')
    expectPhasesOf(c, error, { dns: milliseconds, total: milliseconds, reused: false })
  })

  check('R6', 'a refused connection has no `request`: it never began', async (c) => {
    const port = drawPort(c)
    c.learner.permit(ADDRESS, port, 'refused')
    const { deps, delays } = await slowNetwork(c, -9_000)
    const error = await timeFetch(c, `http://${drawHost(c)}:${port}/`, deps).rejects()
    c.expectEqual(error.code, 'ECONNREFUSED', 'the `code` of the error')
    const { lookup: dns, connect } = delays
    expectPhasesOf(c, error, { dns, connect, total: dns + connect, reused: false })
  })

  check('R6', 'a server that ends before its first byte, or before its last, ends that phase', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const early = await requested(c)
      const request = await pass(c)
      await early.connection[end]()
      c.step(`the connection has ended after ${request} ms, before the first byte`)
      const setup = { dns: 0, connect: 0, reused: false }
      expectPhasesOf(c, await early.call.rejects(), { ...setup, request, total: request })
      const late = await requested(c)
      const thought = await pass(c)
      await late.connection.send(answer(c.random.bytes(200)).subarray(0, -1))
      const response = await pass(c)
      await late.connection[end]()
      c.step(`the connection has ended ${response} ms after the first byte, before the last`)
      const measured = { ...setup, request: thought, response, total: thought + response }
      expectPhasesOf(c, await late.call.rejects(), measured)
    }
  })

  converse('R6', 'every failure, alone and behind other URLs', FAILURES)

  check('R7', 'URLs of one server share one connection, and pay for it once', async (c) => {
    const { host, port, origin, asked, deps } = await scene(c)
    const urls = drawUrls(c, host, port, c.random.integer(3, 5))
    const call = timeMany(c, urls, deps)
    const connection = await origin.connection()
    const expected: Phases[] = []
    for (const [index, url] of urls.entries()) {
      await nextRequest(c, connection, url, index)
      const request = await pass(c)
      await connection.silent()
      // Other words than `close`, though they contain it.
      const start = 'HTTP/1.1 200 OK\r\nConnection: Close-Notify, not-close, closed'
      const response = await sendSlowly(c, connection, answer(c.random.bytes(90), start))
      const setup = index === 0 ? 0 : null
      const phases = { dns: setup, connect: setup, request, response }
      expected.push({ ...phases, total: request + response, reused: index > 0 })
    }
    const all = await call
    for (const [index, phases] of expected.entries()) expectAll(c, all, index, phases)
    expectOneLookup(c, asked, host)
    await origin.noFurtherConnection()
  })

  check('R7', 'a failure on the kept connection ends it all, and shows no set-up', async (c) => {
    for (const end of ['fin', 'reset'] as const) {
      const { host, port, origin, deps } = await scene(c)
      const call = timeMany(c, drawUrls(c, host, port, 3), deps)
      const connection = await origin.connection()
      await answerAtOnce(c, connection)
      await connection.request()
      const request = await pass(c)
      await connection[end]()
      const how = end === 'fin' ? 'closed' : 'reset the connection'
      c.step(`the server has ${how} after ${request} ms, without an answer to the second request`)
      await c.learner.idle()
      c.expect(origin.accepted === 1, 'an error: nothing is sent twice', 'another connection')
      const error = await call.rejects()
      expectPhasesOf(c, error, { dns: null, connect: null, request, total: request, reused: true })
    }
  })

  check('R7', 'a path counts n + 1 round trips on the kept connection, and 2n without it', async (c) => {
    const { link, host, port, deps } = await pathScene(c)
    const count = 5
    for (const url of drawUrls(c, host, port, count)) await timeFetch(c, url, deps)
    const serial = link.roundTrips
    c.expectEqual(serial, 2 * count, `round trips for ${count} times timeFetch`)
    const { connections } = link
    await timeMany(c, drawUrls(c, host, port, count), deps)
    const kept = link.roundTrips - serial
    c.observe('P2', { 5: 'a', 6: 'b', 9: 'c' }[kept] ?? 'none', WHY.P2)
    c.expectEqual(kept, count + 1, `round trips for timeMany with ${count} URLs`)
    c.expectEqual(link.connections - connections, 1, 'connections that timeMany made')
    c.measure(`${serial} round trips: ${count} times timeFetch`)
    c.measure(`${kept} round trips: timeMany with ${count} URLs`)
  })

  check('R7', 'twenty-one URLs share one connection, and no URLs make none', async (c) => {
    const { link, host, port, deps } = await pathScene(c)
    c.expectEqual(await timeMany(c, [], deps), [], 'the phases of no URLs')
    c.expectEqual(link.connections, 0, 'connections for no URLs')
    const all = await timeMany(c, drawUrls(c, host, port, 21), deps)
    c.expectEqual(all.length, 21, 'phases for 21 URLs')
    c.expectEqual(link.connections, 1, 'connections for 21 URLs')
  })

  check('R7', 'two calls at once have a connection each, and a clock each', async (c) => {
    const { host, port, origin, deps } = await scene(c)
    const calls = [1, 2].map(() => timeMany(c, drawUrls(c, host, port, 2), deps))
    const connections = [await origin.connection(), await origin.connection()]
    const passed: number[] = []
    for (const connection of [...connections, ...connections]) {
      await connection.request()
      passed.push(await pass(c))
      await connection.send(answer(c.random.word()))
      await c.learner.idle()
    }
    // Each of them waits while the other is answered, too.
    const [a = 0, b = 0, d = 0, e = 0] = passed
    for (const [index, [first, second]] of [
      [a, b + d],
      [a + b, d + e],
    ].entries() as IterableIterator<[number, [number, number]]>) {
      const all = (await calls[index]) ?? []
      const setup = { dns: 0, connect: 0, reused: false }
      expectAll(c, all, 0, { ...setup, request: first, response: 0, total: first })
      const none = { dns: null, connect: null, reused: true }
      expectAll(c, all, 1, { ...none, request: second, response: 0, total: second })
    }
  })

  check('R8', 'another host or another port is another connection', async (c) => {
    const [host, other] = [drawHost(c), drawHost(c, ELSEWHERE)]
    const { asked, lookup } = recordLookups({ [host]: ADDRESS, [other]: ELSEWHERE })
    const port = drawPort(c)
    const places = [
      { server: await serverAt(c, ADDRESS, port, 'first'), name: `${host}:${port}` },
      { server: await serverAt(c, ADDRESS, port + 1, 'other port'), name: `${host}:${port + 1}` },
      { server: await serverAt(c, ELSEWHERE, port + 1, 'other host'), name: `${other}:${port + 1}` },
    ]
    const urls = places.map(({ name }) => `http://${name}/${c.random.word()}`)
    const call = timeMany(c, urls, { now: c.learner.clock, lookup })
    for (const { server, name } of places) {
      await c.learner.idle()
      c.expect(server.accepted === 1, `a connection to ${name}`, connectionsSeen(server))
      await answerAtOnce(c, await server.connection())
    }
    const all = await call
    const phases = { dns: 0, connect: 0, request: 0, response: 0, total: 0, reused: false }
    for (const index of urls.keys()) expectAll(c, all, index, phases)
    c.expectEqual(asked, [host, host, other], 'the names that were looked up')
  })

  check('R8', 'back at the first server, a connection is paid for again', async (c) => {
    const { host, port, origin, asked, deps } = await scene(c)
    const other = await serverAt(c, ADDRESS, port + 1, 'other port')
    const urls = [port, port + 1, port].flatMap((each) => drawUrls(c, host, each, 1))
    const call = timeMany(c, urls, deps)
    const first = await origin.connection()
    await answerAtOnce(c, first)
    await answerAtOnce(c, await other.connection())
    await c.learner.idle()
    const kept = 'the request on its first connection, which is not the one of the URL before'
    const saw = first.unread.length > 0 ? kept : connectionsSeen(origin, 1)
    c.expect(origin.accepted === 2, `a second connection to ${host}:${port}`, saw)
    await answerAtOnce(c, await origin.connection())
    const all = await call
    const phases = { dns: 0, connect: 0, request: 0, response: 0, total: 0, reused: false }
    for (const index of urls.keys()) expectAll(c, all, index, phases)
    c.expectEqual(asked, [host, host, host], 'the names that were looked up')
  })

  check('R8', 'after an answer that says close, the next URL pays for a new connection', async (c) => {
    for (const option of ['close', 'Close', `${c.random.word()}, close`]) {
      const lookups = await throughTheClose(c, `HTTP/1.1 200 OK\r\nConnection: ${option}`)
      c.observe('P3', { 1: 'a', 2: 'b', 5: 'c' }[lookups] ?? 'none', WHY.P3)
    }
  })

  check('R8', 'after an HTTP/1.0 answer, too', async (c) => {
    await throughTheClose(c, 'HTTP/1.0 200 OK')
  })

  converse('R8', 'every server, and all that an answer says of its connection', SERVERS)

  check('R9', 'nothing is open after timeFetch, though the server keeps its end open', async (c) => {
    const { call, connection } = await requested(c)
    await connection.send(answer(c.random.word()))
    await call
    await c.learner.leavesNothing()
    await connection.seesEnd()
  })

  check('R9', 'nothing is open after timeMany, on one connection or on two', async (c) => {
    const { host, port, deps, origin } = await scene(c)
    const further = await serverAt(c, ADDRESS, port + 1, 'further')
    const urls = [...drawUrls(c, host, port, 2), ...drawUrls(c, host, port + 1, 2)]
    const call = timeMany(c, urls, deps)
    for (const server of [origin, further]) {
      const connection = await server.connection()
      for (let request = 0; request < 2; request++) await answerAtOnce(c, connection)
    }
    await call
    await c.learner.leavesNothing()
  })

  check('R9', 'nothing is open after a failure', async (c) => {
    const { host, port, deps, origin } = await scene(c)
    for (const isCut of [true, false]) {
      const call = timeMany(c, drawUrls(c, host, port, 2), deps)
      const connection = await origin.connection()
      await answerAtOnce(c, connection)
      await connection.request()
      await connection.send(isCut ? answer('whole').subarray(0, -2) : `220 ${c.random.word()}\r\n\r\n`)
      if (isCut) await connection.fin()
      c.step(`the second answer ${isCut ? 'was cut short' : 'is not HTTP'}`)
      await call.rejects()
      await c.learner.leavesNothing()
      await connection.seesEnd()
    }
  })

  check('R10', 'setupShare is the part of the total that dns and connect took', async (c) => {
    for (const withDns of [true, false]) {
      const [dns, connect] = [withDns ? draw(c) : null, draw(c)]
      const [request, response] = [draw(c), draw(c)]
      const setup = (dns ?? 0) + connect
      const total = setup + request + response
      await expectShare(c, { dns, connect, request, response, total, reused: false }, setup / total)
    }
    const request = draw(c)
    await expectShare(c, { dns: null, connect: null, request, response: 0, total: request, reused: true }, 0)
    const [dns, connect] = [draw(c), draw(c)]
    const none = { request: 0, response: 0, reused: false }
    await expectShare(c, { ...none, dns, connect, total: dns + connect }, 1)
    await expectShare(
      c,
      { ...none, dns, connect: null, request, total: dns + request },
      dns / (dns + request),
    )
    await expectShare(c, { ...none, dns: 0, connect: null, request, total: request }, 0)
    await expectShare(c, { dns: 0, connect: 0, request: 0, response: 0, total: 0, reused: false }, 0)
  })

  check('R10', 'half of the round trips of a small transaction are set-up', async (c) => {
    const { link, host, port, deps } = await pathScene(c)
    await timeFetch(c, `http://${host}:${port}/`, deps)
    const trips = link.roundTrips
    c.measure(`${trips} round trips: one small transaction, of which the handshake is one`)
    c.observe('P1', { 0.25: 'a', 0.5: 'b', 0.75: 'c' }[1 / trips] ?? 'none', WHY.P1)
    const rtt = draw(c)
    const request = (trips - 1) * rtt
    const phases = { dns: null, connect: rtt, request, response: 0, total: rtt + request, reused: false }
    await expectShare(c, phases, 1 / 2)
  })

  check('R11', 'SYN, SYN+ACK, and then the request; on a kept connection the request at once', async (c) => {
    await expectTimeline(c, {})
    await expectTimeline(c, { reused: true })
  })

  converse('R11', 'all timelines without TLS', timelines('none'))

  check('R12', 'TLS 1.3 costs one round trip before the request, and TLS 1.2 two', async (c) => {
    await expectTimeline(c, { tls: '1.3' })
    await expectTimeline(c, { tls: '1.2' })
  })

  converse('R12', 'all timelines of TLS 1.2 and 1.3', timelines('1.2', '1.3'))

  check('R13', 'a safe method leaves as early data, any other waits for TLS 1.3', async (c) => {
    for (const method of METHODS) await expectTimeline(c, { tls: '0-rtt', method })
  })

  converse('R13', 'all timelines with early data', timelines('0-rtt'))

  check('R14', 'each lost SYN costs the timeout, which doubles; the rest is late by it', async (c) => {
    for (const synLost of [1, 2, 3, 4, 5, 8]) await expectTimeline(c, { synLost })
    const synLost = c.random.integer(1, 3)
    await expectTimeline(c, { synLost, tls: '1.3' })
    await expectTimeline(c, { synLost, tls: '1.3', reused: true })
    await expectTimeline(c, { synLost: 0 })
  })
})

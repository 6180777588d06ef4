import { lab } from '../../../workbook/grading/lab.ts'
import * as failures from './failures.ts'
import { COUNTED_LINES, COUNTING, decisions, forwarding, listsOf, removals, TARGETED } from './functions.ts'
import * as hops from './hop-scripts.ts'
import { through } from './hop-play.ts'
import { message } from './messages.ts'
import { optionsOf, viaOf } from './model.ts'
import { ASKED, passing } from './passing.ts'
import { WHY } from './predictions.ts'
import * as s from './scenes.ts'
import * as t from './tables.ts'
import { drawNames } from './words.ts'

lab('10-connection-header', ({ check, converse }) => {
  check('R1', 'one list, whatever lines it stands on', async (c) => {
    const [a = '', b = ''] = drawNames(c)
    const headers = [
      ['Connection', `close, ${a.toUpperCase()}`],
      ['Host', 'a.example'],
      ['connection', `, ${b}\t,`],
    ]
    const options = await c.learner.call('connectionOptions', headers)
    c.expectEqual(options, ['close', a, b], `the options of close, ${a.toUpperCase()} and, below, ${b}`)
  })

  converse('R1', 'lists in every form', listsOf(t.LISTS))

  check('R2', 'what Connection names is removed, and what it does not name is not', async (c) => {
    const [a = '', b = ''] = drawNames(c)
    const headers = [
      ['Host', 'a.example'],
      ['Connection', `close, ${a}`],
      [a.toUpperCase(), '1'],
      [b, '2'],
    ]
    const names = await c.learner.call<string[]>('fieldsToRemove', headers)
    c.expect(Array.isArray(names), 'a list of names', String(names))
    c.expect(names.includes(a), `${a} removed: Connection names it`, names.join(', '))
    c.expect(!names.includes(b), `${b} not removed: nobody names it`, names.join(', '))
  })

  converse('R2', 'names in every form, and what looks like them', removals('R2', t.NAMED))

  converse('R2', 'what is named, in messages that go on', forwarding('R5', t.NAMED))

  converse('R3', 'what belongs to the hop, and its neighbours', removals('R3', t.UNNAMED))

  converse('R3', 'what belongs to the hop, in messages that go on', forwarding('R5', t.UNNAMED))

  converse('R4', 'what Connection cannot take away', removals('R4', t.PROTECTED))

  converse('R4', 'what Connection cannot take away, in messages that go on', forwarding('R5', t.PROTECTED))

  check('R5', 'a message goes on with all its fields, in order', async (c) => {
    const body = c.random.bytes(20)
    const target = `/${c.random.word()}`
    const kept = [
      ['Host', 'a.example'],
      ['Set-Cookie', 'a=1'],
      ['X-B', c.random.word()],
      ['Set-Cookie', 'b=2'],
    ] as const
    const headers = [kept[0], ['Connection', 'close'], ...kept.slice(1)]
    const request = { method: 'POST', target, version: '1.0', headers, body }
    const passed = await c.learner.call<typeof request | null>('forward', request, {
      name: 'a',
      received: '1.0',
    })
    const { headers: seen, ...rest } = passed ?? c.fail('a message', String(passed))
    const others = Array.isArray(seen) ? seen.filter(([name]) => name?.toLowerCase() !== 'via') : seen
    c.expectEqual(others, kept, 'the fields that go on, without Via')
    c.expectEqual(
      { ...rest, body: [...rest.body] },
      { method: 'POST', target, version: '1.1', body: [...body] },
      'the rest',
    )
  })

  converse('R5', 'every kind of line, in requests and in responses', forwarding('R5', t.KEPT))

  converse('R5', 'the line of Max-Forwards, where it counts', COUNTED_LINES)

  converse('R5', 'targets that could be written in another way', TARGETED)

  converse('R6', 'Via, behind all who were there before', forwarding('R6', t.VIAS))

  check('R6', 'a hop whose name is there signs again', async (c) => {
    const [name, other] = [c.random.word(), c.random.word()]
    for (const before of [`1.1 ${name}`, `1.1 ${name}, 1.0 ${other}`, `1.0 ${other}, 1.1 ${name}`]) {
      const headers = [['Via', before]]
      const request = { method: 'GET', target: '/', version: '1.1', headers, body: c.random.bytes(0) }
      const hop = { name, received: '1.1' }
      const passed = await c.learner.call<typeof request | null>('forward', request, hop)
      const lines = Array.isArray(passed?.headers) ? passed.headers : c.fail('a message', 'none')
      const values = lines.filter(([field]) => field?.toLowerCase() === 'via').map(([, value]) => `${value}`)
      c.expectEqual(
        viaOf(values),
        `${before}, 1.1 ${name}`,
        `Via after ${name} has passed on ${before} again`,
      )
    }
  })

  converse('R7', 'Max-Forwards, with every method', COUNTING)

  converse('R8', 'all that a client can have heard and said', decisions('client'))

  converse('R8', 'all that a server can have heard and said', decisions('server'))

  converse('R9', 'all that a proxy can have heard and said', decisions('proxy'))

  check('R10', 'a request and its answer pass, and nothing of the hop with them', async (c) => {
    const both = await s.ends(c)
    await c.learner.staysOnLoopback()
    const client = await c.connect(both.server.port)
    const [ticket, line] = [c.random.word(), `GET /${c.random.word()} HTTP/1.1`]
    const fields = ['Host: a.example', 'Connection: close, X-Ticket, Authorization', `X-Ticket: ${ticket}`]
    await client.send(message(line, [...fields, `Authorization: ${ticket}`, 'Accept: a']))
    const { connection, request } = await both.request()
    c.expectEqual(request.startLine, line, 'the request line at the next hop')
    const named = ['x-ticket', 'authorization'].map((name) => request.header(name))
    c.observe('P1', named[1] === null ? 'b' : 'a', WHY.P1)
    c.expectEqual(named, [null, null], 'X-Ticket and Authorization at the next hop')
    c.expectEqual(request.header('accept'), 'a', 'Accept at the next hop')
    c.expectEqual(viaOf([request.header('via') ?? '']), `1.1 ${both.name}`, 'Via at the next hop')
    const answer = ['Connection: X-Backend', 'X-Backend: db-7', 'ETag: "a"']
    await connection.send(message('HTTP/1.1 404 Not Found', answer, ticket))
    const response = await client.response()
    c.expectEqual(response.words[1], '404', 'the status at the client')
    c.expectBytes(response.body, ticket, 'the body at the client')
    c.expectEqual(
      [response.header('x-backend'), response.header('etag')],
      [null, '"a"'],
      'X-Backend and ETag',
    )
  })

  check('R10', 'the next request waits for the answer to the one before', s.oneAtATime)

  check('R10', 'bodies arrive whole, in every framing and of every length', s.bodiesPass)

  check('R10', 'bodies arrive whole, whatever Connection names', s.framesNamed)

  check('R10', 'an HTTP/1.0 client sees no chunks, and its request gets a Host', s.oldClients)

  check('R10', 'an empty Host stays, and stays alone', s.emptyHost)

  converse(
    'R10',
    'every field, through the hop and back',
    passing(t.NAMED, t.UNNAMED, t.PROTECTED, t.KEPT, t.VIAS),
  )

  converse('R10', 'targets, through the hop', ASKED)

  converse('R10', 'clients that ask in any order', through(hops.ASKING, 2))

  check('R11', 'an HTTP/1.1 client stays, and one of HTTP/1.0 does not', async (c) => {
    const both = await s.ends(c)
    for (const version of ['1.1', '1.0'] as const) {
      const client = await c.connect(both.server.port)
      await client.send(
        message(`GET /${version} HTTP/${version}`, ['Host: a.example', 'Connection: keep-alive']),
      )
      const { connection } = await both.request()
      await connection.send(message('HTTP/1.1 200 OK', ['Connection: close'], version))
      const isClosing = optionsOf((await client.response()).headers).includes('close')
      await c.learner.idle()
      const isOpen = client.ended === 'open'
      const choice = isOpen ? 'a' : 'b'
      if (version === '1.1') c.observe('P2', choice, WHY.P2)
      else c.observe('P3', choice, WHY.P3)
      const saw = `${isOpen ? 'open' : client.ended}, close ${isClosing ? '' : 'not '}said`
      if (version === '1.1')
        c.expect(isOpen && !isClosing, "the client's connection open, close not said", saw)
      else c.expect(client.ended === 'FIN' && isClosing, 'FIN, close said', saw)
      await connection.fin()
    }
  })

  converse('R11', 'clients of every kind, that leave in any state', through(hops.CLIENTS, 2))

  converse('R12', 'next hops of every kind, that leave in any state', through(hops.NEXTS, 2))

  check('R13', 'TRACE with no hop left shows what came, without its secrets', (c) =>
    s.answersTrace(c, ['1.1', '1.0']),
  )

  check('R13', 'OPTIONS with no hop left is answered here, and no other one', s.answersOptions)

  check('R13', 'a request with no hop left ends where its body does', s.bodyOfOurs)

  check('R13', 'no other method counts', s.othersAreForwarded)

  converse('R13', 'with no hop left, between other requests', through(hops.OURS))

  check('R14', 'a next hop that cannot be reached harms nobody else', failures.unreachable)

  check('R14', 'an answer that was cut short passes for no whole one', failures.cutAnswers)

  check('R14', 'what is no HTTP goes nowhere, and its connection ends', failures.noHttp)

  check('R14', 'an answer that is no HTTP is none', failures.noAnswer)

  check('R14', 'an answer with both lengths is not read by its Content-Length', failures.bothLengths)

  converse('R14', 'whoever cuts, or is cut', through(hops.CUTS))

  check('R15', 'close() ends who is idle, and lets the others be answered', s.closesWithCare)

  check('R15', 'close() ends what a client has left that was reset', failures.goneWithMoreWaiting)

  converse('R15', 'close() in any state', through(hops.CLOSING, 2))
})

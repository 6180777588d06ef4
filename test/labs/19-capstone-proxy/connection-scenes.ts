import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { countsOnce, get, ok, place, statusOf } from './place.ts'

/** Connections to origins, and what comes before an answer. */

// --- R11: connections to origins ---

export async function staleConnections(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const keepOne = async (): Promise<Connection> => {
    await client.send(get('/keep'))
    const { wire } = await p.asked()
    await wire.send(ok('x'))
    await client.response()
    return wire
  }
  for (const end of ['FIN', 'RST'] as const) {
    const kept = await keepOne()
    await client.send(get('/again'))
    const { wire } = await p.asked()
    c.expect(wire === kept, 'the second request on the kept connection', 'another one')
    await (end === 'FIN' ? wire.fin() : wire.reset())
    const again = await p.asked(`GET once more, behind ${end} on a kept connection`)
    c.expectEqual(again.request.words[1], '/again', 'the target of the request that is sent again')
    await (end === 'FIN' ? again.wire.fin() : again.wire.reset())
    c.expectEqual(statusOf(await client.response()), '502', 'the status when the new connection ends as well')
    await c.learner.idle()
    const { accepted } = p.origin
    c.expectEqual(accepted, p.wires.length, 'the connections to the origin: nothing is sent a third time')
  }
  await keepOne()
  await client.send('POST /once HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc')
  const { wire } = await p.asked()
  await wire.fin()
  c.expectEqual(
    statusOf(await client.response()),
    '502',
    'the status of a POST whose connection ends unanswered',
  )
  await c.learner.idle()
  c.expectEqual(p.origin.accepted, p.wires.length, 'the connections to the origin: a POST is not sent again')
  const kept = await keepOne()
  await client.send(get('/last'))
  await client.fin()
  const last = await p.asked()
  c.expect(last.wire === kept, 'the next request on the kept connection', 'another one')
  await kept.fin()
  await c.blame('R5', async () => {
    const again = await p.asked('GET once more, for a client that has sent its FIN,')
    await again.wire.send(ok('last'))
    c.expectEqual((await client.response()).body.toString(), 'last', 'the body behind the FIN of the client')
  })
  await countsOnce(c, p, 8)
}

/** Where one kept connection is dead the others may be too: what is sent again takes a new one. */
export async function sentAgainOnNew(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const clients = [await p.client('one'), await p.client('two')]
  const wires: Connection[] = []
  for (const [at, client] of clients.entries()) {
    await client.send(get(`/keep-${at}`))
    wires.push((await p.asked()).wire)
  }
  for (const [at, client] of clients.entries()) {
    await wires[at]?.send(ok('x'))
    await client.response()
  }
  const [client] = clients
  await client?.send(get('/again'))
  await (await p.asked()).wire.fin()
  const again = await p.asked('GET once more, while another connection is kept')
  const expected = 'a new connection for what is sent again, while another one is kept'
  c.expect(!wires.includes(again.wire), expected, 'the other one that was kept')
  await again.wire.send(ok('new'))
  c.expectEqual((await client?.response())?.body.toString(), 'new', 'the body of the second attempt')
}

export async function notUsedAgain(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const rows: ReadonlyArray<readonly [what: string, bytes: string]> = [
    ['close', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x, CLOSE\r\n\r\nx'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
    [
      'more bytes than it said',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
    ],
  ]
  for (const [what, bytes] of rows) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    await wire.send(bytes)
    c.expectEqual(
      (await client.response()).body.toString(),
      'x',
      `the body, from an origin that says ${what}`,
    )
    await client.silent()
    await client.send(get('/b'))
    const next = await p.asked(`the next request, behind ${what}`)
    c.expect(next.wire !== wire, `a new connection behind ${what}`, 'the old one')
    await next.wire.send(ok('y', 'Connection: close\r\n'))
    c.expectEqual((await client.response()).body.toString(), 'y', `the next body, behind ${what}`)
    await wire.seesEnd()
  }
  await client.send(get('/a'))
  const { wire } = await p.asked()
  await wire.send(ok('x'))
  await client.response()
  await wire.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  await wire.seesEnd()
  await client.send(get('/b'))
  const next = await p.asked('the next request, behind bytes that nobody asked for')
  c.expect(next.wire !== wire, 'a new connection behind bytes that nobody asked for', 'the old one')
  await next.wire.send(ok('y'))
  c.expectEqual(
    (await client.response()).body.toString(),
    'y',
    'the next body, behind bytes that nobody asked for',
  )
  await next.wire.fin()
  await next.wire.seesEnd()
}

// --- R12: 1xx ---

export async function passesInterim(c: Check): Promise<void> {
  const p = await place(c)
  const head = 'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n'
  const client = await p.client()
  await client.send(head)
  await c.learner.idle()
  const wire = await p.origin.connection({
    as: 'a connection to the origin, while the client keeps its body back',
  })
  p.wires.push(wire)
  const onward = wire.unread.toString('latin1').toLowerCase()
  c.expect(
    /\r\nexpect:[ \t]*100-continue/.test(onward) && onward.endsWith('\r\n\r\n'),
    'the head with its Expect at the origin',
    onward,
  )
  await client.silent()
  await wire.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n')
  const hints = await client.takeThrough('\r\n\r\n')
  c.expect(
    / 103 [^]*link:[ \t]*<\/a.css>/i.test(hints.toString()),
    '103 with its Link at the client',
    hints.toString(),
  )
  c.expect(
    /^HTTP\/1.1 100 /.test((await client.takeThrough('\r\n\r\n')).toString()),
    '100 at the client',
    'another status',
  )
  await client.send('hello')
  const { request } = await p.asked('the body behind 100')
  c.expectEqual(request.body.toString(), 'hello', 'the body at the origin')
  await wire.send(ok('thanks'))
  c.expectEqual((await client.response()).body.toString(), 'thanks', 'the final answer')
  await client.staysOpen()
  await client.send(head)
  await wire.takeThrough('\r\n\r\n')
  await wire.send(
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno',
  )
  await client.takeThrough('\r\n\r\n')
  const refused = await client.response()
  c.expectEqual(
    [statusOf(refused), refused.header('connection')?.toLowerCase()],
    ['417', 'close'],
    'status and Connection where nobody wants the body',
  )
  await client.sees('FIN')
  await client.fin()
  await wire.seesEnd()
  const old = await p.client('old')
  await old.send(get('/b', '', '1.0'))
  const next = await p.asked()
  await next.wire.send(
    `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok('x').toString()}`,
  )
  c.expectEqual(statusOf(await old.response()), '200', 'the first status that HTTP/1.0 sees')
}

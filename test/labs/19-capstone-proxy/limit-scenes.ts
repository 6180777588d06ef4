import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { both, FILES, get, ok, originOf, place, statusOf } from './place.ts'

/** What each client has at most, and how connections end. */

const isRefused = async (c: Check, client: Connection, status: string, what: string): Promise<void> => {
  const answer = await client.response({ as: `${status} for ${what}` })
  c.expectEqual(statusOf(answer), status, `the status, for ${what}`)
  const said = (answer.header('connection') ?? '').toLowerCase()
  c.expectEqual(said, 'close', `Connection, for ${what}`)
  await client.sees('FIN')
}

export async function clientsHaveTheirTime(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await c.learner.tick(4_999)
    await client.staysOpen()
    await client.send(get('/a.txt').slice(0, 20))
    await c.learner.tick(2_999)
    await client.silent()
    await client.send(get('/a.txt').slice(20))
    if (proxied) {
      const { wire } = await proxied.asked()
      c.step('no clock of a client runs while it waits for an answer')
      await c.learner.tick(2_999)
      await wire.send(ok('0123456789', 'Cache-Control: max-age=60\r\n'))
    }
    c.expectEqual((await client.response()).body.toString(), '0123456789', `the body, at ${name}`)
    await c.learner.tick(4_000)
    c.step('a request that is answered at once begins the wait anew')
    await client.send(get('/a.txt'))
    await client.response()
    await c.learner.tick(4_999)
    await client.staysOpen()
    await c.learner.tick(1)
    await client.sees('FIN')
    await client.fin()
    const slow = await c.connect(server.port, { name: 'slow head' })
    await slow.send('GET ')
    for (const byte of '/a.') {
      await c.learner.tick(999)
      await slow.send(byte)
    }
    await slow.silent()
    await c.learner.tick(3)
    await isRefused(c, slow, '408', `a head that takes longer than headMs, at ${name}`)
    await slow.fin()
  })
}

export async function bodiesHaveTheirTime(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await client.send('PUT /a.txt HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\n')
    for (const byte of 'abc') {
      await c.learner.tick(1_999)
      await client.send(byte)
    }
    await client.staysOpen()
    await c.learner.tick(2_000)
    // An origin may have said at once that it wants no PUT.
    if (!proxied) await client.seesEnd()
    else await isRefused(c, client, '408', `a body that stops, at ${name}`)
    if (proxied) {
      const [wire] = [
        await proxied.asked().then(
          (asked) => asked.wire,
          () => null,
        ),
      ]
      if (wire) await wire.seesEnd()
    }
    if (client.ended !== 'RST') await client.fin()
  })
}

/** The clock of a reader begins anew with all that it takes. */
export async function slowReadersStay(c: Check): Promise<void> {
  const size = 30_000_000
  const server = await originOf(c, { ...FILES, '/big': Buffer.alloc(size, 'x') })
  const client = await c.connect(server.port, { paused: true })
  await client.send(get('/big'))
  await c.learner.idle()
  for (let round = 1; round <= 3; round++) {
    await c.learner.tick(1_500)
    const expected = `the open sockets of a client that takes 5 MB every 1500 ms, after ${round * 1500} ms`
    c.expectEqual(await c.learner.openSockets(), 1, expected)
    client.read()
    await client.take(5_000_000)
    client.pause()
    await c.learner.idle()
  }
  await client.reset({ now: true })
}

/** A client that takes nothing of what it is sent is given up, and nobody else. */
export async function readersHaveTheirTime(c: Check): Promise<void> {
  const big = Buffer.alloc(12_000_000, 'x')
  const server = await originOf(c, { ...FILES, '/big': big })
  const client = await c.connect(server.port, { paused: true })
  await client.send(get('/big'))
  await c.learner.idle()
  await c.learner.tick(1_999)
  c.expectEqual(await c.learner.openSockets(), 1, 'the open sockets after 1999 ms')
  await c.learner.tick(2)
  c.expectEqual(await c.learner.openSockets(), 0, 'the open sockets when nothing was taken for bodyMs')
  const next = await c.connect(server.port, { name: 'next' })
  await next.send(get('/a.txt'))
  c.expectEqual((await next.response()).body.toString(), '0123456789', 'the body for the next client')
}

export async function notTooMany(c: Check): Promise<void> {
  await both(c, { maxConnections: 2 }, async (server, name) => {
    const [one, two] = [await c.connect(server.port), await c.connect(server.port)]
    await c.learner.idle()
    const third = await c.connect(server.port, { name: 'the third' })
    await isRefused(c, third, '503', `a third client at ${name}, before it has said anything`)
    await one.staysOpen()
    await two.fin()
    await two.sees('FIN')
    c.step('a client leaves, and the one that was refused has not closed yet')
    const next = await c.connect(server.port, { name: 'the next' })
    await next.silent()
    await third.fin()
    for (const each of [one, next]) {
      await each.fin()
      await each.sees('FIN')
    }
  })
}

/** Whoever has a tunnel is a client as well. */
export async function tunnelsTakePlaces(c: Check): Promise<void> {
  const p = await place(c, { maxConnections: 1 })
  const client = await p.client()
  await client.send('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n')
  const wire = await p.origin.connection({ as: 'a connection to the origin, for CONNECT' })
  await client.takeThrough('\r\n\r\n')
  const second = await p.client('the second')
  await isRefused(c, second, '503', 'a second client, while the first one has a tunnel')
  await second.fin()
  const { clients, origins } = await p.proxy.stats()
  c.expectEqual({ clients, origins }, { clients: 1, origins: 0 }, 'stats() while there is a tunnel')
  await client.reset()
  await wire.seesEnd()
}

export async function closesWithCare(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const [idle, half] = [await c.connect(server.port), await c.connect(server.port, { name: 'half' })]
    await half.send(get('/a.txt').slice(0, 25))
    const waits = await c.connect(server.port, { name: 'waits' })
    if (proxied) await waits.send(get('/waits'))
    await c.learner.idle()
    const closed = server.close()
    await idle.sees('FIN')
    await c.refused(server.port)
    await half.silent()
    if (proxied) {
      await waits.silent()
      await (await proxied.asked()).wire.send(ok('waited'))
      const answer = await waits.response({ as: 'the answer that was under way at close()' })
      c.expectEqual(
        [answer.body.toString(), answer.header('connection')?.toLowerCase()],
        ['waited', 'close'],
        'body and Connection of the answer that was under way at close()',
      )
    }
    await waits.sees('FIN')
    await half.send(get('/a.txt').slice(25))
    if (proxied) await (await proxied.asked('the request that had begun')).wire.send(ok('0123456789'))
    c.expectEqual(
      (await half.response()).body.toString(),
      '0123456789',
      `the body of what had begun, at ${name}`,
    )
    await half.sees('FIN')
    await closed.staysPending()
    for (const client of [idle, half, waits]) await client.fin()
    await closed
    if (proxied) for (const wire of proxied.wires) await wire.seesEnd()
  })
  await c.learner.leavesNothing()
}

/** Behind graceMs nobody is waited for. */
export async function graceIsOver(c: Check): Promise<void> {
  await both(c, { headMs: 60_000, bodyMs: 60_000 }, async (server, name, proxied) => {
    const [stays, half] = [await c.connect(server.port), await c.connect(server.port, { name: 'half' })]
    await half.send('GET / HT')
    const waits = await c.connect(server.port, { name: 'waits' })
    if (proxied) {
      await waits.send(get('/waits'))
      await proxied.asked()
    }
    await c.learner.idle()
    const closed = server.close()
    await stays.sees('FIN')
    await c.learner.tick(3_999)
    await closed.staysPending()
    await c.learner.tick(1)
    await half.seesEnd()
    await waits.seesEnd()
    await closed
    c.step(`close() of ${name} has resolved`)
  })
  await c.learner.leavesNothing()
}

/** Behind the last answer the client's own words are read, so that no reset overtakes it. */
export async function lastAnswersArrive(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await client.send(get('/a.txt', 'Connection: close\r\n'))
    if (proxied) await (await proxied.asked()).wire.send(ok('0123456789'))
    await client.response()
    await client.sees('FIN')
    await client.send(get('/a.txt').repeat(3))
    await c.learner.idle()
    c.expect(
      client.ended === 'FIN' && client.unread.length === 0,
      `FIN, and nothing behind it, at ${name}`,
      client.ended,
    )
    c.expect(await client.takesMore(), `${name} reads on behind its FIN`, 'a reset')
    await c.learner.tick(3_999)
    c.expect(await client.takesMore(), `${name} reads on for graceMs behind its FIN`, 'a reset')
    await c.learner.tick(1)
    await client.send('late')
    c.expect(
      !(await client.takesMore()),
      `the end of a connection graceMs behind the FIN of ${name}`,
      'it still reads',
    )
  })
}

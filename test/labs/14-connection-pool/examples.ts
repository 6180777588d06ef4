import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check } from '../../../workbook/grading/check.ts'
import { WHY } from './predictions.ts'
import { answer, asking, askInOneTurn, head, newPool, start } from './scenes.ts'

/** One scene a requirement, as a learner meets it first. */

export async function aRequestAndItsAnswer(c: Check): Promise<void> {
  const { origin, ask } = await start(c)
  const [sent, given, target] = [c.random.bytes(40), c.random.bytes(90), `/${c.random.word()}`]
  const call = ask({ method: 'POST', target, headers: [['X-Shop', target]], body: sent })
  const connection = await origin.connection()
  const request = await connection.request()
  c.expectEqual(request.startLine, `POST ${target} HTTP/1.1`, 'the request line')
  c.expectEqual(request.header('x-shop'), target, 'X-Shop, a field of the caller')
  c.expectEqual(request.header('host'), `127.0.0.1:${origin.port}`, 'Host')
  c.expectBytes(request.body, sent, 'the body of the request')
  await connection.sendInParts(c.random.split(Buffer.concat([Buffer.from(head(given.length)), given])))
  const response = await call
  c.expectEqual(response.status, 200, 'the status of the answer')
  c.expectBytes(response.body, given, 'the body of the answer')
}

export async function theLastUsedIsUsedNext(c: Check): Promise<void> {
  const { origin, ask } = await start(c, { maxPerOrigin: 3 })
  c.learner.holdClock()
  const calls = ['/1', '/2', '/3'].map((target) => ask({ target }))
  const connections = [await origin.connection(), await origin.connection(), await origin.connection()]
  for (const connection of connections) await answer(connection)
  for (const call of calls) await call
  for (let second = 1; second <= 10; second++) {
    await c.learner.tick(1_000)
    const call = ask({ target: `/each-second/${second}` })
    await c.learner.idle()
    const used = connections.find(({ unread }) => unread.length > 0)
    if (!used)
      return c.fail('the request on a connection that is idle: there are three', 'it on none of the three')
    await answer(used)
    await call
  }
  const open = connections.filter(({ ended }) => ended === 'open').length
  c.observe('P1', ['a', 'b', 'c'][open - 1] ?? 'a', WHY.P1)
  c.expectEqual(open, 1, 'connections that are open after ten seconds with a request each')
}

/** 2N, counted: what users share, and what each of them would have opened. */
export async function manyUsersShareAFew(c: Check): Promise<void> {
  const users = c.random.integer(15, 25)
  const maxPerOrigin = c.random.integer(4, 8)
  const link = await c.link({ respond: () => head(2) + 'ok' })
  const pool = await newPool(c, { maxPerOrigin, maxWaiting: 4 * users })
  const origin = { host: '127.0.0.1', port: link.port }
  // The pages are asked for in one turn: calls from here come in as many turns as the machine likes.
  const targets = Array.from({ length: users }, (_, user) => `/${user}/page`)
  const pages = await askInOneTurn(c, pool, origin, targets)
  const load = async (page: Call<Response>, user: number): Promise<void> => {
    await page
    const images = ['1', '2', '3'].map((target) => pool.request(origin, { target: `/${user}/${target}` }))
    for (const image of images) await image
  }
  await Promise.all(pages.answers.map(load))
  c.expectEqual(link.connections, maxPerOrigin, `connections for ${users} users and ${4 * users} requests`)
  c.measure(
    `${users} users, ${4 * users} requests: ${link.connections} connections, and ${2 * users} if each user had two`,
  )
}

export async function whoFindsNoPlaceWaits(c: Check): Promise<void> {
  const { origin, ask } = await start(c, { maxPerOrigin: 1, maxWaiting: 2 })
  const calls = ['/first', '/second', '/third'].map((target) => ask({ target }))
  const connection = await origin.connection()
  const error = await ask({ target: '/too-many' }).rejects()
  c.expectEqual(error.code, 'EPOOLFULL', 'the code of the rejection: two wait already')
  for (const [index, target] of ['/first', '/second', '/third'].entries()) {
    const request = await connection.request({ as: `GET ${target}` })
    c.expectEqual(request.words[1], target, `the target of request ${index + 1}`)
    await connection.silent()
    await connection.send(head(2) + 'ok')
    await calls[index]
  }
  await origin.noFurtherConnection()
}

/** The turn in which an answer is given is the one in which a careless pool has an idle connection, and callers who wait. */
export async function whoAsksAgainComesLast(c: Check): Promise<void> {
  const { origin, pool } = await start(c, { maxPerOrigin: 1, maxWaiting: 2 })
  const address = { host: '127.0.0.1', port: origin.port }
  const { calls, answers } = await askInOneTurn(c, pool, address, ['/first', '/second'])
  c.step('whoever gets the answer to /first asks for /again in the same turn')
  const again = c.learner.make<Response>('askAgain', calls, 0, pool, asking(address, '/again'))
  const connection = await origin.connection()
  for (const [index, target] of ['/first', '/second', '/again'].entries()) {
    const request = await connection.request({ as: `GET ${target}` })
    c.expectEqual(
      request.words[1],
      target,
      `the target of request ${index + 1}: /second waited before /again`,
    )
    await connection.send(head(2) + 'ok')
    await answers[index]
  }
  await again
  await origin.noFurtherConnection()
}

export async function closeEndsIt(c: Check): Promise<void> {
  const { origin, ask } = await start(c, { maxPerOrigin: 1 })
  const calls = [ask({ target: '/first' }), ask({ target: '/second' })]
  const first = await origin.connection()
  await first.request()
  await first.send(head(2, 'Connection: close') + 'ok')
  await calls[0]
  await first.seesEnd()
  const second = await origin.connection({ as: 'a new connection, for GET /second' })
  await answer(second)
  await calls[1]
  await second.staysOpen()
}

export async function idleConnectionsEnd(c: Check): Promise<void> {
  // Hours too: whoever caps it is found.
  const idleMs = c.random.integer(2_000_000, 9_000_000)
  const { origin, ask } = await start(c, { idleMs })
  c.learner.holdClock()
  const call = ask({})
  const connection = await origin.connection()
  await answer(connection)
  await call
  await c.learner.tick(idleMs - 1)
  await connection.staysOpen()
  await c.learner.tick(1)
  await connection.seesEnd()
  await c.learner.leavesNothing()
}

export async function theServersTimeCounts(c: Check): Promise<void> {
  const { origin, ask } = await start(c, { idleMs: 60_000 })
  c.learner.holdClock()
  const call = ask({})
  const connection = await origin.connection()
  await answer(connection, 'Connection: keep-alive', 'Keep-Alive: timeout=5, max=100')
  await call
  let when: number | null = null
  let now = 0
  for (const time of [3_999, 4_000, 5_000, 60_000]) {
    await c.learner.tick(time - now)
    now = time
    if (connection.ended === 'open') continue
    when = time
    break
  }
  c.observe('P3', when === 4_000 ? 'a' : when === 60_000 ? 'c' : 'b', WHY.P3)
  c.expectEqual(
    when ?? 'never',
    4_000,
    'milliseconds until your pool ends the connection: 5 s, less a margin of 1 s',
  )
}

export async function finWhileIdle(c: Check): Promise<void> {
  const { origin, ask } = await start(c)
  const call = ask({})
  const connection = await origin.connection()
  await answer(connection)
  await call
  await connection.fin()
  await connection.seesEnd()
  const post = ask({ method: 'POST', target: '/order' })
  const next = await origin.connection({ as: 'a new connection, for POST /order' })
  await answer(next)
  await post
}

export async function theRace(c: Check): Promise<void> {
  const { ask, settle } = await start(c)
  const read = { GET: 0, POST: 0 }
  for (const method of ['GET', 'POST'] as const) {
    const before = ask({ target: '/before' })
    await settle()
    await before
    const call = ask({ method, target: '/race' })
    // Every connection that reads it answers with FIN, once; the next one with an answer.
    for (let turn = 0; turn < 3; turn++) {
      await c.learner.idle()
      const connection = await settle.find()
      if (!connection) break
      read[method]++
      if (turn === 0) await connection.fin()
      else await connection.send(`${head(2)}ok`)
    }
    if (method === 'GET') c.expectEqual((await call).status, 200, 'the status of the GET, sent once more')
    else await call.rejects()
  }
  c.observe('P2', read.POST > 1 ? 'a' : read.GET > 1 ? 'b' : 'c', WHY.P2)
  c.expectEqual(read, { GET: 2, POST: 1 }, 'how often each has come to the origin')
}

export async function aRefusedConnection(c: Check): Promise<void> {
  const { origin, ask } = await start(c, { maxPerOrigin: 1 })
  c.learner.permit('127.0.0.1', origin.port, 'refused')
  for (let times = 0; times < 2; times++)
    c.expectEqual((await ask({}).rejects()).code, 'ECONNREFUSED', 'the code of the rejection')
  c.learner.permit('127.0.0.1', origin.port, origin)
  const call = ask({})
  const connection = await origin.connection({ as: 'a connection: the place is free, and the port is back' })
  await answer(connection)
  await call
}

export async function anAbort(c: Check): Promise<void> {
  const { origin, pool } = await start(c, { maxPerOrigin: 1 })
  const controller = await c.learner.make<object>('newController')
  const code = `E${c.random.word().toUpperCase()}`
  const address = { host: '127.0.0.1', port: origin.port }
  const wanted = [{ ...asking(address, '/large'), controller }, asking(address, '/small')]
  const calls = await c.learner.make<object>('start', pool, wanted, code)
  const [large, small] = [0, 1].map((index) => c.learner.make<Response>('answer', calls, index))
  const first = await origin.connection()
  await first.request()
  await first.send(`${head(1_000)}the beginning of`)
  await c.learner.idle()
  c.step('the caller of /large aborts')
  await c.learner.make('abort', controller, code)
  c.expectEqual(
    (await large?.rejects())?.code,
    code,
    "the code of the rejection, which is the signal's reason",
  )
  await first.seesEnd()
  const second = await origin.connection({ as: 'a new connection, for GET /small' })
  await answer(second)
  await small
}

export async function countsAreTrue(c: Check): Promise<void> {
  const { origin, pool, ask } = await start(c, { maxPerOrigin: 1 })
  const counted = async (open: number, idle: number, waiting: number, when: string): Promise<void> => {
    await c.learner.idle()
    c.expectEqual(await c.learner.make('countsOf', pool), { open, idle, waiting }, `counts ${when}`)
  }
  await counted(0, 0, 0, 'before anything is asked')
  const calls = [ask({}), ask({})]
  const connection = await origin.connection()
  await counted(1, 0, 1, 'while one is under way and one waits')
  for (const call of calls) {
    await answer(connection)
    await call
  }
  await counted(1, 1, 0, 'behind the last answer')
  await connection.fin()
  await counted(0, 0, 0, 'behind the FIN')
}

export async function closeFinishes(c: Check): Promise<void> {
  const { origin, pool, ask } = await start(c)
  const calls = [ask({ target: '/idle-soon' }), ask({ target: '/under-way' })]
  const connections = [await origin.connection(), await origin.connection()]
  await c.learner.idle()
  const [idle, busy] = connections[0]?.unread.includes('/idle-soon') ? connections : connections.toReversed()
  if (!idle || !busy) return
  await answer(idle)
  await calls[0]
  const closing = pool.close()
  await idle.seesEnd()
  c.expectEqual((await ask({}).rejects()).code, 'EPOOLCLOSED', 'the code for a newcomer')
  await closing.staysPending('a request is in progress')
  await answer(busy)
  await calls[1]
  await busy.seesEnd()
  await closing
  await pool.close()
  await c.learner.leavesNothing()
}

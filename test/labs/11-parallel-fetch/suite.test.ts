import type { Call } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { expectTargets, PAGE, TEXTS } from './conversations.ts'
import { quickestOf } from './model.ts'
import { drawAnswer, drawTarget, loadPage, pageOf, type Page } from './scenes.ts'
import {
  answerAll,
  begin,
  expectTrips,
  expectTogether,
  images,
  narrowLink,
  onLink,
  tell,
} from './examples.ts'
import { WHY } from './predictions.ts'
import { LINES } from './tables.ts'

lab('11-parallel-fetch', ({ check, converse }) => {
  check('R1', 'images in the order of the document, each once', async (c) => {
    const [quay, crane] = [drawTarget(c, 1), drawTarget(c, 2)]
    const html =
      `<p>3 < 4 <!-- <img src="/old.png"> --> <IMG alt="a > b" src="${quay}?w=40&amp;h=30">` +
      `<img data-src="/later.png" src='${crane}#left'><img src=${crane}#right>`
    const seen = await c.learner.call('imageTargets', html)
    c.expectEqual(seen, [`${quay}?w=40&h=30`, crane], `the targets of ${html}`)
  })

  check('R1', 'a page that grows letter by letter shows an image when its tag is whole', async (c) => {
    const html = `<!--<img src=/x>--><img alt='>' src="${drawTarget(c, 1)}">`
    for (let length = 0; length <= html.length; length++) await expectTargets(c, html.slice(0, length))
  })

  converse('R1', 'every kind of page', TEXTS)

  check('R2', 'a page and its image, and nothing is left open', async (c) => {
    const { call, server, page, targets } = await begin(c, 1, { maxConnections: 2 })
    const request = await page.wire.request({ as: `GET ${page.target}` })
    c.expectEqual(request.startLine, `GET ${page.target} HTTP/1.1`, 'the request line')
    c.expectEqual(request.header('host'), `127.0.0.1:${server.port}`, 'the Host field')
    await page.wire.send(page.answer.bytes)
    await answerAll(c, server, targets)
    const result = await call
    c.expectBytes(result.response?.body ?? '', page.answer.body, 'the body of the page')
    c.expectEqual(images(result).length, 1, 'the number of images')
    await c.learner.leavesNothing()
  })

  check('R2', 'calls know nothing of each other, side by side or one behind the other', async (c) => {
    const server = await c.listen({ name: 'server' })
    const html = pageOf([drawTarget(c, 1)])
    const load = () => loadPage(c, server.port, '/page', { maxConnections: 1, reuse: true })
    const serve = async (call: Call<Page>): Promise<void> => {
      const wire = await server.connection({ as: 'one for each call' })
      await wire.request()
      await wire.send(drawAnswer(c, html).bytes)
      await wire.request({ as: 'a request for the image, in each call' })
      const { bytes, body } = drawAnswer(c, c.random.bytes(40))
      await wire.send(bytes)
      c.expectBytes(images(await call)[0]?.response?.body ?? '', body, 'the body of the image, in this call')
    }
    const calls = [load(), load()]
    await c.learner.idle()
    c.expect(server.accepted === 2, 'a connection for each of two calls', `${server.accepted}`)
    for (const call of calls) await serve(call)
    await serve(load())
  })

  converse('R2', 'every page, and every way to lose it', PAGE.R2)

  check('R3', 'an image is asked for while the rest of the page is on its way', async (c) => {
    const { call, server, page, targets } = await begin(c, 1, { maxConnections: 2 })
    await page.wire.request()
    const rest = '<p>That is all.</p>'.length
    await page.wire.send(page.answer.bytes.subarray(0, -rest))
    c.step('the tag has come, and the end of the page has not')
    await answerAll(c, server, targets)
    await call.staysPending('the end of the page has not come')
    await page.wire.send(page.answer.bytes.subarray(-rest))
    await call
  })

  converse('R3', 'pages in any pieces', PAGE.R3)

  check('R4', 'with a cap of two, one image comes beside the page', async (c) => {
    const { call, server, page, targets } = await begin(c, 3, { maxConnections: 2 })
    await page.wire.request()
    await page.wire.send(page.answer.bytes.subarray(0, -1))
    await c.learner.idle()
    const most = `${server.accepted} connections open`
    c.expect(server.accepted <= 2, "two connections at most, the page's own included", most)
    await page.wire.send(page.answer.bytes.subarray(-1))
    await answerAll(c, server, targets)
    await call
  })

  check('R4', 'on the link: 8 round trips, 6, and 4', async (c) => {
    for (const [maxConnections, trips] of [
      [1, 8],
      [2, 6],
      [3, 4],
      [6, 4],
    ] as const)
      await expectTrips(c, { maxConnections }, trips, 4)
  })

  converse('R4', 'every cap', PAGE.R4)

  check('R5', 'the last image answers first, and stays the last', async (c) => {
    const { call, server, page, targets } = await begin(c, 3, { maxConnections: 4 })
    await page.wire.request()
    await page.wire.send(page.answer.bytes)
    const bodies = await answerAll(c, server, targets, { fromTheEnd: true })
    const seen = images(await call)
    c.expectEqual(
      seen.map(({ target }) => target),
      targets,
      'the targets of `images`',
    )
    for (const [index, target] of targets.entries())
      c.expectBytes(seen[index]?.response?.body ?? '', bodies.get(target) ?? '', `the body of ${target}`)
  })

  check('R5', 'an image of many segments, byte for byte', async (c) => {
    const { call, server, page } = await begin(c, 1, { maxConnections: 2 })
    await page.wire.request()
    await page.wire.send(page.answer.bytes)
    const wire = await server.connection()
    await wire.request()
    const { bytes, body } = drawAnswer(c, Buffer.alloc(300_000, c.random.bytes(97)))
    await wire.send(bytes)
    c.expectBytes(images(await call)[0]?.response?.body ?? '', body, 'the body of the image')
  })

  converse('R5', 'every order of answers', PAGE.R5)

  check('R6', 'one image is lost, and the others are there', async (c) => {
    const { call, server, page, targets } = await begin(c, 3, { maxConnections: 4 })
    await page.wire.request()
    await page.wire.send(page.answer.bytes)
    const [, lost = ''] = targets
    await answerAll(c, server, targets, { lose: lost })
    const seen = images(await call)
    c.expectEqual(
      seen.map(({ failed }) => failed ?? 'whole'),
      ['whole', 'ECONNRESET', 'whole'],
      'what has become of the images',
    )
  })

  converse('R6', 'every failure, and what goes on beside it', PAGE.R6)

  check('R7', 'each request says close, and its connection is closed when its answer is whole', async (c) => {
    const { call, server, page, targets } = await begin(c, 1, { maxConnections: 1 })
    const request = await page.wire.request()
    c.expectEqual(request.header('connection')?.toLowerCase(), 'close', 'the Connection field')
    await page.wire.send(page.answer.bytes)
    await page.wire.seesEnd()
    await answerAll(c, server, targets)
    await call
  })

  converse('R7', 'connections that carry one request', PAGE.R7)

  check('R8', 'one kept connection brings the page and all its images', async (c) => {
    const { call, server, page, targets } = await begin(c, 3, { maxConnections: 1, reuse: true })
    await page.wire.request()
    await page.wire.send(page.answer.bytes)
    for (const target of targets) await tell(c, page.wire, target)
    await call
    await server.noFurtherConnection()
    await c.learner.leavesNothing()
  })

  check('R8', 'on the link: 5 round trips on one connection, and 4 on two', async (c) => {
    await expectTrips(c, { maxConnections: 1, reuse: true }, 5, 1)
    const trips = await onLink(c, { maxConnections: 2, reuse: true })
    c.observe('P1', { 4: 'a', 5: 'b', 6: 'c' }[trips.roundTrips] ?? 'none', WHY.P1)
    await expectTrips(c, { maxConnections: 2, reuse: true }, 4, 2)
  })

  converse('R8', 'connections that are kept, and those that are not', PAGE.R8)

  check('R9', 'first the text, then pieces of images, as they come', async (c) => {
    const events: unknown[] = []
    const onEvent = (event: unknown): void => void events.push(event)
    const { call, server, page, targets } = await begin(c, 1, { maxConnections: 2, onEvent })
    const { target, answer, wire } = page
    const [image = ''] = targets
    await wire.request()
    await wire.send(answer.bytes.subarray(0, -5))
    const connection = await server.connection()
    await connection.request()
    await connection.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nshi')
    await c.learner.idle()
    await connection.send('ps!')
    await c.learner.idle()
    await wire.send(answer.bytes.subarray(-5))
    await call
    const size = answer.body.length
    const expected = [
      { target, bytes: size - 5, state: 'some' },
      { target: image, bytes: 3, state: 'some' },
      { target: image, bytes: 6, state: 'whole' },
      { target, bytes: size, state: 'whole' },
    ]
    c.expectEqual(events, expected, 'the events, in their order')
  })

  converse('R9', 'events of every body, whole or not', PAGE.R9)

  check('R10', 'the fewest connections that are nearly as quick', async (c) => {
    const { connections, ms } = quickestOf({
      objects: 10,
      bytes: 512,
      rttMs: 64,
      bytesPerMs: 1_024,
      maxConnections: 6,
    })
    c.step(`10 images of 512 bytes, 64 ms, 1,024 bytes a millisecond: ${connections} connections, ${ms} ms`)
    const rows = Object.values(LINES).flat()
    const drawn = Array.from({ length: 12 }, () => ({
      objects: c.random.integer(1, 40),
      bytes: c.random.integer(1, 20_000),
      rttMs: 2 ** c.random.integer(0, 8),
      bytesPerMs: 2 ** c.random.integer(0, 12),
      maxConnections: c.random.integer(1, 12),
    }))
    for (const row of [...rows, ...drawn]) {
      const seen = await c.learner.call('quickest', row)
      const rule = 'the fewest whose time is at most a tenth above the shortest'
      c.expectEqual(seen, quickestOf(row), `quickest(${JSON.stringify(row)}), ${rule}`)
    }
  })

  check('R10', 'the link agrees, on a narrow line and on a wide one', async (c) => {
    for (const bytesPerMs of [16, 1_024]) {
      const line = { objects: c.random.integer(4, 9), bytes: 2_048, rttMs: 64, bytesPerMs, maxConnections: 6 }
      const said = await c.learner.call<{ connections: number; ms: number }>('quickest', line)
      await expectTogether(c, line, said)
    }
  })

  check(
    'R10',
    'on a narrow line six connections gain next to nothing, and show everything sooner',
    async (c) => {
      const one = await narrowLink(c, 1)
      const six = await narrowLink(c, 6)
      const saved = 1 - six.trips / one.trips
      c.observe('P2', saved > 0.7 ? 'a' : saved > 0.1 ? 'b' : 'c', WHY.P2)
      const isEarly = six.lastBegins < six.trips / 2
      c.observe('P3', isEarly ? 'b' : 'a', WHY.P3)
      c.measure(
        `${one.trips} round trips over one connection, the last image begins to show after ${one.lastBegins}`,
      )
      c.measure(`${six.trips} round trips over six, the last image begins to show after ${six.lastBegins}`)
      const line = { objects: 6, bytes: 20_480, rttMs: 16, bytesPerMs: 64, maxConnections: 6 }
      const said = await c.learner.call('quickest', line)
      c.expectEqual(said, { connections: 1, ms: one.trips * 16 }, 'what `quickest` says of this line')
    },
  )
})

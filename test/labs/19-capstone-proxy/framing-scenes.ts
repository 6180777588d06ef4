import type { Check } from '../../../workbook/grading/check.ts'
import { get, ok, place } from './place.ts'

/** Where a body ends, on each side of the proxy. */

// --- R10: framing ---

const chunksOf = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`${part.length.toString(16)};x=y\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\nX-T: t\r\n\r\n'),
  ])

export async function framesAnswers(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  for (const framing of ['length', 'chunks', 'FIN'] as const)
    for (const version of ['1.1', '1.0']) {
      const body = c.random.bytes(400)
      const client = await p.client()
      await client.send(get('/a', '', version))
      const { wire } = await p.asked()
      const field = { length: `Content-Length: 400\r\n`, chunks: 'Transfer-Encoding: chunked\r\n', FIN: '' }[
        framing
      ]
      await wire.send(`HTTP/1.1 200 OK\r\n${field}\r\n`)
      const parts = c.random.split(body, 3)
      const sent = framing === 'chunks' ? chunksOf(parts) : body
      await wire.sendInParts(c.random.split(sent, 5))
      if (framing === 'FIN') await wire.fin()
      const what = `an answer with ${framing === 'FIN' ? 'no length' : framing}, to HTTP/${version}`
      const answer = await client.response({ as: what })
      c.expectBytes(answer.body, body, `the body of ${what}`)
      const isChunked = answer.header('transfer-encoding')?.toLowerCase() ?? null
      c.expectEqual(
        isChunked,
        framing === 'length' || version === '1.0' ? null : 'chunked',
        `Transfer-Encoding of ${what}`,
      )
      c.expectEqual(
        answer.header('content-length'),
        framing === 'length' ? '400' : null,
        `Content-Length of ${what}`,
      )
      if (version === '1.0') await client.sees('FIN')
      else await client.staysOpen()
      await client.fin()
    }
}

export async function framesWithoutBodies(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const rows = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', '5'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', null],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', null],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '5'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '0'],
    ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', null],
  ] as const
  for (const [method, bytes, length] of rows) {
    await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await (await p.asked()).wire.send(bytes)
    const answer = await client.response({
      head: method === 'HEAD',
      as: `the answer to ${method}: ${bytes.slice(0, 40)}`,
    })
    c.expectEqual(
      [answer.header('content-length'), answer.body.length],
      [length, 0],
      `Content-Length and body to ${method}: ${bytes.slice(0, 70)}`,
    )
    await client.silent()
  }
  c.expectEqual(p.origin.accepted, 1, 'the connections to the origin, for six answers that show their end')
}

export async function framesRequests(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  const body = c.random.bytes(500)
  const head = 'POST /a HTTP/1.1\r\nHost: a.example\r\n'
  await client.send(`${head}Content-Length: 500\r\n\r\n`)
  await client.send(body.subarray(0, 200))
  await c.learner.idle()
  const wire = await p.origin.connection({ as: 'a connection to the origin, while the body still comes' })
  p.wires.push(wire)
  c.expect(
    wire.unread.includes(body.subarray(0, 200)),
    'the first 200 bytes of the body at the origin, before the rest has come',
    `${wire.unread.length} bytes`,
  )
  await client.send(body.subarray(200))
  const first = await p.asked()
  c.expectBytes(first.request.body, body, 'the body with a length, at the origin')
  c.expectEqual(
    [first.request.header('content-length'), first.request.header('transfer-encoding')],
    ['500', null],
    'its framing',
  )
  await wire.send(ok('x'))
  await client.response()
  await client.sendInParts(
    c.random.split(
      Buffer.concat([
        Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
        chunksOf(c.random.split(body, 4)),
      ]),
      6,
    ),
  )
  const second = await p.asked()
  c.expectBytes(second.request.body, body, 'the body in chunks, at the origin')
  c.expectEqual(
    [second.request.header('content-length'), second.request.header('transfer-encoding')],
    [null, 'chunked'],
    'its framing',
  )
  c.expect(second.wire === first.wire, 'the second request on the connection of the first', 'another one')
  await second.wire.send(ok('y'))
  await client.response()
  await client.send(`${head}Content-Length: 0\r\n\r\n`)
  const third = await p.asked()
  c.expectEqual(third.request.header('content-length'), '0', 'Content-Length of an empty body, at the origin')
  await third.wire.send(ok('z'))
  await client.response()
}

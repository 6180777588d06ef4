import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { both, get } from './place.ts'

/** What is refused, and with which status: a few rows of each kind of lab 09. */
const POST = 'POST /a.txt HTTP/1.1\r\nHost: a.example\r\n'
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

const REFUSED: ReadonlyArray<readonly [what: string, bytes: string, status: string]> = [
  ['no request line', 'HELO a.example\r\n\r\n', '400'],
  ['two spaces', 'GET  /a.txt HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
  ['lower-case http', 'GET /a.txt http/1.1\r\nHost: a\r\n\r\n', '400'],
  ['version 2', 'GET /a.txt HTTP/2.0\r\nHost: a\r\n\r\n', '505'],
  ['a fragment', 'GET /a.txt#b HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
  ['a target without a slash', 'GET a.txt HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
  ['an asterisk for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
  ['CONNECT to a path', 'CONNECT /a.txt HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
  ['no Host', 'GET /a.txt HTTP/1.1\r\n\r\n', '400'],
  ['two Hosts', 'GET /a.txt HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n\r\n', '400'],
  ['a Host with a space', 'GET /a.txt HTTP/1.1\r\nHost: a example\r\n\r\n', '400'],
  ['a space before the colon', get('/a.txt', 'X-A : b\r\n'), '400'],
  ['a field without a colon', get('/a.txt', 'X-A\r\n'), '400'],
  ['a folded line', get('/a.txt', 'X-A: b\r\n c\r\n'), '400'],
  ['a bare CR', get('/a.txt', 'X-A: b\rc\r\n'), '400'],
  ['a NUL', get('/a.txt', 'X-A: b\0c\r\n'), '400'],
  ['a bare LF', 'GET /a.txt HTTP/1.1\nHost: a\n\n', '400'],
  ['a length with a sign', `${POST}Content-Length: +5\r\n\r\nabcde`, '400'],
  ['a hexadecimal length', `${POST}Content-Length: 0x5\r\n\r\nabcde`, '400'],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde`, '400'],
  ['both lengths', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
  ['chunks in HTTP/1.0', CHUNKED.replace('1.1', '1.0'), '400'],
  ['chunked not last', `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, '400'],
  ['chunked twice', `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, '400'],
  ['an unknown coding', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, '501'],
  ['a chunk size with a sign', `${CHUNKED}+5\r\nabcde\r\n`, '400'],
  ['a chunk without an end', `${CHUNKED}5\r\nabcdefg`, '400'],
  ['a chunk that is longer than it says', `${CHUNKED}3\r\nabcde\r\n`, '400'],
  ['a target too long', `GET /${'a'.repeat(2_000)}`, '414'],
  ['a head too large', get('/a.txt', `X-A: ${'a'.repeat(2_000)}\r\n`), '431'],
  ['many small fields', get('/a.txt', 'X: y\r\n'.repeat(400)), '431'],
  ['a length too large', `${POST}Content-Length: 100001\r\n\r\n`, '413'],
  ['a length beyond all numbers', `${POST}Content-Length: 100000000000000\r\n\r\n`, '413'],
  ['a chunk too large', `${CHUNKED}186a1\r\n`, '413'],
  ['chunks too many', `${CHUNKED}${`c350\r\n${'x'.repeat(50_000)}\r\n`.repeat(2)}1\r\n`, '413'],
]

const LONG = `${CHUNKED}ea60\r\n${'x'.repeat(60_000)}\r\n0\r\n\r\n`

/** The same length twice is one length, a list may be empty in places, and an empty line stands before a request. */
const TAKEN: ReadonlyArray<readonly [what: string, bytes: string, next?: string]> = [
  ['a length said twice', `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde`],
  ['a list of equal lengths', `${POST}Content-Length: 5, 5\r\n\r\nabcde`],
  ['an extension', `${CHUNKED}5;a="b"\r\nabcde\r\n000\r\nX-T: t\r\n\r\n`],
  ['capitals', `${POST}Transfer-Encoding: Chunked\r\n\r\nA\r\nabcdefghij\r\n0\r\n\r\n`],
  ['an empty line in front', `\r\n${get('/a.txt')}`],
  ['bytes above ASCII', get('/a.txt', 'X-A: \xfc\xff\r\n')],
  ['a tab before the value', get('/a.txt', 'X-A:\tb\t\r\n')],
  ['two bodies in chunks, together over maxBodyBytes', LONG, LONG],
]

export async function refuses(c: Check): Promise<void> {
  await both(c, { maxConnections: 500 }, async (server, name, proxied) => {
    const clients: Connection[] = []
    for (const [what, bytes] of REFUSED) {
      const client = await c.connect(server.port, { name: what })
      clients.push(client)
      await client.send(Buffer.from(bytes, 'latin1'))
    }
    await c.learner.idle()
    for (const [at, [what, bytes, status]] of REFUSED.entries()) {
      const client = clients[at] as Connection
      const said = client.unread.toString('latin1')
      // Whoever says that POST is not allowed need not wait for its body.
      const isSaid = !proxied && bytes.startsWith('POST') && said.slice(9, 12) === '405'
      c.expectEqual(
        said.slice(9, 12) || 'nothing',
        isSaid ? '405' : status,
        `the status for ${what}, at ${name}`,
      )
      c.expect(client.ended === 'FIN', `FIN behind the answer to ${what}, at ${name}`, client.ended)
      const length = Number(/^content-length: (\d+)/im.exec(said)?.[1] ?? 0)
      const end = said.indexOf('\r\n\r\n') + 4 + length
      c.expectEqual(
        said.length - Math.max(end, 4) > 0 && length > 0,
        false,
        `bytes behind the answer to ${what}`,
      )
      await client.fin()
    }
    if (!proxied) return
    // Only what was refused within its chunks may have been on its way, and never as a whole.
    const most = REFUSED.filter(([, bytes]) => bytes.startsWith(CHUNKED)).length
    const { accepted } = proxied.origin
    c.expect(
      accepted <= most,
      'nothing at the origin of what is refused by its head',
      `${accepted} connections`,
    )
    for (let at = 0; at < accepted; at++) {
      const wire = await proxied.origin.connection()
      c.expect(wire.ended !== 'open', 'the end of a request at the origin whose body was refused', 'nothing')
      c.expect(!wire.received.toString().endsWith('0\r\n\r\n'), 'no whole request of it', 'its last chunk')
    }
  })
}

/** Who is refused in the middle of a pipeline: everybody before is answered, nobody behind. */
export async function nothingBehind(c: Check): Promise<void> {
  await both(c, {}, async (server, name, proxied) => {
    const client = await c.connect(server.port)
    await client.send(`${get('/a.txt')}GET /a.txt HTTP/1.1\r\n\r\n${get('/b.bin')}`)
    if (proxied)
      await (
        await proxied.asked()
      ).wire.send(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789'))
    c.expectEqual((await client.response()).body.toString(), '0123456789', `the answer before it, at ${name}`)
    c.expectEqual((await client.response()).words[1], '400', `the status of what is refused, at ${name}`)
    await client.sees('FIN')
    c.expectEqual(client.unread.length, 0, `the bytes behind it, at ${name}`)
    if (proxied) c.expectEqual(proxied.origin.accepted, 1, 'the connections to the origin')
    await client.fin()
  })
}

export async function takes(c: Check): Promise<void> {
  await both(c, { cacheBytes: 0 }, async (server, name, proxied) => {
    for (const [what, bytes, next = get('/b.bin')] of TAKEN) {
      const client = await c.connect(server.port)
      await client.sendInParts(c.random.split(Buffer.from(bytes, 'latin1'), 3))
      await client.send(next)
      if (proxied)
        for (const word of ['one', 'two'])
          await (await proxied.asked(`request ${word} for ${what}`)).wire.send(ok(word))
      for (const which of ['first', 'second']) {
        const { words } = await client.response({ as: `the ${which} answer, for ${what}, at ${name}` })
        c.expect(
          ['200', '405'].includes(words[1]),
          `a ${which} answer that is no refusal, for ${what}, at ${name}`,
          words[1],
        )
      }
      await client.fin()
    }
  })
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`

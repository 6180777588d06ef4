import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'
import { linesOf } from './messages.ts'
import { goesOn, type Fields } from './model.ts'
import { get, ok, place, statusOf } from './place.ts'

/** Where a message goes, and which fields go with it. */

// --- R9: forwarding ---

const TARGETS: ReadonlyArray<
  readonly [method: string, target: string, host: string, onward: string, onHost: string]
> = [
  ['GET', '/a?b=c', 'a.example', '/a?b=c', 'a.example'],
  ['GET', 'http://a.example/a?b=c', 'a.example', '/a?b=c', 'a.example'],
  ['GET', 'http://a.example', 'nowhere.example', '/', 'a.example'],
  ['GET', 'http://a.example?x', 'a.example', '/?x', 'a.example'],
  ['GET', 'HTTP://A.Example:80/A', 'a.example', '/A', 'a.example'],
  ['GET', 'http://a.example:8080/a', 'b.example', '/a', 'a.example:8080'],
  ['OPTIONS', 'http://a.example', 'a.example', '*', 'a.example'],
  ['OPTIONS', '*', 'a.example', '*', 'a.example'],
  ['DELETE', '/%2e%2E/a//b', 'A.EXAMPLE', '/%2e%2E/a//b', 'a.example'],
]

export async function aims(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const [method, target, host, onward, onHost] of TARGETS) {
    await client.send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const { wire, request } = await p.asked(`${method} ${target}`)
    const seen = [...request.words, request.header('host')?.toLowerCase().replace(/:80$/, '')]
    c.expectEqual(
      seen,
      [method, onward, 'HTTP/1.1', onHost],
      `method, target, version and Host at the origin, of ${method} ${target}`,
    )
    await wire.send(ok('x'))
    await client.response()
  }
  await client.send('GET /old HTTP/1.0\r\nHost: a.example\r\n\r\n')
  const { wire, request } = await p.asked('a request of HTTP/1.0')
  c.expectEqual(request.words[2], 'HTTP/1.1', 'the version at the origin, of a request of HTTP/1.0')
  c.expect(
    /(^|, )1\.0 \S+$/.test(request.header('via') ?? ''),
    'Via with the version received, 1.0',
    String(request.header('via')),
  )
  await wire.send(ok('x'))
  await client.response()
  for (const [target, status] of [
    ['http://nowhere.example/', '502'],
    ['https://a.example/', '501'],
  ] as const) {
    const other = await p.client()
    await other.send(`GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    c.expectEqual(statusOf(await other.response()), status, `the status for ${target}`)
    await other.fin()
  }
}

/** Fields of a message that pass, end, or are named. */
const FIELDS: ReadonlyArray<Fields> = [
  [
    ['X-A', '1'],
    ['x-b', '2'],
    ['X-A', '3'],
  ],
  [
    ['Connection', 'X-A, close-not'],
    ['X-A', '1'],
    ['X-B', '2'],
  ],
  [
    ['CONNECTION', 'x-a'],
    ['X-B', '2'],
    ['connection', ' X-C ,,x-d'],
    ['x-A', '1'],
    ['X-C', '3'],
    ['X-D', '4'],
  ],
  [
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'keep-alive'],
    ['TE', 'trailers'],
    ['Upgrade', 'h2c'],
    ['Trailer', 'X-T'],
  ],
  [
    ['Connection', 'Host, Via, Content-Length'],
    ['Via', '1.0 fred'],
    ['X-A', ''],
  ],
  [
    ['Via', '1.0 fred, 1.1 p.example'],
    ['X-Umlaut', '\xfc\xff'],
  ],
]
const ANSWER_FIELDS: ReadonlyArray<Fields> = [
  ...FIELDS,
  [
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['Proxy-Authenticate', 'Basic'],
    ['Proxy-Authentication-Info', 'x'],
  ],
]

export async function passesFields(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const fields of FIELDS) {
    await client.send(
      Buffer.from(
        `PUT /a HTTP/1.1\r\nHost: a.example\r\n${linesOf(fields)}Content-Length: 3\r\n\r\nabc`,
        'latin1',
      ),
    )
    const { wire, request } = await p.asked()
    expectFields(c, request, fields, 'at the origin')
    await wire.send(ok('x'))
    await client.response()
  }
  for (const fields of ANSWER_FIELDS) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    const head = `HTTP/1.1 200 OK\r\n${linesOf(fields)}Content-Length: 3\r\n\r\nabc`
    await wire.send(Buffer.from(head, 'latin1'))
    expectFields(c, await client.response(), fields, 'at the client')
  }
}

function expectFields(c: Check, message: HttpMessage, fields: Fields, where: string): void {
  const ours = new Set(['via', 'host', 'content-length', 'date'])
  const own = ({ 0: name }: readonly [string, string]): boolean => !ours.has(name.toLowerCase())
  const seen = message.headers
    .filter(own)
    .filter(
      ([name, value]) => !(name.toLowerCase() === 'connection' && /^(?:keep-alive|close)$/i.test(value)),
    )
  // Names have no case (RFC 9110 §5.1).
  const lower = (list: Fields): Fields => list.map(([name, value]) => [name.toLowerCase(), value])
  c.expectEqual(
    lower(seen),
    lower(goesOn(fields).filter(own)),
    `the fields ${where}, of ${JSON.stringify(fields)}`,
  )
  const before = fields.filter(([name]) => name.toLowerCase() === 'via').map(([, value]) => value)
  const via = (message.header('via') ?? '').split(', ')
  c.expectEqual(
    via.slice(0, -1).join(', '),
    before.join(', '),
    `what stands in Via before your own, ${where}`,
  )
  c.expect(
    /^1\.1 \S+$/.test(via.at(-1) ?? ''),
    `Via with 1.1 and a name, ${where}`,
    String(message.header('via')),
  )
  c.expectEqual(
    message.header('content-length'),
    '3',
    `Content-Length ${where}, of ${JSON.stringify(fields)}`,
  )
}

const HOPS: ReadonlyArray<readonly [method: string, given: string, onward: string | null]> = [
  ['OPTIONS', '5', '4'],
  ['TRACE', '1', '0'],
  ['OPTIONS', '0', null],
  ['TRACE', '0', null],
  ['GET', '0', '0'],
  ['GET', '5', '5'],
  ['OPTIONS', 'many', 'many'],
]

export async function countsHops(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const [method, given, onward] of HOPS) {
    const fields = `Max-Forwards: ${given}\r\nCookie: secret\r\nAuthorization: secret\r\nX-A: b\r\n`
    await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`)
    if (onward === null) {
      const answer = await client.response({ as: `the proxy's own answer to ${method} with Max-Forwards: 0` })
      c.expectEqual(statusOf(answer), '200', `the status to ${method} with Max-Forwards: 0`)
      const shown = answer.body.toString()
      if (method === 'TRACE')
        c.expect(
          /^x-a:[ \t]*b/im.test(shown) && !shown.includes('secret'),
          'the request, without its secrets, in the answer to TRACE',
          shown,
        )
      continue
    }
    const { wire, request } = await p.asked()
    c.expectEqual(
      request.header('max-forwards'),
      onward,
      `Max-Forwards at the origin, of ${method} with ${given}`,
    )
    await wire.send(ok('x'))
    await client.response()
  }
}

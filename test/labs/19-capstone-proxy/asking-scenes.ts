import type { Check } from '../../../workbook/grading/check.ts'
import { linesOf } from './messages.ts'
import type { Fields } from './model.ts'
import { get, ok, place, START, statusOf } from './place.ts'

/** What the origin is asked although there is a cache, and what becomes of its answer. */

const DATE = new Date(START - 86_400_000).toUTCString()

/** Fields that make a request one for less than the whole, which only an origin can answer here. */
const ASKS_FOR_LESS: ReadonlyArray<readonly [field: string, value: string, status: string, own: string]> = [
  ['Range', 'bytes=0-1', '206 Partial Content', 'Content-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nab'],
  ['If-None-Match', '"w"', '304 Not Modified', 'ETag: "w"\r\n\r\n'],
  ['If-Modified-Since', DATE, '200 OK', 'Content-Length: 2\r\n\r\nab'],
  ['If-Match', '"w"', '412 Precondition Failed', 'Content-Length: 2\r\n\r\nno'],
  ['If-Unmodified-Since', DATE, '200 OK', 'Content-Length: 2\r\n\r\nab'],
]

/** What asks for less passes on as it is, and is not kept, where nothing is stored and where it is stale. */
export async function passesLess(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  const getWhole = async (target: string, what: string): Promise<void> => {
    await client.send(get(target))
    const { wire } = await p.asked(what)
    await wire.send(ok('whole', 'ETag: "v"\r\nCache-Control: no-cache\r\n'))
    c.expectEqual((await client.response()).body.toString(), 'whole', 'the whole')
  }
  for (const state of ['unknown', 'stale'] as const)
    for (const [field, value, status, own] of ASKS_FOR_LESS) {
      const [target, what] = [`/${state}-${field}`, `${field}: ${value}, of what is ${state}`]
      if (state === 'stale') await getWhole(target, 'a request for the whole')
      for (const round of ['first', 'second']) {
        await client.send(get(target, `${field}: ${value}\r\n`))
        const { wire, request } = await p.asked(`the ${round} request with ${what}`)
        const seen = request.headers.filter(([name]) => /^(?:range|if-.*)$/i.test(name))
        c.expectEqual(
          seen.map(([name, each]) => [name.toLowerCase(), each]),
          [[field.toLowerCase(), value]],
          `Range and conditions at the origin, for ${what}`,
        )
        await wire.send(`HTTP/1.1 ${status}\r\nCache-Control: max-age=60\r\n${own}`)
        c.expectEqual(statusOf(await client.response()), status.slice(0, 3), `the status for ${what}`)
      }
      await getWhole(target, `a request for the whole, behind one with ${what}`)
    }
}

/** Fields that are stored, those of the 304, and those of the answer that it has renewed. */
const RENEWED: ReadonlyArray<readonly [stored: Fields, news: Fields, shown: Fields]> = [
  [
    [
      ['X-A', '1'],
      ['X-B', '2'],
      ['X-A', '3'],
    ],
    [],
    [
      ['X-A', '1, 3'],
      ['X-B', '2'],
    ],
  ],
  [
    [
      ['X-A', '1'],
      ['X-A', '2'],
    ],
    [
      ['x-a', '3'],
      ['X-A', '4'],
    ],
    [['X-A', '3, 4']],
  ],
  [
    [
      ['X-A', '1'],
      ['X-A', '2'],
    ],
    [['X-A', '3']],
    [['X-A', '3']],
  ],
  [
    [
      ['Vary', 'X-C'],
      ['Vary', 'X-D'],
    ],
    [],
    [['Vary', 'X-C, X-D']],
  ],
]

/** A 304 replaces the fields that it names, and leaves all lines of the others. */
export async function renewsFields(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  for (const [at, [stored, news, shown]] of RENEWED.entries()) {
    await client.send(get(`/${at}`))
    const tag = 'ETag: "v"\r\nCache-Control: '
    await (await p.asked()).wire.send(ok('x', `${tag}no-cache\r\n${linesOf(stored)}`))
    await client.response()
    await client.send(get(`/${at}`))
    const { wire } = await p.asked('a request whether it is still good')
    await wire.send(`HTTP/1.1 304 Not Modified\r\n${tag}max-age=60\r\n${linesOf(news)}\r\n`)
    for (const when of ['that a 304 has renewed', 'from the cache, behind a 304']) {
      const answer = await client.response({ as: `the answer ${when}` })
      for (const [name, value] of shown)
        c.expectEqual(
          answer.header(name),
          value,
          `${name} of an answer ${when}: ${JSON.stringify(stored)} was stored, ${JSON.stringify(news)} came`,
        )
      if (when === 'that a 304 has renewed') await client.send(get(`/${at}`))
    }
  }
}

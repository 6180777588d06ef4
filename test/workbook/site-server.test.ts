import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CourseError } from '../../workbook/course/course-error.ts'
import { openServer, type SiteServer } from '../../workbook/site/serve/server.ts'

/** The server of `npm run docs`: for this machine, for reading, and for nothing but the site. */

const PAGE = '<!doctype html><html lang="en"><body><h1>Start</h1></body></html>'
const OUTPUT = new Map([
  ['index.html', () => PAGE],
  ['labs/42-greeting/index.html', () => PAGE],
  ['two words.html', () => PAGE],
  ['assets/style.css', () => 'p{margin:0}'],
])

let server: SiteServer
let port: number

beforeEach(async () => {
  server = await openServer(0)
  server.show({ output: OUTPUT })
  port = Number(new URL(server.url).port)
})
afterEach(() => server.close())

test.each([
  ['/', 200, 'text/html; charset=utf-8'],
  ['/index.html?x=1', 200, 'text/html; charset=utf-8'],
  ['/labs/42-greeting/', 200, 'text/html; charset=utf-8'],
  ['/two%20words.html', 200, 'text/html; charset=utf-8'],
  ['/assets/style.css', 200, 'text/css; charset=utf-8'],
  ['/package.json', 404, 'text/html; charset=utf-8'],
  ['/labs', 404, 'text/html; charset=utf-8'],
  ['/%E0%A4%A', 400, 'text/plain; charset=utf-8'],
])('GET %s: %i', async (path, status, type) => {
  const reply = await ask({ path })
  expect([reply.status, reply.headers['content-type']]).toEqual([status, type])
  expect(reply.headers['x-content-type-options']).toBe('nosniff')
})

test.each([
  '/../package.json',
  '/labs/../../package.json',
  '/%2e%2e/package.json',
  '/..%5cpackage.json',
  '/a%00b',
])('a path that would leave the site is refused: %s', async (path) =>
  expect((await ask({ path })).status).toBe(400),
)

test('a page gets a script that listens for changes; other files stay as they are', async () => {
  const { body } = await ask({ path: '/' })
  expect(body).toContain("new EventSource('/events')")
  expect(body).toContain('<script src="/assets/served.js">')
  expect((await ask({ path: '/assets/style.css' })).body).toBe('p{margin:0}')
})

test.each(['127.0.0.1', 'localhost', '[::1]'])('Host may be %s with the port', async (name) => {
  expect((await ask({ host: `${name}:${port}` })).status).toBe(200)
})

test.each(['example.org', '127.0.0.1', 'localhost:1', 'localhost.example.org:PORT', 'x@127.0.0.1:PORT'])(
  'Host may not be %j',
  async (name) => {
    const host = name.replace('PORT', String(port))
    const reply = await ask({ host })
    expect(reply.status).toBe(403)
    expect(reply.body).not.toContain('Start')
    expect((await ask({ host, path: '/events' })).status).toBe(403)
  },
)

test('HEAD has the length and no body; other methods are refused', async () => {
  const [get, head] = [await ask({}), await ask({ method: 'HEAD' })]
  expect(head.headers['content-length']).toBe(get.headers['content-length'])
  expect(head.body).toBe('')
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const reply = await ask({ method })
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, HEAD'])
  }
})

test('listens on this machine alone', () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
})

describe('events', () => {
  test('come with their names to every open page', async () => {
    const [one, two] = [await listen(), await listen()]
    server.send('reload', {})
    server.send('verdict', { lab: '42', text: 'a\nb' })
    const wanted = 'event: reload\ndata: {}\n\nevent: verdict\ndata: {"lab":"42","text":"a\\nb"}\n\n'
    expect(await one.until('verdict')).toBe(`: open\n\n${wanted}`)
    expect(await two.until('verdict')).toBe(`: open\n\n${wanted}`)
  })

  test('end when the server closes', async () => {
    const { response } = await listen()
    const ended = once(response, 'end')
    response.resume()
    await server.close()
    await ended
    server = await openServer(0)
  })
})

test('what stops the build stands in place of every page, and goes when it is mended', async () => {
  const fault = { file: 'docs/a.md', line: 3, expected: 'a <box>', found: 'none', next: 'Write one.' }
  server.show({ problems: [new CourseError('E_COURSE_BOX', fault)] })
  const reply = await ask({ path: '/labs/42-greeting/' })
  expect(reply.status).toBe(500)
  expect(reply.body).toContain('<code>docs/a.md:3</code>')
  expect(reply.body).toContain('<dt>expected</dt><dd>a &lt;box&gt;</dd>')
  expect(reply.body).toContain("new EventSource('/events')")
  server.show({ output: OUTPUT })
  expect((await ask({})).status).toBe(200)
})

test('nonsense on the wire harms nobody', async () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.end('\u0000\u0001 nonsense\r\n\r\n')
  await once(socket.resume(), 'close')
  expect((await ask({})).status).toBe(200)
})

// --- internal ---

interface Asked {
  readonly path?: string
  readonly host?: string
  readonly method?: string
}

function request({ path = '/', host = `127.0.0.1:${port}`, method = 'GET' }: Asked): http.ClientRequest {
  // Not a URL: that would take `..` out of the path.
  return http.request({ host: '127.0.0.1', port, path, method, headers: { host } })
}

async function ask(asked: Asked) {
  const [response] = (await once(request(asked).end(), 'response')) as [http.IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk)
  return { status: response.statusCode, headers: response.headers, body }
}

async function listen() {
  const [response] = (await once(request({ path: '/events' }).end(), 'response')) as [http.IncomingMessage]
  response.setEncoding('utf8')
  return {
    response,
    /** What has come when the event has come whole. */
    async until(name: string): Promise<string> {
      let text = ''
      for await (const chunk of response) {
        text += String(chunk)
        if (text.includes(`event: ${name}`) && text.endsWith('\n\n')) break
      }
      return text
    },
  }
}

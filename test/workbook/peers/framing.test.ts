import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { Client } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import type { Handler, Request } from '../../../labs/kit/http.ts'
import { MessageParser, serveMessages } from '../../../solutions/09-message-framing/framing.ts'
import { needing } from '../outside.ts'
import { curl } from './programs.ts'

/** A reader that refuses what is not certain, against programs that others have written: none of them is refused. */

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const echo: Handler = ({ target, body }) => {
  const text = `${target} ${Buffer.from(body).toString()}`.trim()
  return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(text) }
}

/** An echo of lab 09, and what its handler has been given. */
async function serve(): Promise<{ readonly at: string; readonly handled: Request[] }> {
  const handled: Request[] = []
  const server = await serveMessages((request) => {
    handled.push(request)
    return echo(request)
  })
  cleanups.push(() => server.close())
  return { at: `http://127.0.0.1:${server.port}`, handled }
}

describe('curl', needing('curl'), () => {
  const STATUS = ['--write-out', '%{response_code}', '--output', '/dev/null']

  test.each([
    ['with a length', []],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
    ['with Expect', ['-H', 'Expect: 100-continue']],
    ['in chunks, with Expect', ['-H', 'Transfer-Encoding: chunked', '-H', 'Expect: 100-continue']],
    ['in HTTP/1.0', ['--http1.0']],
  ])('uploads %s', async (_how, options) => {
    const { at } = await serve()
    const text = 'x'.repeat(70_000)
    const { stdout } = await curl('--http1.1', '--data-binary', text, ...options, `${at}/a?b`)
    expect(stdout).toBe(`/a?b ${text}`)
  })

  test('asks with HEAD, and goes on on the same connection', async () => {
    const { at } = await serve()
    const connects = ['--http1.1', '--write-out', ' [%{response_code} %{num_connects}]\n']
    const { stdout } = await curl(...connects, '--head', `${at}/a`, '--next', ...connects, `${at}/b`)
    expect(stdout).toMatch(/Content-Length: 2\r\n\r\n \[200 1\]\n\/b \[200 0\]\n$/)
  })

  test.each([
    ['Content-Length: 5', '200'],
    ['Content-Length: +5', '400'],
    ['Content-Length: 5, 6', '400'],
    ['Transfer-Encoding: gzip', '400'],
    ['Transfer-Encoding: gzip, chunked', '501'],
    ['Host: a b', '400'],
    ['Content-Length: 2000000', '413'],
    [`X-Long: ${'x'.repeat(17_000)}`, '431'],
  ])('that sends %.40s gets %s', async (field, status) => {
    const { at, handled } = await serve()
    const { stdout } = await curl('--http1.1', ...STATUS, '-H', field, '--data-binary', 'abcde', `${at}/`)
    expect([stdout, handled.length]).toEqual([status, status === '200' ? 1 : 0])
  })
})

describe('undici', () => {
  test('pipelines uploads, and gets each answer', async () => {
    const { at } = await serve()
    const client = new Client(at, { pipelining: 10, connectTimeout: 0 })
    cleanups.push(() => client.close())
    const seen = Array.from({ length: 50 }, async (_, n) => {
      const sent = { method: 'PUT', path: `/${n}`, body: `${n}`.repeat(n) }
      return await (await client.request(sent)).body.text()
    })
    const wanted = Array.from({ length: 50 }, (_, n) => `/${n} ${`${n}`.repeat(n)}`.trim())
    expect(await Promise.all(seen)).toEqual(wanted)
  })
})

describe("Node's http.request", () => {
  test('uploads in chunks, with trailers', async () => {
    const { at, handled } = await serve()
    const request = http.request(`${at}/up`, { method: 'POST', headers: { Trailer: 'X-Sum' }, agent: false })
    request.write('one ')
    request.addTrailers({ 'X-Sum': '17' })
    request.end('two')
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    expect(await textOf(response)).toBe('/up one two')
    expect(handled[0]).toMatchObject({ trailers: [['X-Sum', '17']] })
  })

  test('keeps one connection for ten requests', async () => {
    const { at } = await serve()
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<unknown>()
    for (let n = 0; n < 10; n++) {
      const request = http.get(`${at}/${n}`, { agent })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      ports.add(request.socket?.localPort)
      expect(await textOf(response)).toBe(`/${n}`)
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })
})

describe("Node's http.Server", () => {
  const ASKED = [
    ['GET', '/chunks'],
    ['HEAD', '/a'],
    ['GET', '/204'],
    ['GET', '/early'],
    ['GET', '/last'],
  ] as const

  test('is read in one pipeline: chunks, trailers, HEAD, 204, 103 and a close', async () => {
    const server = http.createServer((request, response) => {
      if (request.url === '/chunks') {
        response.writeHead(200, { Trailer: 'X-Sum' }).write('one ')
        response.addTrailers({ 'X-Sum': '17' })
      }
      if (request.url === '/early') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      if (request.url === '/204') response.statusCode = 204
      response.end(request.url === '/204' ? '' : 'two')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    cleanups.push(async () => once(server.close(), 'close'))
    const messages = await converse((server.address() as net.AddressInfo).port)
    const seen = messages.map((message) => [
      'status' in message && message.status,
      Buffer.from(message.body).toString(),
    ])
    const two = [200, 'two']
    expect(seen).toEqual([[200, 'one two'], [200, ''], [204, ''], [103, ''], two, two])
    expect(messages[0]?.trailers).toEqual([['X-Sum', '17']])
  })

  async function converse(port: number): Promise<ReturnType<MessageParser['push']>> {
    const parser = new MessageParser('response')
    for (const [method] of ASKED) parser.answers(method)
    const socket = net.connect(port, '127.0.0.1')
    for (const [method, target] of ASKED) {
      const close = target === '/last' ? 'Connection: close\r\n' : ''
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: a\r\n${close}\r\n`)
    }
    const messages: ReturnType<MessageParser['push']> = []
    for await (const bytes of socket) messages.push(...parser.push(bytes as Buffer))
    return [...messages, ...parser.end()]
  }
})

// --- internal ---

async function textOf(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

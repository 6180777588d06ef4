import { afterEach, describe, expect, test } from 'vitest'
import type { Handler } from '../../../labs/kit/http.ts'
import { startHop } from '../../../solutions/10-connection-header/connection-header.ts'
import { serve } from '../../../solutions/12-keep-alive/keep-alive.ts'
import { startSmartProxy } from '../../../solutions/13-dumb-proxy/proxy.ts'
import { needing } from '../outside.ts'
import { curl } from './programs.ts'
import { endAll, nginx, nodeServer, urlOf, viaAgent } from './servers.ts'

/** The hop of lab 10 between programs that others have written, and beside the smart proxy of lab 13. */

afterEach(endAll)

/** What curl prints for each URL: connections made for it. */
const CONNECTS = ['--write-out', ' [%{http_version} %{response_code} %{num_connects}]\n']

describe('curl', needing('curl'), () => {
  test('is kept by the hop in HTTP/1.1, and not in HTTP/1.0 though it asks', async () => {
    const origin = await nodeServer((request, response) => void response.end(`seen ${request.url}`))
    const at = await hopBefore(origin)
    const kept = await curl('--http1.1', ...CONNECTS, `${at}/a`, `${at}/b`)
    expect(kept.stdout).toBe('seen /a [1.1 200 1]\nseen /b [1.1 200 0]\n')
    const asks = await curl('--http1.0', '-H', 'Connection: keep-alive', ...CONNECTS, `${at}/a`, `${at}/b`)
    expect(asks.stdout).toBe('seen /a [1.1 200 1]\nseen /b [1.1 200 1]\n')
  })

  test('uploads in chunks through the hop, and gets chunks back', async () => {
    const origin = await nodeServer((request, response) => void request.pipe(response))
    const at = await hopBefore(origin)
    const chunked = ['-H', 'Transfer-Encoding: chunked', '--data-binary', 'in chunks']
    const { stdout } = await curl('--http1.1', ...chunked, ...CONNECTS, `${at}/a`, '--next', `${at}/b`)
    expect(stdout).toMatch(/^in chunks \[1\.1 200 1\]\n/)
  })

  test('sees by TRACE how far it comes, hop by hop', async () => {
    const seen: Array<string | undefined> = []
    const origin = await nodeServer((request, response) => {
      seen.push(String(request.headers['max-forwards']))
      response.end('the origin')
    })
    const at = await hopBefore(Number(new URL(await hopBefore(origin, 'inner')).port), 'outer')
    const trace = (hops: number) =>
      curl('--request', 'TRACE', '-H', `Max-Forwards: ${hops}`, '-H', 'Cookie: secret', `${at}/a`)
    const [none, one, two] = [(await trace(0)).stdout, (await trace(1)).stdout, (await trace(2)).stdout]
    expect(none).toContain('TRACE /a HTTP/1.1\r\n')
    expect(none).not.toMatch(/secret|via/i)
    expect(one).toMatch(/^Via: 1\.1 outer\r$/m)
    expect([two, seen]).toEqual(['the origin', ['0']])
  })

  test('finds the same fields behind the hop as behind the smart proxy', async () => {
    const heads: string[][] = []
    const origin = await nodeServer((request, response) => {
      heads.push(request.rawHeaders)
      response.setHeader('Connection', 'X-Backend')
      // The second may change between the two.
      response.sendDate = false
      response.setHeader('X-Backend', 'db-7').setHeader('Vary', 'Accept').end('seen')
    })
    const smart = await urlOf(startSmartProxy({ host: '127.0.0.1', port: origin }))
    const fields = [
      'Connection: X-Ticket, Authorization',
      'X-Ticket: 4711',
      'Authorization: Basic dTpw',
      'Trailer: X',
    ]
    fields.push(
      'TE: trailers',
      'Upgrade: h2c',
      'Proxy-Connection: a',
      'Proxy-Authorization: b',
      'Host: a.example',
    )
    const ways = [await hopBefore(origin, 'workbook'), smart]
    const seen = []
    for (const at of ways)
      seen.push(
        (await curl('--http1.1', '--include', ...fields.flatMap((line) => ['-H', line]), `${at}/a`)).stdout,
      )
    expect(heads[0]).toEqual(heads[1])
    expect(heads[0]).toEqual(expect.arrayContaining(['Proxy-Authorization', 'Trailer', 'Via']))
    expect(seen[0]).toBe(seen[1])
    expect(seen[0]).not.toContain('X-Backend')
  })
})

describe("Node's http.Agent and http.Server, with the hop between them", () => {
  test('use one connection on each side for ten requests', async () => {
    const behind = new Set<number | undefined>()
    const origin = await nodeServer((request, response) => {
      behind.add(request.socket.remotePort)
      response.end(request.url)
    })
    const { texts, ports } = await viaAgent(await hopBefore(origin), 10)
    expect(texts).toEqual(Array.from({ length: 10 }, (_, n) => `/${n}`))
    expect([new Set(ports).size, behind.size]).toEqual([1, 1])
  })

  test('end each for itself: the server says close, and the agent never hears of it', async () => {
    const behind = new Set<number | undefined>()
    const origin = await nodeServer((request, response) => {
      behind.add(request.socket.remotePort)
      response.setHeader('Connection', 'close').end(request.url)
    })
    const { texts, ports } = await viaAgent(await hopBefore(origin), 5)
    expect(texts).toHaveLength(5)
    expect([new Set(ports).size, behind.size]).toEqual([1, 5])
  })
})

describe('nginx', needing('nginx'), () => {
  test('as the next hop is kept, until it says close', async () => {
    const { port } = await nginx(
      'keepalive_requests 3; location / { return 200 "$connection $connection_requests $http_via"; }',
    )
    const { texts, ports } = await viaAgent(await hopBefore(port), 6)
    const counts = texts.map((text) => text.split(' ')[1])
    expect(counts).toEqual(['1', '2', '3', '1', '2', '3'])
    expect(new Set(texts.map((text) => text.split(' ')[0])).size).toBe(2)
    expect(texts[0]).toMatch(/ 1\.1 pier$/)
    expect(new Set(ports).size).toBe(1)
  })

  test('as a proxy before the hop gets every answer, in HTTP/1.0 too', async () => {
    const at = new URL(
      await hopBefore(Number(new URL(await urlOf(serve(echo, { idleMs: 60_000, maxRequests: 100 }))).port)),
    )
    const upstream = `upstream lab { server ${at.host}; keepalive 1; }`
    for (const version of ['1.0', '1.1']) {
      const pass = `proxy_pass http://lab; proxy_http_version ${version}; proxy_set_header Connection "";`
      const { port } = await nginx(`location / { ${pass} }`, upstream)
      const { texts } = await viaAgent(`http://127.0.0.1:${port}`, 3)
      expect(texts).toEqual(['/0', '/1', '/2'])
    }
  })
})

// --- internal ---

/** The hop before a server on this port. */
function hopBefore(port: number, name = 'pier'): Promise<string> {
  return urlOf(startHop({ host: '127.0.0.1', port }, { name }))
}

const echo: Handler = ({ target }) => {
  return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(target) }
}

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { promisify } from 'node:util'
import { Client, ProxyAgent, request } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import type { Address } from '../../../labs/kit/http.ts'
import { startOrigin, startProxy } from '../../../solutions/19-capstone-proxy/proxy-cache.ts'
import { openBrowser } from '../browser.ts'
import { needing } from '../outside.ts'
import { curl } from './programs.ts'
import { endAll, nginx, nodeServer, onEnd, urlOf, viaAgent } from './servers.ts'

/** Lab 19's origin and proxy in use: curl, undici, Node's agents, nginx, Chromium and wrk talk to them. */

afterEach(endAll)

const LIMITS = {
  idleMs: 60_000,
  headMs: 60_000,
  bodyMs: 60_000,
  maxHeadBytes: 32_768,
  maxBodyBytes: 10_000_000,
  maxConnections: 500,
  graceMs: 60_000,
}
const BIG = Buffer.from(Array.from({ length: 900_000 }, (_, at) => (at * 7919) % 251))
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
const FILES = {
  '/a.txt': Buffer.from('hello\n'),
  '/big': BIG,
  '/page.html': Buffer.from(
    '<!doctype html><title>A page</title><img src="/1.png"><img src="/2.png"><img src="/3.png">',
  ),
  '/1.png': PIXEL,
  '/2.png': PIXEL,
  '/3.png': PIXEL,
}

const at = (port: number): Address => ({ host: '127.0.0.1', port })
const portOf = (url: string): number => Number(new URL(url).port)

/** A proxy before the lab's own origin, or before whatever is given. */
async function proxyTo(port?: number) {
  const origin = port ?? portOf(await urlOf(startOrigin(FILES, LIMITS)))
  const proxy = await startProxy({
    ...LIMITS,
    routes: () => at(origin),
    cacheBytes: 10_000_000,
    now: Date.now,
  })
  onEnd(() => proxy.close())
  return { proxy, origin, url: `http://127.0.0.1:${proxy.port}` }
}

describe('curl', needing('curl'), () => {
  test('in HTTP/1.0, in HTTP/1.1, kept, and through the proxy in all its ways', async () => {
    const { url, proxy } = await proxyTo()
    const ways = [
      ['--http1.0'],
      ['--http1.1'],
      ['--http1.1', '-H', 'Connection: close'],
      ['--http1.1', '--proxy', url],
      ['--http1.0', '--proxy', url],
      ['--http1.1', '--proxytunnel', '--proxy', url],
    ]
    for (const way of ways) {
      const target = way.includes('--proxy') ? 'http://shop.example' : url
      const { stdout } = await curl(...way, `${target}/a.txt`, `${target}/a.txt`)
      expect(stdout, way.join(' ')).toBe('hello\nhello\n')
    }
    const kept = await curl(
      '--write-out',
      '%{num_connects} ',
      '--output',
      '/dev/null',
      '--output',
      '/dev/null',
      `${url}/a.txt`,
      `${url}/big`,
    )
    expect(kept.stdout).toBe('1 0 ')
    expect(proxy.stats().hits).toBeGreaterThan(4)
  })

  test('gets a range, a head, and what has not changed', async () => {
    const { url } = await proxyTo()
    await curl('--output', '/dev/null', `${url}/big`)
    expect((await curl('--range', '1-4', `${url}/a.txt`)).stdout).toBe('ello')
    expect((await curl('--head', `${url}/big`)).stdout).toMatch(/^HTTP\/1.1 200 [^]*content-length: 900000/i)
    const etag = /etag: (\S+)/i.exec((await curl('--head', `${url}/a.txt`)).stdout)?.[1] ?? ''
    const same = await curl('-H', `If-None-Match: ${etag}`, '--write-out', '%{response_code}', `${url}/a.txt`)
    expect(same.stdout).toBe('304')
  })

  test('uploads with Expect, in chunks, and through a tunnel', async () => {
    const echo = await nodeServer((incoming, response) => void incoming.pipe(response))
    const { url } = await proxyTo(echo)
    const ways = [
      ['-H', 'Expect: 100-continue'],
      ['-H', 'Expect:'],
      ['-H', 'Transfer-Encoding: chunked'],
      ['--proxytunnel', '--proxy', url],
    ]
    for (const way of ways) {
      const target = way.includes('--proxy') ? 'http://shop.example/' : url
      const input = curl(...way, '--data-binary', 'y'.repeat(90_000), target)
      expect((await input).stdout, way.join(' ')).toBe('y'.repeat(90_000))
    }
  })

  test('is told which hop has failed', async () => {
    const dead = net.createServer().listen(0, '127.0.0.1')
    await once(dead, 'listening')
    const { port } = dead.address() as net.AddressInfo
    dead.close()
    await once(dead, 'close')
    const { url } = await proxyTo(port)
    const { stdout } = await curl('--write-out', ' %{response_code}', `${url}/`)
    expect(stdout).toMatch(new RegExp(`^127.0.0.1:${port}: .*ECONNREFUSED[^]* 502$`))
  })
})

describe('undici', () => {
  test('pipelines ten deep, through the proxy and to the origin', async () => {
    const { url, origin } = await proxyTo()
    for (const base of [url, `http://127.0.0.1:${origin}`]) {
      const client = new Client(base, { pipelining: 10, connectTimeout: 0 })
      onEnd(() => client.close())
      const paths = Array.from({ length: 200 }, (_, n) => (n % 10 === 0 ? '/big' : '/a.txt'))
      const bodies = paths.map(async (path) =>
        Buffer.from(
          await (await client.request({ path, method: 'GET', blocking: false })).body.arrayBuffer(),
        ),
      )
      const lengths = (await Promise.all(bodies)).map(({ length }) => length)
      expect(lengths).toEqual(paths.map((path) => (path === '/big' ? BIG.length : 6)))
    }
  })

  test('as a proxy agent tunnels', async () => {
    const { url } = await proxyTo()
    const dispatcher = new ProxyAgent(url)
    onEnd(() => dispatcher.close())
    const { body } = await request('http://shop.example/a.txt', { dispatcher })
    expect(await body.text()).toBe('hello\n')
  })
})

describe("Node's http.Agent", () => {
  test('is kept, and so is the connection behind', async () => {
    const echo = await nodeServer((incoming, response) => void response.end(incoming.url))
    const { url, proxy } = await proxyTo(echo)
    const { texts, ports } = await viaAgent(url, 10)
    expect([texts.at(-1), new Set(ports).size]).toEqual(['/9', 1])
    expect(proxy.stats()).toMatchObject({ origins: 1, idle: 1, requests: 10 })
  })

  test('sees an answer cut short as an error', async () => {
    const cut = await nodeServer((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('half', () => response.destroy())
    })
    const { url } = await proxyTo(cut)
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow('terminated')
  })
})

describe('nginx', needing('nginx'), () => {
  test('behind the proxy: chunked, compressed never, and asked once', async () => {
    const { port } = await nginx(
      'location / { add_header Cache-Control max-age=60; return 200 "$uri $connection\\n"; }',
    )
    const { url } = await proxyTo(port)
    const texts = await Promise.all(['/a', '/a', '/b'].map(async (path) => (await fetch(url + path)).text()))
    expect(texts.map((text) => text.split(' ')[0])).toEqual(['/a', '/a', '/b'])
    expect(texts[0]).toBe(texts[1])
  })

  test('before the proxy, which keeps its connections', async () => {
    const { url } = await proxyTo()
    const upstream = `upstream lab { server ${new URL(url).host}; keepalive 2; }`
    const { port } = await nginx(
      'location / { proxy_pass http://lab; proxy_http_version 1.1; proxy_set_header Connection ""; }',
      upstream,
    )
    for (let n = 0; n < 5; n++) {
      const response = await fetch(`http://127.0.0.1:${port}/big`)
      expect(Buffer.from(await response.arrayBuffer()).equals(BIG)).toBe(true)
    }
  })

  test('before it, speaking HTTP/1.0', async () => {
    const { url } = await proxyTo()
    const { port } = await nginx(`location / { proxy_pass ${url}; proxy_http_version 1.0; }`)
    const response = await fetch(`http://127.0.0.1:${port}/big`)
    expect(Buffer.from(await response.arrayBuffer()).equals(BIG)).toBe(true)
  })
})

describe('Chromium', needing('Chromium'), () => {
  test('loads a page with three images through it', async () => {
    const { url, proxy } = await proxyTo()
    const browser = await openBrowser()
    onEnd(() => browser.close())
    const page = await browser.newPage({ proxy: { server: url } })
    await page.goto('http://shop.example/page.html')
    const loaded = await page.evaluate('[...document.images].map((image) => image.naturalWidth)')
    expect([await page.title(), loaded]).toEqual(['A page', [1, 1, 1]])
    expect(proxy.stats().requests).toBeGreaterThanOrEqual(4)
  })
})

describe('wrk', needing('wrk'), () => {
  test('asks for some seconds, twenty connections at once, without an error', async () => {
    const { url } = await proxyTo()
    for (const path of ['/a.txt', '/big']) {
      const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c20', '-d1s', `${url}${path}`])
      expect(stdout).toMatch(/\d+ requests in/)
      expect(stdout).not.toMatch(/Socket errors|Non-2xx/)
    }
  })
})

describe('close()', () => {
  test('in the middle of forty downloads loses none of them', async () => {
    const begun: unknown[] = []
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => void (release = resolve))
    const slow = await nodeServer(async (_, response) => {
      response.writeHead(200, { 'Content-Length': BIG.length }).write(BIG.subarray(0, 1_000))
      begun.push(response)
      await gate
      response.end(BIG.subarray(1_000))
    })
    const { proxy, url } = await proxyTo(slow)
    const agent = new http.Agent({ maxSockets: 40 })
    const downloads = Array.from({ length: 40 }, (_, n) => download(`${url}/${n}`, agent))
    while (begun.length < 40) await new Promise((resolve) => setImmediate(resolve))
    const closed = proxy.close()
    release()
    for (const body of await Promise.all(downloads)) expect(body.equals(BIG)).toBe(true)
    agent.destroy()
    await closed
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })
})

// --- internal ---

async function download(url: string, agent: http.Agent): Promise<Buffer> {
  const [response] = (await once(http.get(url, { agent }), 'response')) as [http.IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { Client } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import type { Handler, Request, Response, RunningServer } from '../../../labs/kit/http.ts'
import { fetchOnce } from '../../../solutions/01-seven-steps/fetch-once.ts'
import { timeMany } from '../../../solutions/05-handshake-timing/timing.ts'
import { KeepAliveClient, serve } from '../../../solutions/12-keep-alive/keep-alive.ts'
import { startDumbProxy, startSmartProxy } from '../../../solutions/13-dumb-proxy/proxy.ts'
import { pipeline, servePipelined } from '../../../solutions/15-pipelining/pipeline.ts'
import { refuseUpload, serveThenClose } from '../../../solutions/17-graceful-close/graceful-close.ts'
import { needing } from '../outside.ts'
import { curl, startNginx } from './programs.ts'

/** The references against programs that others have written: curl, nginx, undici, and Node's own HTTP. */

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const echo: Handler = ({ target, body }) => answer(`${target} ${Buffer.from(body).toString()}`.trim())
const PATIENT = { idleMs: 60_000, maxRequests: 100 }
/** What curl prints for each URL: connections made for it. */
const CONNECTS = ['--write-out', ' [%{http_version} %{response_code} %{num_connects}]\n']

describe('curl', needing('curl'), () => {
  test('with HTTP/1.1 keeps one connection for two URLs', async () => {
    const at = await urlOf(serve(echo, PATIENT))
    const { stdout } = await curl('--http1.1', ...CONNECTS, `${at}/a`, `${at}/b`)
    expect(stdout).toBe('/a [1.1 200 1]\n/b [1.1 200 0]\n')
  })

  test('with HTTP/1.0 is not kept unless it asks, and then it is', async () => {
    const at = await urlOf(serve(echo, PATIENT))
    const plain = await curl('--http1.0', ...CONNECTS, `${at}/a`, `${at}/b`)
    expect(plain.stdout).toMatch(/^\/a \[1\.\d 200 1\]\n\/b \[1\.\d 200 1\]\n$/)
    const asks = await curl('--http1.0', '-H', 'Connection: keep-alive', ...CONNECTS, `${at}/a`, `${at}/b`)
    expect(asks.stdout).toMatch(/^\/a \[1\.\d 200 1\]\n\/b \[1\.\d 200 0\]\n$/)
  })

  test('gets the last answer of a connection, then a new one, and loses none', async () => {
    const at = await urlOf(serve(echo, { ...PATIENT, maxRequests: 2 }))
    const { stdout } = await curl('--http1.1', ...CONNECTS, `${at}/{a,b,c}`)
    expect(stdout).toBe('/a [1.1 200 1]\n/b [1.1 200 0]\n/c [1.1 200 1]\n')
  })

  test('sends Proxy-Connection, and the smart proxy keeps it from the origin', async () => {
    const heads: http.IncomingMessage[] = []
    const origin = await nodeServer((request, response) => {
      heads.push(request)
      response.end(`seen ${request.url}`)
    })
    const proxy = await urlOf(startSmartProxy({ host: '127.0.0.1', port: origin }))
    const said = await curl(
      '--verbose',
      '--http1.1',
      '--proxy',
      proxy,
      ...CONNECTS,
      'http://shop.example/{a,b}',
    )
    expect(said.stderr).toContain('> Proxy-Connection: Keep-Alive')
    expect(said.stdout).toBe(
      'seen http://shop.example/a [1.1 200 1]\nseen http://shop.example/b [1.1 200 0]\n',
    )
    expect(heads.map(({ headers }) => headers['proxy-connection'])).toEqual([undefined, undefined])
    expect(heads[0]?.headers).toMatchObject({
      host: 'shop.example',
      via: expect.stringMatching(/^1\.1 \S+$/),
    })
  })

  test('uploads in chunks through the smart proxy', async () => {
    const origin = await nodeServer((request, response) => void request.pipe(response))
    const at = await urlOf(startSmartProxy({ host: '127.0.0.1', port: origin }))
    const chunked = ['-H', 'Transfer-Encoding: chunked', '--data-binary', 'in chunks']
    const { stdout } = await curl('--http1.1', ...chunked, ...CONNECTS, `${at}/a`)
    expect(stdout).toBe('in chunks [1.1 200 1]\n')
  })

  test('gets its answer through the dumb proxy where nobody keeps anything', async () => {
    const origin = await urlOf(serve(echo, PATIENT))
    const at = await urlOf(startDumbProxy({ host: '127.0.0.1', port: Number(new URL(origin).port) }))
    const { stdout } = await curl('--http1.0', ...CONNECTS, `${at}/a`)
    expect(stdout).toMatch(/^\/a \[1\.\d 200 1\]\n$/)
  })

  test('reads the 413 that comes while it is still sending', async () => {
    const at = await urlOf(refuseUpload({ maxBytes: 1_000, timeoutMs: 60_000 }))
    const upload = ['-H', 'Expect:', '--data-binary', 'x'.repeat(100_000)]
    const { stdout } = await curl('--http1.1', ...upload, '--write-out', '[%{response_code}]', `${at}/`)
    expect(stdout).toMatch(/\[413\]$/)
  })

  test('loses nothing to a server that closes after every second answer', async () => {
    const large: Handler = ({ target }) => answer(target.padEnd(60_000, '.'))
    const at = await urlOf(serveThenClose(large, { maxRequests: 2, timeoutMs: 60_000 }))
    const { stdout } = await curl('--http1.1', '--write-out', '\n%{size_download}\n', `${at}/[1-6]`)
    expect(stdout.match(/^60000$/gm)).toHaveLength(6)
  })
})

describe('undici', () => {
  test('pipelines, and gets its answers in order though the last is ready first', async () => {
    const gates: Array<() => void> = []
    const slow: Handler = async (request) => {
      await new Promise<void>((resolve) => void gates.push(resolve))
      return echo(request)
    }
    const client = await undiciFor(servePipelined(slow, { maxWaiting: 10 }), 4)
    const first = client.request({ path: '/0', method: 'GET' })
    await until(() => gates.length === 1)
    gates.shift()?.()
    const texts = [(await first).body.text()]
    const rest = [1, 2, 3].map((n) => client.request({ path: `/${n}`, method: 'GET', blocking: false }))
    await until(() => gates.length === 3)
    for (const open of gates.reverse()) open()
    for (const { body } of await Promise.all(rest)) texts.push(body.text())
    expect(await Promise.all(texts)).toEqual(['/0', '/1', '/2', '/3'])
  })

  test('gets two hundred answers through a pipeline of ten', async () => {
    const client = await undiciFor(servePipelined(echo, { maxWaiting: 4 }), 10)
    const targets = Array.from({ length: 200 }, (_, n) => `/${n}`)
    const get = { method: 'GET', blocking: false } as const
    const texts = targets.map(async (path) => (await client.request({ ...get, path })).body.text())
    expect(await Promise.all(texts)).toEqual(targets)
  })
})

describe("Node's http.Agent with keep-alive", () => {
  test('uses one connection for ten requests', async () => {
    const { texts, ports } = await viaAgent(await urlOf(serve(echo, PATIENT)), 10)
    expect(texts).toEqual(Array.from({ length: 10 }, (_, n) => `/${n}`))
    expect(new Set(ports).size).toBe(1)
  })

  test('takes a new connection behind the last answer that the server promised', async () => {
    const { texts, ports } = await viaAgent(await urlOf(serve(echo, { ...PATIENT, maxRequests: 4 })), 10)
    expect(texts).toHaveLength(10)
    expect(new Set(ports).size).toBe(3)
  })
})

describe("Node's http.Server", () => {
  test('answers the client of each lab', async () => {
    const port = await nodeServer((request, response) => {
      const content = `${request.url}`
      response.writeHead(200, { 'Content-Length': content.length }).end(content)
    })
    const at = `http://127.0.0.1:${port}`
    expect(textOf(await fetchOnce(`${at}/once`))).toBe('/once')
    const deps = { now: () => performance.now(), lookup: (host: string) => Promise.resolve(host) }
    const phases = await timeMany([`${at}/a`, `${at}/b`], deps)
    expect(phases.map(({ reused }) => reused)).toEqual([false, true])
    const client = new KeepAliveClient(port)
    cleanups.push(() => client.close())
    for (const target of ['/a', '/b', '/c']) expect(textOf(await client.request({ target }))).toBe(target)
    expect(await pipelined(port, 20)).toEqual(Array.from({ length: 20 }, (_, n) => `/${n}`))
  })
})

describe('nginx', needing('nginx'), () => {
  test('as an origin answers each client, pipelined too', async () => {
    const { port } = await nginx('location / { return 200 $uri; }')
    expect(textOf(await fetchOnce(`http://127.0.0.1:${port}/once`))).toBe('/once')
    const client = new KeepAliveClient(port, { version: '1.0' })
    cleanups.push(() => client.close())
    for (const target of ['/a', '/b']) expect(textOf(await client.request({ target }))).toBe(target)
    expect(await pipelined(port, 30)).toEqual(Array.from({ length: 30 }, (_, n) => `/${n}`))
  })

  test('as an origin behind the smart proxy is kept for all clients', async () => {
    const { port } = await nginx('location / { return 200 "$connection $connection_requests"; }')
    const at = await urlOf(startSmartProxy({ host: '127.0.0.1', port }))
    const texts = []
    for (let n = 0; n < 3; n++) texts.push(textOf(await fetchOnce(`${at}/${n}`)))
    const [connection] = texts[0]?.split(' ') ?? []
    expect(texts).toEqual([1, 2, 3].map((count) => `${connection} ${count}`))
  })

  test('as a proxy before the server keeps the connection behind it', async () => {
    const at = new URL(await urlOf(serve(echo, PATIENT)))
    const upstream = `upstream lab { server ${at.host}; keepalive 1; }`
    const pass = 'proxy_pass http://lab; proxy_http_version 1.1; proxy_set_header Connection "";'
    const { port } = await nginx(
      `location / { ${pass} add_header X-Connect-Time $upstream_connect_time; }`,
      upstream,
    )
    const { texts } = await viaAgent(`http://127.0.0.1:${port}`, 5)
    expect(texts).toEqual(['/0', '/1', '/2', '/3', '/4'])
  })

  test('as a proxy before a server that closes after two answers loses none', async () => {
    const at = new URL(await urlOf(serveThenClose(echo, { maxRequests: 2, timeoutMs: 60_000 })))
    const upstream = `upstream lab { server ${at.host}; keepalive 4; }`
    const pass = 'proxy_pass http://lab; proxy_http_version 1.1; proxy_set_header Connection "";'
    const { port } = await nginx(`location / { ${pass} }`, upstream)
    const { texts } = await viaAgent(`http://127.0.0.1:${port}`, 9)
    expect(texts).toHaveLength(9)
    expect(new Set(texts).size).toBe(9)
  })
})

// --- internal ---

function answer(text: string): Response {
  return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(text) }
}

function textOf({ body }: Response): string {
  return Buffer.from(body).toString()
}

async function urlOf(starting: Promise<RunningServer>): Promise<string> {
  const server = await starting
  cleanups.push(() => server.close())
  return `http://127.0.0.1:${server.port}`
}

/** @returns The port of a server of Node's own. */
async function nodeServer(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return (server.address() as net.AddressInfo).port
}

async function nginx(server: string, upstream?: string): ReturnType<typeof startNginx> {
  const started = await startNginx(server, upstream)
  cleanups.push(() => started.stop())
  return started
}

async function undiciFor(starting: Promise<RunningServer>, pipelining: number): Promise<Client> {
  const client = new Client(await urlOf(starting), { pipelining, connectTimeout: 0 })
  cleanups.push(() => client.close())
  return client
}

/** GET /0, /1, … one after the other, with the local port of each. */
async function viaAgent(at: string, count: number): Promise<{ texts: string[]; ports: number[] }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  cleanups.push(() => Promise.resolve(agent.destroy()))
  const [texts, ports]: [string[], number[]] = [[], []]
  for (let n = 0; n < count; n++) {
    const request = http.get(`${at}/${n}`, { agent })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    ports.push(response.socket.localPort ?? 0)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    texts.push(text)
  }
  return { texts, ports }
}

async function pipelined(port: number, count: number): Promise<string[]> {
  const requests = Array.from({ length: count }, (_, n): Request => {
    return {
      method: 'GET',
      target: `/${n}`,
      version: '1.1',
      headers: [['Host', 'a.example']],
      body: Buffer.alloc(0),
    }
  })
  const outcomes = await pipeline(port, requests)
  return outcomes.map((outcome) => ('response' in outcome ? textOf(outcome.response) : outcome.unanswered))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

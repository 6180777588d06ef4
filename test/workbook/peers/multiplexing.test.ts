import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http2 from 'node:http2'
import type net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import type { Handler } from '../../../labs/kit/http.ts'
import { H2Client, serveH2 } from '../../../solutions/18-multiplexing/h2.ts'
import { needing } from '../outside.ts'
import { curl } from './programs.ts'
import { endAll, onEnd, urlOf } from './servers.ts'

/** The reference of lab 18 between programs that others have written. */

afterEach(endAll)

const run = promisify(execFile)
const LARGE = Buffer.alloc(1_000_000, 'large ')

const answer: Handler = ({ method, target, headers, body }) => {
  const text = target === '/large' ? LARGE : method === 'POST' ? body : Buffer.from(`seen ${target}`)
  const host = headers.find(([name]) => name === 'host')?.[1] ?? 'none'
  return {
    version: '1.1',
    status: 200,
    reason: 'OK',
    headers: [
      ['X-Host', host],
      ['Connection', 'close'],
    ],
    body: text,
  }
}

const served = (): Promise<string> => urlOf(serveH2(answer, { maxStreams: 100, windowBytes: 65_535 }))
const HTTP2 = [
  '--http2-prior-knowledge',
  '--write-out',
  ' [%{http_version} %{response_code} %{num_connects}]\n',
]

describe('curl', needing('curl'), () => {
  test('gets an answer, and that to HEAD', async () => {
    const at = await served()
    expect((await curl(...HTTP2, `${at}/a`)).stdout).toBe('seen /a [2 200 1]\n')
    const head = await curl('--http2-prior-knowledge', '--head', `${at}/large`)
    expect(head.stdout).toMatch(new RegExp(`^HTTP/2 200 \\r\\nx-host: ${new URL(at).host}\\r\\n`))
  })

  test('uploads what is larger than every window, and is told 413 for too much', async () => {
    const at = await served()
    const folder = mkdtempSync(path.join(tmpdir(), 'workbook-h2-'))
    onEnd(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })))
    const [fits, over] = [path.join(folder, 'fits'), path.join(folder, 'over')]
    writeFileSync(fits, LARGE)
    writeFileSync(over, Buffer.alloc(1_100_000))
    const back = await curl('--http2-prior-knowledge', '--data-binary', `@${fits}`, `${at}/`)
    expect(back.stdout).toBe(LARGE.toString())
    const refused = await curl(...HTTP2, '--data-binary', `@${over}`, `${at}/`)
    expect(refused.stdout).toBe(' [2 413 1]\n')
  })
})

describe('nghttp', needing('nghttp'), () => {
  test('loads several streams with small windows, and finds nothing to complain of', async () => {
    const at = await served()
    const urls = ['/a', '/large', '/b'].map((target) => `${at}${target}`)
    const { stdout } = await run('nghttp', [
      '--null-out',
      '--stat',
      '--window-bits=12',
      '--connection-window-bits=14',
      ...urls,
    ])
    expect(stdout.match(/ 200 /g)).toHaveLength(3)
    const padded = await run('nghttp', [
      '--padding=200',
      `--header=x-long: ${'l'.repeat(9_000)}`,
      `${at}/padded`,
    ])
    expect(padded.stdout).toBe('seen /padded')
    // It sends a section of 24 KiB, in several frames: more than the lab's server takes.
    const continued = await run('nghttp', ['--verbose', '--continuation', `${at}/continued`])
    expect(continued.stdout).toContain(':status: 431')
  })
})

describe('h2load', needing('h2load'), () => {
  test('sends two thousand requests on four connections, and none fails', async () => {
    const at = await served()
    const { stdout } = await run('h2load', ['-n', '2000', '-c', '4', '-m', '32', `${at}/`])
    expect(stdout).toContain('2000 succeeded, 0 failed, 0 errored')
  })
})

describe('node:http2', () => {
  test('as the client gets each answer, and cancels one of them', async () => {
    const at = await served()
    const session = http2.connect(at)
    onEnd(async () => session.close())
    const cancelled = session.request({ ':path': '/large' })
    cancelled.on('error', () => undefined).close(http2.constants.NGHTTP2_CANCEL)
    const texts = ['/a', '/large', '/b'].map((target) => textOf(session.request({ ':path': target })))
    const posted = session.request({ ':path': '/p', ':method': 'POST' })
    posted.end(LARGE)
    expect(await Promise.all(texts)).toEqual(['seen /a', LARGE.toString(), 'seen /b'])
    expect(await textOf(posted)).toBe(LARGE.toString())
  })

  test('as the server answers the client, in any order and at any length', async () => {
    const server = http2.createServer({ settings: { maxConcurrentStreams: 3 } }, (request, response) => {
      if (request.method === 'POST') request.pipe(response)
      else response.end(request.url === '/large' ? LARGE : `seen ${request.url}`)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onEnd(async () => void server.close())
    const client = await H2Client.connect((server.address() as net.AddressInfo).port)
    const targets = Array.from({ length: 20 }, (_, index) => `/${index}`)
    const answers = await Promise.all(targets.map((target) => client.request({ target })))
    expect(answers.map(({ body }) => Buffer.from(body).toString())).toEqual(
      targets.map((target) => `seen ${target}`),
    )
    // Alone: where its window is used up by others, Node ends a small answer by RST_STREAM instead of END_STREAM.
    const large = await client.request({ target: '/large' })
    expect(Buffer.from(large.body).equals(LARGE)).toBe(true)
    const back = await client.request({ method: 'POST', body: LARGE })
    expect(Buffer.from(back.body).equals(LARGE)).toBe(true)
    await client.close()
  })
})

test('the reference talks to itself, and close() on both sides finishes what was begun', async () => {
  const gates: Array<() => void> = []
  const slow: Handler = async (request) => {
    await new Promise<void>((resolve) => gates.push(resolve))
    return answer(request)
  }
  const server = await serveH2(slow, { maxStreams: 2, windowBytes: 1_000 })
  const client = await H2Client.connect(server.port)
  const answers = ['/a', '/b', '/c'].map((target) => client.request({ target, method: 'POST', body: LARGE }))
  const closed = client.close()
  for (let done = 0; done < 3; done++) {
    while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve))
    gates.shift()?.()
    await answers[done]
  }
  await Promise.all([closed, server.close()])
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200])
})

// --- internal ---

async function textOf(stream: http2.ClientHttp2Stream): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fetchWhole, startCache, TruncatedError } from '../../../solutions/16-truncation-and-retry/whole.ts'
import { needing } from '../outside.ts'
import { curl } from './programs.ts'
import { endAll, nginx, nodeServer, onEnd, urlOf } from './servers.ts'

/** Lab 16 meets real truncation: a server that is killed, a proxy that cuts, and nginx, which knows ranges. */

afterEach(endAll)

const FILE = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 251))

/** A folder with one file, as nginx serves it. */
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'workbook-ranges-'))
  onEnd(() => Promise.resolve(rmSync(made, { recursive: true, force: true })))
  // The workers of nginx are somebody else where it is started by root.
  chmodSync(made, 0o755)
  writeFileSync(path.join(made, 'map'), FILE)
  return made
}

/** Passes bytes on, and cuts each of its first connections after so many bytes of answers. */
async function cutter(to: number, ...after: number[]): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = []
  const server = net.createServer((client) => {
    let left = after.shift() ?? Infinity
    const origin = net.connect(to, '127.0.0.1')
    for (const socket of [client, origin]) socket.on('error', () => undefined)
    client.on('data', (bytes) => {
      heads.push(bytes.toString('latin1'))
      origin.write(bytes)
    })
    origin.on('data', (bytes) => {
      client.write(bytes.subarray(0, Math.min(left, bytes.length)))
      left -= bytes.length
      if (left <= 0) client.end()
      if (left <= 0) origin.destroy()
    })
    origin.on('end', () => client.end())
    client.on('close', () => origin.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => new Promise((resolve) => server.close(resolve)))
  return { port: (server.address() as net.AddressInfo).port, heads }
}

const ranges = (heads: readonly string[]) => heads.map((head) => /^range: (\S+)/im.exec(head)?.[1] ?? 'all')

describe('nginx as the origin', needing('nginx'), () => {
  test('gives the rest of a file that was cut twice', async () => {
    const { port } = await nginx(`location / { root ${folder()}; }`)
    const { port: through, heads } = await cutter(port, 50_000, 60_000)
    const { status, body } = await fetchWhole(through, { target: '/map' }, { retries: 2 })
    expect([status, Buffer.from(body).equals(FILE)]).toEqual([200, true])
    expect(ranges(heads)).toEqual([
      'all',
      expect.stringMatching(/^bytes=\d+-$/),
      expect.stringMatching(/^bytes=\d+-$/),
    ])
  })

  test('gives the new file as a whole, where it was changed meanwhile', async () => {
    const root = folder()
    const { port } = await nginx(`location / { root ${root}; }`)
    const { port: through } = await cutter(port, 50_000)
    const fetched = fetchWhole(through, { target: '/map' })
    // nginx makes its tag of the file's time and length.
    writeFileSync(path.join(root, 'map'), FILE.subarray(7))
    expect(Buffer.from((await fetched).body).length).toBeGreaterThanOrEqual(FILE.length - 7)
  })

  test('behind the cache is asked once, and then whether it is still good', async () => {
    const { port } = await nginx(`location / { root ${folder()}; add_header Cache-Control max-age=10; }`)
    const { port: through, heads } = await cutter(port, 50_000)
    let now = Date.now()
    const at = await urlOf(
      startCache({ host: '127.0.0.1', port: through }, { now: () => now, maxBytes: 1e6 }),
    )
    for (const later of [0, 5_000, 20_000]) {
      now += later
      const response = await fetch(`${at}/map`)
      expect(Buffer.from(await response.arrayBuffer()).equals(FILE)).toBe(true)
    }
    expect(ranges(heads)).toEqual(['all', expect.stringMatching(/^bytes=\d+-$/), 'all'])
    expect(heads[2]).toMatch(/^if-none-match: "/im)
  })

  test('as a proxy with buffers passes a cut answer on as a cut one', async () => {
    const { port } = await nginx(`location / { root ${folder()}; }`)
    const { port: through } = await cutter(port, 50_000)
    const pass = `proxy_buffering on; proxy_pass http://127.0.0.1:${through};`
    const { port: proxy } = await nginx(`location / { ${pass} }`)
    const failed = await fetchWhole(proxy, { target: '/map' }, { retries: 0 }).catch(
      (error: unknown) => error,
    )
    expect(failed).toBeInstanceOf(TruncatedError)
    expect((failed as TruncatedError).expected).toBe(FILE.length)
  })
})

describe('a server process that is killed in the middle', () => {
  const PROGRAM = `
    const server = require('node:net').createServer((socket) => socket.once('data', (bytes) => {
      const length = String(bytes).includes('/length') ? 'Content-Length: 100\\r\\n' : ''
      socket.write('HTTP/1.1 200 OK\\r\\n' + length + '\\r\\nhalf', () => process.send('written'))
    })).listen(0, '127.0.0.1', () => process.send(server.address().port))`

  async function killed(target: string): Promise<unknown> {
    const program = path.join(folder(), 'server.cjs')
    writeFileSync(program, PROGRAM)
    const child: ChildProcess = fork(program)
    const [port] = (await once(child, 'message')) as [number]
    const written = once(child, 'message')
    const fetched = fetchWhole(port, { target }, { retries: 0 }).catch((error: unknown) => error)
    await written
    child.kill('SIGKILL')
    return await fetched
  }

  test('has cut an answer that has told its length', async () => {
    expect(await killed('/length')).toMatchObject({ code: 'ETRUNCATED', received: 4, expected: 100 })
  })

  test('has sent what counts as whole, where it has told none', async () => {
    const { body } = (await killed('/')) as { body: Uint8Array }
    expect(Buffer.from(body).toString()).toBe('half')
  })
})

describe('curl', needing('curl'), () => {
  test('gets stored answers with their age, and what it has changed anew', async () => {
    let count = 0
    const origin = await nodeServer((_, response) => {
      response.setHeader('Cache-Control', 'max-age=60').end(`answer ${++count}`)
    })
    let now = Date.now()
    const at = await urlOf(
      startCache({ host: '127.0.0.1', port: origin }, { now: () => now, maxBytes: 1000 }),
    )
    const get = async (...args: string[]) => (await curl('--include', ...args, `${at}/a`)).stdout
    expect(await get()).toMatch(/answer 1$/)
    now += 7_000
    const second = await get()
    expect(second).toMatch(/^Age: [78]\r$/im)
    expect(second).toMatch(/answer 1$/)
    expect(await get('--request', 'POST')).toMatch(/answer 2$/)
    expect(await get()).toMatch(/answer 3$/)
    expect(await get('--head')).toMatch(/^HTTP\/1\.1 200/)
  })
})

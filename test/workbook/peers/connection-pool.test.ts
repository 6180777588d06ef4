import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Pool } from '../../../solutions/14-connection-pool/pool.ts'
import { endAll, nodeServer } from './servers.ts'

/** The pool of lab 14 against Node's own server. */

afterEach(endAll)

const OPTIONS = { maxPerOrigin: 3, maxWaiting: 99, idleMs: 60_000, marginMs: 1_000 }

test('twenty users share three connections to a server of Node', async () => {
  const sockets = new Set<net.Socket>()
  const port = await nodeServer((request, response) => {
    sockets.add(request.socket)
    void request.pipe(response)
  })
  const pool = new Pool(OPTIONS)
  const bodies = Array.from({ length: 80 }, (_, number) => Buffer.from(`order ${number}`))
  const answers = await Promise.all(
    bodies.map((body) => pool.request({ host: '127.0.0.1', port }, { method: 'POST', body })),
  )
  expect(answers.map(({ body }) => Buffer.from(body).toString())).toEqual(bodies.map(String))
  expect(sockets.size).toBe(3)
  expect(pool.counts).toEqual({ open: 3, idle: 3, waiting: 0 })
  await pool.close()
  expect(pool.counts).toEqual({ open: 0, idle: 0, waiting: 0 })
})

test('HEAD, 204 and 304 leave the connection in order, and close ends it', async () => {
  const seen: Array<number | undefined> = []
  const port = await nodeServer((request, response) => {
    seen.push(request.socket.remotePort)
    if (request.url === '/close') response.setHeader('Connection', 'close')
    response.writeHead(Number(/\d+/.exec(request.url ?? '')?.[0] ?? 200)).end()
  })
  const pool = new Pool(OPTIONS)
  const ask = (method: string, target: string) =>
    pool.request({ host: '127.0.0.1', port }, { method, target })
  for (const target of ['/200', '/204', '/304', '/404'])
    expect((await ask('HEAD', target)).status).toBe(Number(target.slice(1)))
  await ask('GET', '/close')
  await ask('GET', '/200')
  expect(new Set(seen.slice(0, 5)).size).toBe(1)
  expect(seen[5]).not.toBe(seen[0])
  await pool.close()
})

test('an abort is heard by the server, and the next caller gets an answer of its own', async () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/fast') response.end('fast')
    else response.write('the beginning of')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const pool = new Pool({ ...OPTIONS, maxPerOrigin: 1 })
  const controller = new AbortController()
  const came = once(server, 'request') as Promise<[http.IncomingMessage]>
  const slow = pool.request({ host: '127.0.0.1', port }, { target: '/slow' }, controller)
  const fast = pool.request({ host: '127.0.0.1', port }, { target: '/fast' })
  const [request] = await came
  // A reset is an end as well: it left bytes unread.
  const gone = new Promise((resolve) => request.socket.once('close', resolve))
  controller.abort(new Error('no more'))
  await expect(slow).rejects.toThrow('no more')
  await gone
  expect(Buffer.from((await fast).body).toString()).toBe('fast')
  await pool.close()
  server.close()
})

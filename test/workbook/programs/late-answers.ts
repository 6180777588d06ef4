import crypto from 'node:crypto'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { EventEmitter, on, once } from 'node:events'
import net from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import { PassThrough, Readable, Transform } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'

/**
 * A learner's program for tests of the idle proof: a server that answers each byte late, in a way of
 * its own. Before the answer it must never be called idle.
 */

type Late = () => Promise<unknown>

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** They take no virtual time. */
const AT_ONCE: Readonly<Record<string, Late>> = {
  sync: async () => undefined,
  microtasks: async () => {
    for (let count = 0; count < 1000; count++) await Promise.resolve()
  },
  queueMicrotask: () => repeat(100, queueMicrotask),
  nextTick: () => repeat(100, process.nextTick),
  immediates: () => repeat(20, setImmediate),
  mixedTurns: async () => {
    for (let count = 0; count < 10; count++) {
      await turn()
      await repeat(3, process.nextTick)
    }
  },
  immediatePromise: async () => {
    for (let count = 0; count < 10; count++) await timersPromises.setImmediate()
  },
  schedulerYield: () => timersPromises.scheduler.yield(),
  timer0: () => new Promise((resolve) => setTimeout(resolve, 0)),
  timer0Chain: async () => {
    for (let count = 0; count < 10; count++) await timersPromises.setTimeout(0)
  },
  cpu: async () => {
    for (let count = 0; count < 30_000_000; count++);
  },
  dynamicImport: () => import('node:assert'),
  lookup: () => dns.promises.lookup('localhost'),
  lookupCallback: () => new Promise((resolve) => dns.lookup('localhost', resolve)),
  resolveFails: () => dns.promises.resolve4('nowhere.example').catch(() => undefined),
  pbkdf2: () => promisify(crypto.pbkdf2)('a', 'b', 20_000, 32, 'sha256'),
  scrypt: () => new Promise((resolve) => crypto.scrypt('a', 'b', 32, resolve)),
  hkdf: () => promisify(crypto.hkdf)('sha256', 'key', 'salt', 'info', 64),
  randomBytes: () => promisify(crypto.randomBytes)(100_000),
  randomFill: () => new Promise((resolve) => crypto.randomFill(Buffer.alloc(100_000), resolve)),
  randomInt: () => new Promise((resolve) => crypto.randomInt(1000, resolve)),
  generatePrime: () => promisify(crypto.generatePrime)(64),
  checkPrime: () => promisify(crypto.checkPrime)(Buffer.from([251])),
  generateKeyPair: () => promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' }),
  subtleDigest: () => crypto.subtle.digest('SHA-256', Buffer.alloc(2_000_000)),
  subtleKeys: async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, key, Buffer.alloc(100_000))
  },
  digestChain: async () => {
    for (let count = 0; count < 10; count++) await crypto.subtle.digest('SHA-256', Buffer.alloc(1000))
  },
  blobArrayBuffer: () => new Blob([Buffer.alloc(2_000_000)]).arrayBuffer(),
  blobText: () => new Blob(['a', new Blob(['b'.repeat(100_000)])]).slice(1).text(),
  blobStream: async () => {
    for await (const chunk of new Blob([Buffer.alloc(300_000)]).stream()) void chunk
  },
  webStreams: async () => {
    const source = new ReadableStream<string>({ start: (sink) => (sink.enqueue('a'), sink.close()) })
    const through = source.pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream())
    for await (const chunk of through) void chunk
  },
  transformStream: async () => {
    const { readable, writable } = new TransformStream<string, string>()
    const writer = writable.getWriter()
    void writer.write('a').then(() => writer.close())
    for await (const chunk of readable) await turn().then(() => chunk)
  },
  pipeline: async () => {
    const slow = new Transform({ transform: (chunk, _, done) => void setImmediate(done, null, chunk) })
    await pipeline(Readable.from(['a', 'b', 'c']), slow, new PassThrough().resume())
  },
  finished: async () => {
    const stream = new PassThrough().resume()
    setImmediate(() => stream.end('a'))
    await finished(stream)
  },
  eventsOnce: async () => {
    const emitter = new EventEmitter()
    setImmediate(() => emitter.emit('later'))
    await once(emitter, 'later')
  },
  eventsOn: async () => {
    const emitter = new EventEmitter()
    const beat = (left: number): void =>
      void (left > 0 && (emitter.emit('beat'), setImmediate(beat, left - 1)))
    setImmediate(beat, 5)
    let heard = 0
    for await (const event of on(emitter, 'beat')) if (event && ++heard === 5) break
  },
  innerPair: () => innerTransfer(1, false),
  innerTransfer: () => innerTransfer(3_000_000, false),
  innerPausedReader: () => innerTransfer(3_000_000, true),
  halfCloseRelay,
  serverClose: async () => {
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await new Promise((resolve) => server.getConnections(resolve))
    await new Promise((resolve) => server.close(resolve))
  },
  datagrams: () => datagramRoundTrips(1),
  datagramChain: () => datagramRoundTrips(10),
  manyDatagrams: () => datagramBurst(150),
}

/** Virtual time passes before the answer. */
const IN_TIME: Readonly<Record<string, Late>> = {
  timer1: () => new Promise((resolve) => setTimeout(resolve, 1)),
  timer20: () => new Promise((resolve) => setTimeout(resolve, 20)),
  timerOfModule: () => new Promise((resolve) => timers.setTimeout(resolve, 20)),
  timerUnref: () => new Promise((resolve) => setTimeout(resolve, 20).unref()),
  timerChain: async () => {
    for (let count = 0; count < 5; count++) await new Promise((resolve) => setTimeout(resolve, 1000))
  },
  timerThenWork: async () => {
    await timersPromises.setTimeout(1000)
    await promisify(crypto.pbkdf2)('a', 'b', 20_000, 32, 'sha256')
    await timersPromises.setTimeout(1000)
  },
  interval: () =>
    new Promise((resolve) => {
      let beats = 0
      const interval = setInterval(
        () => ++beats === 5 && (clearInterval(interval), resolve(null)),
        100,
      ).unref()
    }),
  promisified: () => promisify(setTimeout)(20),
  timersPromises: () => timersPromises.setTimeout(20),
  timersPromisesInterval: async () => {
    let beats = 0
    for await (const beat of timersPromises.setInterval(20, 'beat')) if (beat && ++beats === 5) break
  },
  schedulerWait: () => timersPromises.scheduler.wait(20),
  abortSignal: () => new Promise((resolve) => AbortSignal.timeout(20).addEventListener('abort', resolve)),
  abortSignalAny: () =>
    new Promise((resolve) => AbortSignal.any([AbortSignal.timeout(20)]).addEventListener('abort', resolve)),
  abortedSleep: () =>
    timersPromises.setTimeout(60_000, null, { signal: AbortSignal.timeout(20) }).catch(() => undefined),
  socketTimeout: async () => {
    const { client, close } = await innerConnection()
    await new Promise((resolve) => client.setTimeout(5_000, () => resolve(null)))
    close()
  },
}

export const atOnce = Object.keys(AT_ONCE)
export const inTime = Object.keys(IN_TIME)

export async function serve(kind: string): Promise<{ port: number }> {
  const late = AT_ONCE[kind] ?? IN_TIME[kind]
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => void late?.().then(() => socket.write('.')))
  })
  return { port: await listening(server) }
}

/** One answer, larger than the buffers of both sockets. */
export async function serveMuch(length: number): Promise<{ port: number }> {
  return {
    port: await listening(
      net.createServer((socket) => socket.once('data', () => socket.end(Buffer.alloc(length, '.')))),
    ),
  }
}

// --- internal ---

function repeat(count: number, defer: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number): void => (left === 0 ? resolve() : defer(() => next(left - 1)))
    next(count)
  })
}

async function listening(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as net.AddressInfo).port
}

async function innerConnection(): Promise<{ client: net.Socket; peer: net.Socket; close(): void }> {
  const server = net.createServer({ allowHalfOpen: true })
  const port = await listening(server)
  const accepted = once(server, 'connection')
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [[peer]] = (await Promise.all([accepted, once(client, 'connect')])) as unknown as [
    [net.Socket],
    unknown,
  ]
  const close = (): void => {
    client.destroy()
    peer.destroy()
    server.close()
  }
  return { client, peer, close }
}

async function innerTransfer(length: number, pauses: boolean): Promise<void> {
  const { client, peer, close } = await innerConnection()
  if (pauses) client.pause()
  peer.end(Buffer.alloc(length))
  if (pauses) await repeat(5, setImmediate)
  client.resume()
  await once(client, 'end')
  close()
}

/** Client and server close their halves one after the other. */
async function halfCloseRelay(): Promise<void> {
  const { client, peer, close } = await innerConnection()
  peer.on('data', (chunk) => peer.write(chunk))
  peer.on('end', () => peer.end('last'))
  client.end('first')
  client.resume()
  await once(client, 'close')
  close()
}

async function datagramRoundTrips(times: number): Promise<void> {
  const [asks, answers] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')]
  await new Promise<void>((resolve) => answers.bind(0, '127.0.0.1', resolve))
  answers.on('message', (bytes, { port, address }) => answers.send(bytes, port, address))
  for (let count = 0; count < times; count++) {
    asks.send('x', answers.address().port, '127.0.0.1')
    await once(asks, 'message')
  }
  asks.close()
  answers.close()
}

/** More at once than one turn of the event loop reads. */
async function datagramBurst(count: number): Promise<void> {
  const [from, to] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')]
  await new Promise<void>((resolve) => to.bind(0, '127.0.0.1', resolve))
  for (let sent = 0; sent < count; sent++) from.send('x', to.address().port, '127.0.0.1')
  for (let received = 0; received < count; received++) await once(to, 'message')
  from.close()
  to.close()
}

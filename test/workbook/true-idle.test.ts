import { expect, onTestFinished, test, vi } from 'vitest'
import type { Check } from '../../workbook/grading/check.ts'
import { LearnerProcess } from '../../workbook/learner/process.ts'
import { gradeFile, gradeText, told, useEngine } from './engine.ts'

/** A program that has nothing left to do is proven idle at once, whatever it holds open. */

useEngine()

const READERS = 'test/workbook/programs/readers.ts'

const PROOFS = 20

const READY: ReadonlyArray<
  readonly [what: string, program: string, ready: (check: Check) => Promise<unknown>]
> = [
  ['nothing at all', READERS, async () => undefined],
  ['a server that listens', READERS, ({ learner }) => learner.serve('serve')],
  ['keep-alive connections', READERS, async ({ learner, connect }) => {
    const server = await learner.serve('serve')
    for (let count = 0; count < 10; count++) await (await connect(server.port)).send('x')
  }], // prettier-ignore
  ['a connection that only the grader has ended', READERS, async ({ learner, connect }) => {
    const server = await learner.serve('servePaused')
    await (await connect(server.port)).fin()
  }], // prettier-ignore
  ['unread input of a socket that has stopped reading', READERS, async ({ learner, connect }) => {
    const server = await learner.serve('serveStopping', 1000)
    const client = await connect(server.port)
    await client.send(Buffer.alloc(6_000_000))
  }], // prettier-ignore
  ['output that a paused peer does not take', 'test/workbook/programs/late-answers.ts', async ({ learner, connect }) => {
    const server = await learner.serve('serveMuch', 12_000_000)
    await (await connect(server.port, { paused: true })).send('?')
  }], // prettier-ignore
  ['timers, an interval among them', 'test/workbook/programs/timed.ts', async ({ learner }) => {
    for (const way of ['setInterval', 'chain', 'setTimeout', 'unref', 'abortSignal']) await learner.call('begin', way)
  }], // prettier-ignore
  ['a call that never settles', READERS, async ({ learner, listen }) => {
    const server = await listen()
    void learner.call('connect', server.port, {}, 'none')
    await server.connection()
  }], // prettier-ignore
  ['a call-back that the suite does not answer', 'test/workbook/programs/values.ts', async ({ learner }) => {
    void learner.call('callBack', () => new Promise(() => undefined), 1)
  }], // prettier-ignore
]

test.each(READY)('%s', async (_, program, ready) => {
  const asked = vi.spyOn(LearnerProcess.prototype, 'order')
  onTestFinished(() => asked.mockRestore())
  const verdict = await gradeFile(program, async (check) => {
    check.learner.holdClock()
    await ready(check)
    await check.learner.idle()
    asked.mockClear()
    const questions = (): number => asked.mock.calls.filter(([{ op }]) => op === 'barrier').length
    for (let proof = 0; proof < PROOFS; proof++) await check.learner.idle()
    check.expectEqual(questions(), 0, 'questions where neither side has done anything')
    for (let proof = 0; proof < PROOFS; proof++) {
      await check.learner.handleCalls()
      await check.learner.idle()
    }
    check.expectEqual(questions(), PROOFS, 'questions behind an order each')
  })
  expect(told(verdict)).toBe('passed')
})

test('a reader that resumes gets everything, and the proof waits for it', async () => {
  const verdict = await gradeFile(READERS, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serveStopping', 1000)
    const client = await connect(server.port)
    const total = 3_000_000
    await client.send(Buffer.alloc(total))
    await learner.idle()
    let read = 0
    // Each call of resume() lets it read until it stops again.
    while (read < total) {
      const reads = await learner.call<string[]>('readsSoFar')
      read += reads.reduce((sum, length) => sum + Number(length), 0)
      await learner.call('resume')
      await learner.idle()
    }
    expectEqual(read, total, 'bytes read')
  })
  expect(told(verdict)).toBe('passed')
})

test('a peer that reads again lets the rest through, and the proof waits for it', async () => {
  const verdict = await gradeFile(
    'test/workbook/programs/late-answers.ts',
    async ({ learner, connect, expectEqual }) => {
      const length = 12_000_000
      const server = await learner.serve('serveMuch', length)
      const client = await connect(server.port, { paused: true })
      await client.send('?')
      await learner.idle()
      expectEqual(client.received.length, 0, 'bytes while paused')
      client.read()
      await learner.idle()
      expectEqual([client.received.length, client.ended], [length, 'FIN'], 'bytes, and the end')
    },
  )
  expect(told(verdict)).toBe('passed')
})

test('bytes for a connection whose name is still looked up keep nobody waiting', async () => {
  const program = `
    import net from 'node:net'
    let answer: () => void
    export function connect(port: number) {
      const socket = net.connect({ port, host: 'shop.example', lookup: (_name, _options, done) => {
        answer = () => done(null, [{ address: '127.0.0.1', family: 4 }], 4)
      } })
      socket.write('asked early')
    }
    export const found = () => answer()`
  const verdict = await gradeText(program, async ({ learner, listen, expectBytes }) => {
    const server = await listen()
    await learner.call('connect', server.port)
    await learner.idle()
    await server.noFurtherConnection()
    await learner.call('found')
    await learner.idle()
    expectBytes((await server.connection()).unread, 'asked early', 'what was written before')
  })
  expect(told(verdict)).toBe('passed')
})

test('the same pair of ports, used again, does not disturb the proof', async () => {
  const program = `
    import net from 'node:net'
    let localPort: number
    export async function choosePort() {
      const server = net.createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      localPort = (server.address() as net.AddressInfo).port
      await new Promise((resolve) => server.close(resolve))
    }
    export async function connect(port: number) {
      const socket = net.connect({ port, host: '127.0.0.1', localPort })
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      await new Promise((resolve) => socket.once('close', resolve).resume().end())
    }`
  const verdict = await gradeText(program, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('choosePort')
    const ports = new Set<number>()
    for (let round = 0; round < 3; round++) {
      const call = learner.call('connect', server.port)
      const connection = await server.connection()
      ports.add(connection.remotePort)
      await connection.sees('FIN')
      await connection.fin()
      await call
      await learner.leavesNothing()
    }
    expectEqual(ports.size, 1, 'ports used')
  })
  expect(told(verdict)).toBe('passed')
})

const BINDER = `
  import dgram from 'node:dgram'
  let socket: dgram.Socket
  export async function bind(to: number, at = 0) {
    socket = dgram.createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(at, '127.0.0.1', resolve))
    if (to > 0) await new Promise<void>((resolve) => socket.connect(to, '127.0.0.1', resolve))
    return socket.address().port
  }
  export const close = () => new Promise<void>((resolve) => socket.close(resolve))`

test('datagrams that a connected socket does not hear keep nobody waiting', async () => {
  const verdict = await gradeText(BINDER, async ({ learner, datagrams }) => {
    const [peer, other] = [await datagrams(), await datagrams()]
    const port = await learner.call<number>('bind', peer.port)
    await other.send('one', port)
    await peer.send('two', port)
    await learner.idle()
  })
  expect(told(verdict)).toBe('passed')
})

test('what was sent to a closed port is not awaited by the next socket there', async () => {
  const verdict = await gradeText(BINDER, async ({ learner, datagrams }) => {
    const peer = await datagrams()
    const port = await learner.call<number>('bind', 0)
    await peer.send('one', port)
    await learner.idle()
    await learner.call('close')
    await peer.send('two', port)
    await learner.idle()
    await learner.call('bind', 0, port)
    await learner.idle()
    await peer.send('three', port)
    await learner.idle()
  })
  expect(told(verdict)).toBe('passed')
})

test('datagrams to a port that the program has closed keep nobody waiting', async () => {
  const program = `
    import dgram from 'node:dgram'
    let socket: dgram.Socket
    export async function bind() {
      socket = dgram.createSocket('udp4')
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
      return socket.address().port
    }
    export const close = () => new Promise<void>((resolve) => socket.close(resolve))`
  const verdict = await gradeText(program, async ({ learner, datagrams }) => {
    const port = await learner.call<number>('bind')
    const peer = await datagrams()
    await peer.send('one', port)
    await learner.idle()
    await learner.call('close')
    await peer.send('two', port)
    await learner.idle()
  })
  expect(told(verdict)).toBe('passed')
})

const MUCH = `
import net from 'node:net'
const body = Buffer.alloc(12_000_000)
export const serve = () => new Promise((resolve) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(body))
  })
  server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as net.AddressInfo).port }))
})
export const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
`
/** Milliseconds in which the grader takes nothing, as on a busy machine. */
const AWAY = 400

test('a proof that has to wait leaves the processor to others', async () => {
  let used = 0
  const verdict = await gradeText(MUCH, async ({ learner, connect }) => {
    const client = await connect((await learner.serve('serve')).port)
    const before = await learner.call<number>('used')
    const sent = client.send('?')
    // The barrier is under way, and the kernel's buffers fill.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AWAY)
    await sent
    await learner.idle()
    used = (await learner.call<number>('used')) - before
  })
  expect(told(verdict)).toBe('passed')
  expect(used).toBeLessThan(AWAY / 2)
})

test('an order that goes out behind a look makes the proof void', async () => {
  const { order } = LearnerProcess.prototype
  const asked = vi.spyOn(LearnerProcess.prototype, 'order')
  onTestFinished(() => asked.mockRestore())
  const verdict = await gradeFile(READERS, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    let left = 1
    asked.mockImplementation(function (this: LearnerProcess, given) {
      const answer = order.call(this, given)
      if (given.op !== 'barrier' || left-- !== 1) return answer
      // The program was idle when it was looked at, and has something to do when the answer is heard.
      return answer.then((calm) => {
        void learner.call('connect', server.port, {}, 'none')
        return calm
      })
    })
    await learner.handleCalls()
    await learner.idle()
    expectEqual(server.accepted, 1, 'connections')
  })
  expect(told(verdict)).toBe('passed')
})

test('a look that was asked for before a peer stopped reading ends as well', async () => {
  const verdict = await gradeFile(
    'test/workbook/programs/late-answers.ts',
    async ({ learner, connect, expectEqual }) => {
      const server = await learner.serve('serveMuch', 12_000_000)
      const client = await connect(server.port)
      await learner.handleCalls()
      const before = learner.idle()
      client.pause()
      void client.send('?')
      await Promise.all([before, learner.idle(), learner.idle()])
      expectEqual(client.ended, 'open', 'the connection')
    },
  )
  expect(told(verdict)).toBe('passed')
})

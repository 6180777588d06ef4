import { once } from 'node:events'
import net from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import type { Check, Listener } from '../../workbook/grading/check.ts'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { dismissKept } from '../../workbook/learner/kept.ts'
import { gradeAndAsk, gradeText, NOTHING, PID, problemOf, told, useEngine, type Options } from './engine.ts'

/** A learner process serves check after check, as long as none of them leaves anything behind. */

useEngine()
beforeEach(dismissKept)

async function pidOfTheNext(options: Options = {}): Promise<string | undefined> {
  return (await gradeAndAsk('', NOTHING, options)).pid
}

const SERVER = `
import net from 'node:net'
export const serve = () => new Promise((resolve) => {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined))
  server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as net.AddressInfo).port }))
})
export const connect = (port: number) => new Promise((resolve, reject) => {
  net.connect(port, '127.0.0.1', () => resolve(undefined)).on('error', reject)
})
`

/** What may be open or pending at the end of a check, and is nothing to the next one. */
const LEFT: ReadonlyArray<readonly [what: string, text: string, body: CheckBody]> = [
  ['nothing', '', NOTHING],
  [
    'a server with a connection',
    SERVER,
    async ({ learner, connect }) => {
      const { port } = await learner.serve('serve')
      await (await connect(port)).send('unread')
    },
  ],
  [
    'a client that goes on reading',
    SERVER,
    async ({ learner, listen }) => {
      const server = await listen()
      await learner.call('connect', server.port)
      await (await server.connection()).send('more')
    },
  ],
  [
    'timers',
    'export const begin = () => void setInterval(() => undefined, 10) || void setTimeout(() => { throw new Error("late") }, 50)\n',
    async ({ learner }) => void (await learner.call('begin')),
  ],
  [
    'a UDP socket that it has closed',
    `import dgram from 'node:dgram'
export async function ask(port: number) {
  const socket = dgram.createSocket('udp4')
  await new Promise((resolve) => socket.send('question', port, '127.0.0.1', resolve))
  socket.close()
}
`,
    async ({ learner, datagrams }) => {
      const peer = await datagrams()
      await learner.call('ask', peer.port)
      await peer.receive()
    },
  ],
  [
    'a call that never settles',
    'export const wait = () => new Promise(() => undefined)\n',
    ({ learner }) => learner.call('wait').staysPending(),
  ],
]

test.each(LEFT)('a process serves the next check after one that leaves %s', async (_, text, body) => {
  const first = await gradeAndAsk(text, body)
  expect(told(first.verdict)).toBe('passed')
  expect(await pidOfTheNext()).toBe(first.pid)
})

/** What one check does, and what the same program must not see of it in the next one. */
const TRACES: ReadonlyArray<readonly [what: string, text: string, body: CheckBody]> = [
  [
    'variables of the module',
    'let calls = 0\nexport const count = () => ++calls\n',
    async ({ learner, expectEqual }) => expectEqual(await learner.call('count'), 1, 'calls'),
  ],
  [
    'the time that has passed',
    'export const times = () => [Date.now(), performance.now()]\n',
    async ({ learner, expectEqual }) => {
      expectEqual(await learner.call('times'), [Date.UTC(2026, 0, 1), 0], 'the time')
      await learner.tick(5_000)
    },
  ],
  [
    'names that were answered',
    "import dns from 'node:dns/promises'\nexport const find = (name: string) => dns.lookup(name)\n",
    async ({ learner }) => {
      await learner.call('find', 'once.example').rejects()
      learner.names({ 'once.example': '192.0.2.7' })
      await learner.call('find', 'once.example')
    },
  ],
  [
    'timers',
    'export const begin = () => void setTimeout(() => undefined, 50)\n',
    async ({ learner }) => {
      await learner.leavesNothing()
      learner.holdClock()
      await learner.call('begin')
    },
  ],
  [
    'sockets and listeners',
    SERVER,
    async ({ learner, connect, expectEqual }) => {
      await learner.leavesNothing()
      expectEqual(await learner.handleCalls(), [], 'what the handles were told')
      const { port } = await learner.serve('serve')
      await (await connect(port)).send('unread')
      expectEqual(await learner.openSockets(), 1, 'open sockets')
    },
  ],
]

test.each(TRACES)('the next check sees nothing of %s', async (_, text, body) => {
  const [first, second] = [await gradeAndAsk(text, body), await gradeAndAsk(text, body)]
  expect([told(first.verdict), told(second.verdict)]).toEqual(['passed', 'passed'])
  expect(second.verdict).not.toHaveProperty('doubt')
  expect(second.pid).toBe(first.pid)
})

test('a port that was permitted in one check is outside of the lab in the next', async () => {
  // It accepts all the time: were it permitted still, the second check would pass.
  const elsewhere = net.createServer((socket) => socket.on('error', () => undefined))
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening')
  const { port } = elsewhere.address() as net.AddressInfo
  const first = await gradeAndAsk(SERVER, async ({ learner }) => {
    learner.permit('127.0.0.1', port, { port } as Listener)
    await learner.call('connect', port)
  })
  const pids: string[] = []
  const verdict = await gradeText(PID + SERVER, async ({ learner }) => {
    pids.push(await pidOf(learner))
    await learner.call('connect', port)
  })
  elsewhere.close()
  expect([told(first.verdict), problemOf(verdict).kind, pids[0]]).toEqual(['passed', 'forbidden', first.pid])
})

async function pidOf(learner: Check['learner']): Promise<string> {
  return String(await learner.call('pid'))
}

/** What would reach the next program. */
const SPOILS: ReadonlyArray<readonly [what: string, text: string]> = [
  ['adds a global name', 'Object.assign(globalThis, { mine: 1 })\n'],
  ['adds to the language', 'Object.assign(String.prototype, { shout() { return 1 } })\n'],
  ['replaces a method of sockets', "import net from 'node:net'\nnet.Socket.prototype.setTimeout = function () { return this }\n"],
  ['replaces what sockets inherit', "import { Writable } from 'node:stream'\nWritable.prototype.end = function () { return this }\n"],
  ['replaces a function of a module', "import net from 'node:net'\nnet.isIP = () => 4\n"],
  ['replaces a method of the console', 'console.log = () => undefined\n'],
  ['hears its process', "process.on('exit', () => undefined)\n"],
  ['sets its exit code', 'process.exitCode = 3\n'],
  ['changes a default of emitters', "import { EventEmitter } from 'node:events'\nEventEmitter.defaultMaxListeners = 99\n"],
  ['changes a default of sockets', "import net from 'node:net'\nnet.setDefaultAutoSelectFamily(!net.getDefaultAutoSelectFamily())\n"],
  ['changes how long a stack is', 'Error.stackTraceLimit = 1\n'],
  ['changes how values are shown', "import { inspect } from 'node:util'\ninspect.defaultOptions = { depth: 9 }\n"],
  ['has its output in its hands', 'process.stdout.write = () => true\n'],
  ['prints', "console.log('here')\n"],
  ['prints an error', "console.error('here')\n"],
  ['has a UDP socket open', "import dgram from 'node:dgram'\nawait new Promise<void>((resolve) => dgram.createSocket('udp4').bind(0, '127.0.0.1', resolve))\n"],
  ['hangs something on a kind of error', 'Object.assign(SyntaxError, { mine: 1 })\n'],
  ['has the output of the console in its hands', "Object.assign(Reflect.get(console, '_stdout') as object, { mine: 1 })\n"],
  ['holds much memory', 'Object.assign(pid, { held: Buffer.alloc(150 * 2 ** 20, 1) })\n'],
] // prettier-ignore

/** Where nothing can be kept for the next program. */
const TAKES_NOTHING: ReadonlyArray<readonly [what: string, text: string, saw: string]> = [
  ['a mark', "performance.mark('mine')\n", 'performance.mark: use performance.now()'],
  ['an observer', "import { PerformanceObserver } from 'node:perf_hooks'\nnew PerformanceObserver(() => undefined)\n", 'PerformanceObserver: use performance.now()'],
  ['a file', "new File([], 'mine')\n", 'File: a lab talks to the wire, not to files'],
] // prettier-ignore

test.each(TAKES_NOTHING)('%s keeps nothing', async (_, text, saw) => {
  expect(problemOf((await gradeAndAsk(text)).verdict).saw).toContain(saw)
})

test('neither the last match, nor how many timers there were, nor real time is to be seen', async () => {
  const text = `
export const look = () => {
  const was = [Reflect.get(RegExp, 'input'), Reflect.get(RegExp, '$1')]
  ;/(m)ine/.test('mine')
  return [...was, Number(setTimeout(() => undefined, 1)), new Event('x').timeStamp]
}
`
  const body: CheckBody = async ({ learner, expectEqual }) =>
    expectEqual(await learner.call('look'), [undefined, undefined, 1, 0], 'what is to be seen')
  const [first, second] = [await gradeAndAsk(text, body), await gradeAndAsk(text, body)]
  expect([told(first.verdict), told(second.verdict)]).toEqual(['passed', 'passed'])
  expect(second.pid).toBe(first.pid)
})

test.each(SPOILS)('a process whose program %s serves no second check', async (_, text) => {
  const first = await gradeAndAsk(text)
  expect(told(first.verdict)).toBe('passed')
  expect(await pidOfTheNext()).not.toBe(first.pid)
})

test('what fails leaves its process to the next check, if it is as good as new', async () => {
  const first = await gradeAndAsk('', async ({ fail }) => fail('one thing', 'another'))
  expect(told(first.verdict)).toBe('failed: expected one thing; saw another')
  expect(await pidOfTheNext()).toBe(first.pid)
})

test('what fails in a process that has served before is repeated in a new one, and that verdict stands', async () => {
  const before = await pidOfTheNext()
  const pids: string[] = []
  const { verdict } = await gradeAndAsk('', async ({ learner, fail }) => {
    pids.push(await pidOf(learner))
    fail('one thing', `another, for the ${pids.length}. time`)
  })
  expect(told(verdict)).toBe('failed: expected one thing; saw another, for the 2. time')
  expect(pids[0]).toBe(before)
  expect(pids[1]).not.toBe(before)
})

test('what fails once only has passed, and says so', async () => {
  await pidOfTheNext()
  let runs = 0
  const { verdict } = await gradeAndAsk('', async ({ expect: holds }) =>
    holds(++runs === 2, 'a second run', 'the first'),
  )
  expect(verdict).toMatchObject({ kind: 'passed', doubt: { kind: 'failed', saw: 'the first' } })
  expect(verdict.measured).toEqual([
    'passed when it was repeated in a new process; before that failed: expected a second run; saw the first',
  ])
})

test('what is not started is not repeated', async () => {
  const text = "import { todo } from './kit/todo.ts'\nexport const part = () => todo('R1')\n"
  await pidOfTheNext()
  let runs = 0
  const verdict = await gradeText(text, async ({ learner }) => {
    runs++
    await learner.call('part')
  })
  expect({ kind: verdict.kind, runs }).toEqual({ kind: 'not-started', runs: 1 })
})

test('a process never serves two learners', async () => {
  const first = await pidOfTheNext({ root: '/one' })
  expect(await pidOfTheNext({ root: '/other' })).not.toBe(first)
  expect(await pidOfTheNext({ root: '/one' })).toBe(first)
})

test('what of a suite goes on when its check is over reaches nobody', async () => {
  let order: Promise<unknown> = Promise.resolve()
  let goOn = (): void => undefined
  const over = new Promise<void>((resolve) => void (goOn = resolve))
  await gradeAndAsk('', async ({ learner }) => {
    order = over.then(() => learner.tick(1_000))
    order.catch(() => undefined)
  })
  const { verdict } = await gradeAndAsk(
    'export const time = () => performance.now()\n',
    async ({ learner, expectEqual }) => {
      goOn()
      await order.catch(() => undefined)
      expectEqual(await learner.call('time'), 0, 'the time')
    },
  )
  expect(told(verdict)).toBe('passed')
  await expect(order).rejects.toMatchObject({ code: 'E_LEARNER_ENDED' })
})

test('a call-back that an earlier program has kept reaches no later check', async () => {
  const text = `
const kept: Array<(word: string) => unknown> = []
export const keep = (fn: (word: string) => unknown) => void kept.push(fn)
export const use = () => void kept[0]?.('from before')
export const later = () => { const fn = kept[0]; setTimeout(() => void fn?.('late'), 10) }
`
  const heard: string[] = []
  const hear = (word: string): void => void heard.push(word)
  await gradeAndAsk(text, async ({ learner }) => {
    await learner.call('keep', hear)
    learner.holdClock()
    await learner.call('later')
  })
  const { verdict } = await gradeAndAsk(text, async ({ learner }) => {
    await learner.call('use')
    // It has the number that the earlier one had.
    await learner.call('keep', hear)
    await learner.tick(1_000)
  })
  expect([told(verdict), heard]).toEqual(['passed', []])
})

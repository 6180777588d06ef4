import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeHostile, told, useEngine } from './engine.ts'

/** Servers that are none, and programs that leave something behind. */

useEngine()

const serving =
  (name: string): CheckBody =>
  async ({ learner, connect }) => {
    const server = await learner.serve(name)
    const client = await connect(server.port)
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.response()
  }

const SERVERS: ReadonlyArray<readonly [name: string, verdict: RegExp]> = [
  [
    'neverListens',
    /^never-listened: expected neverListens\(\) to listen; saw your program is idle; nothing listens, and the promise is pending$/,
  ],
  [
    'onAnotherPort',
    /^never-listened: expected a server on port \d+, as onAnotherPort\(\) said; saw it listens on \d+$/,
  ],
  [
    'withoutPort',
    /^failed: expected withoutPort\(\) to resolve with a port; saw no port in what it resolved with$/,
  ],
  [
    'listensAndHangs',
    /^hung: expected listensAndHangs\(\) to resolve; saw nothing: your program is idle and the promise still pending$/,
  ],
  [
    'neverAnswers',
    /^failed: expected an HTTP response from you; saw nothing more: your program is idle, the connection open$/,
  ],
  [
    'neverAccepts',
    /^failed: expected an HTTP response from you; saw nothing more: your program is idle, the connection open$/,
  ],
  [
    'answersHalf',
    /^failed: expected an HTTP response from you; saw nothing more: your program is idle, the connection open after \d+ bytes that are not enough$/,
  ],
  [
    'closesAtOnce',
    /^never-listened: expected a server on port \d+, as closesAtOnce\(\) said; saw nothing listens$/,
  ],
]

test.each(SERVERS)('%s: %s', async (name, verdict) => {
  expect(told(await gradeHostile('servers', serving(name)))).toMatch(verdict)
})

const leaving =
  (name: string): CheckBody =>
  async ({ learner, listen }) => {
    const server = await listen()
    const call = learner.call(name, server.port)
    const connection = await server.connection()
    if (name === 'leaksNothing') await connection.fin()
    await call
    await learner.leavesNothing()
  }

test('what is left is told one by one: sockets, servers, and timers that hold a program', async () => {
  expect(told(await gradeHostile('servers', leaving('leaksEverything')))).toMatch(
    /; saw still there: a socket from port \d+ to port \d+, the server, a server on port \d+, 2 pending timers$/,
  )
})

test('a socket whose peer has not sent its FIN is still there', async () => {
  expect(told(await gradeHostile('servers', leaving('leaksHalf')))).toMatch(
    /^leaked: .* still there: a socket from port \d+ to port \d+, the server$/,
  )
})

test('a socket that is closed on both sides leaves nothing, its timeout included', async () => {
  expect(told(await gradeHostile('servers', leaving('leaksNothing')))).toBe('passed')
})

const hidden: CheckBody = async ({ learner, connect }) => {
  const server = await learner.serve('serve')
  const client = await connect(server.port)
  await client.silent()
}

test('a connection that no ledger shows is never proven idle: the bound ends it', async () => {
  const verdict = await gradeHostile('hidden-connection', hidden, { limits: { restlessMilliseconds: 500 } })
  expect(told(verdict)).toBe('hung: expected a program that lets go; saw no rest within 0.5 s')
})

test('a program that binds every port is stopped before others find none', { timeout: 120_000 }, async () => {
  const verdict = await gradeHostile(
    'binds-every-port',
    async ({ learner }) => void (await learner.call('run')),
    {
      limits: { cpuSeconds: 30, restlessMilliseconds: 60_000 },
    },
  )
  expect(told(verdict)).toBe(
    'forbidden: expected a program that stays in the lab; saw more than 1000 ports bound in one check',
  )
})

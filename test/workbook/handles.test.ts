import { expect, test } from 'vitest'
import { gradeFile, gradeText, told, useEngine } from './engine.ts'

/** What the TCP handles below node:net were told: Nagle's switch, and how many writes there were. */

useEngine()

const PROGRAM = 'test/workbook/programs/readers.ts'

const CALLS = [
  { way: 'one', options: {}, calls: ['writeUtf8String'] },
  { way: 'two', options: {}, calls: ['writeUtf8String', 'writeUtf8String'] },
  { way: 'corked', options: {}, calls: ['writev'] },
  { way: 'buffers', options: {}, calls: ['writeBuffer', 'writeBuffer'] },
  { way: 'latin1', options: {}, calls: ['writeLatin1String', 'writeLatin1String'] },
  { way: 'utf16', options: {}, calls: ['writeUcs2String'] },
  { way: 'end', options: {}, calls: ['writeUtf8String', 'shutdown'] },
  { way: 'reset', options: {}, calls: ['reset'] },
  { way: 'one', options: { noDelay: true }, calls: ['setNoDelay(true)', 'writeUtf8String'] },
  { way: 'noDelayOff', options: {}, calls: ['setNoDelay(true)', 'setNoDelay(false)'] },
  { way: 'keepAlive', options: {}, calls: ['setKeepAlive(true, 0)'] },
  {
    way: 'one',
    options: { noDelay: true, keepAlive: true },
    calls: ['setNoDelay(true)', 'setKeepAlive(true, 0)', 'writeUtf8String'],
  },
]

test.each(CALLS)('a client, $way with $options: $calls', async ({ way, options, calls }) => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, listen, expectEqual }) => {
    const server = await listen()
    await learner.call('connect', server.port, options, way)
    await learner.idle()
    const asked = [`connect(127.0.0.1, ${server.port})`, ...calls]
    expectEqual(await learner.handleCalls(), asked, 'the calls')
  })
  expect(told(verdict)).toBe('passed')
})

// A server that resets at once may do it before our connect has returned.
test.each(CALLS.filter(({ options, way }) => !options.keepAlive && way !== 'reset'))(
  'a server, $way with $options: $calls',
  async ({ way, options, calls }) => {
    const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expectEqual }) => {
      const server = await learner.serve('serveWriting', options, way)
      await connect(server.port)
      await learner.idle()
      expectEqual(await learner.handleCalls(), ['bind(127.0.0.1)', ...calls], 'the calls')
    })
    expect(told(verdict)).toBe('passed')
  },
)

test.each(['0.0.0.0', '::'])(
  'a server on %s is noted as it was asked for, though it listens on 127.0.0.1',
  async (host) => {
    const program =
      "import { createServer } from 'node:net'\nexport const run = (host) => void createServer().listen(0, host)"
    const verdict = await gradeText(program, async ({ learner, expectEqual }) => {
      await learner.call('run', host)
      await learner.idle()
      expectEqual(await learner.handleCalls(), [`bind(${host})`], 'the calls')
    })
    expect(told(verdict)).toBe('passed')
  },
)

test('standard output is no TCP handle: what is printed is not among the calls', async () => {
  const program = "export const run = () => { console.log('a'); process.stdout.write('b') }"
  const verdict = await gradeText(program, async ({ learner, expectEqual }) => {
    await learner.call('run')
    await learner.idle()
    expectEqual(await learner.handleCalls(), [], 'the calls')
  })
  expect(told(verdict)).toBe('passed')
})

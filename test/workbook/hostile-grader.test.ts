import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { calling, gradeHostile, problemOf, told, useEngine } from './engine.ts'
import { commandLines } from './processes.ts'

/** Programs that attack the line to the grader, its child program, or the machine. */

useEngine()

const run = calling('run')
const thenLeavesNothing: CheckBody = async ({ learner, listen }) => {
  const server = await listen()
  await learner.call('run', server.port)
  await server.connection()
  await learner.leavesNothing()
}
/** What a right program would pass: a call, time, idleness, another call. */
const everything: CheckBody = async ({ learner, expectEqual }) => {
  expectEqual(await learner.call('run'), 'done', 'the result')
  await learner.idle()
  await learner.tick(1000)
  expectEqual(await learner.call('run'), 'done', 'the second result')
  await learner.leavesNothing()
}

const FORBIDDEN: ReadonlyArray<readonly [name: string, saw: string]> = [
  ['send-result', 'process.send: the line to the grader is not part of the lab'],
  ['disconnect', 'process.disconnect: the line to the grader is not part of the lab'],
  ['ipc-by-descriptor', 'a socket by path or descriptor'],
  ['ipc-by-handle', 'a socket by path or descriptor'],
  ['kill-parent', 'process.kill: the program stays in its own process'],
  ['grandchild-import', 'import of "node:child_process": the program stays in its own process'],
  ['grandchild-binding', 'process.binding: the program stays in its own process'],
  ['atomics-wait', 'Atomics.wait: use setTimeout'],
]

const READ_ONLY: ReadonlyArray<readonly [name: string, property: string]> = [
  ['patch-promise', "'then' of object '#<Promise>'"],
  ['patch-map', "'get' of object '#<Map>'"],
  ['patch-array', "'push' of object '[object Array]'"],
  ['patch-iterator', "'Symbol(Symbol.iterator)'"],
  ['patch-regexp', "'test'"],
  ['patch-json', "'stringify'"],
  ['patch-entries', "'entries'"],
  ['patch-call', "'call'"],
  ['patch-globals', "'Map'"],
  ['patch-stacks', "'prepareStackTrace'"],
]

test.each(FORBIDDEN)('%s is forbidden, and told as: %s', async (name, saw) => {
  expect(problemOf(await gradeHostile(name, run))).toMatchObject({
    kind: 'forbidden',
    saw: expect.stringContaining(saw) as string,
  })
})

test.each(READ_ONLY)('%s fails at its own line: %s is read-only', async (name, property) => {
  const verdict = problemOf(await gradeHostile(name, run))
  expect(verdict).toMatchObject({ kind: 'crashed', expected: 'a program that loads' })
  expect(verdict.saw).toContain(`Cannot assign to read only property ${property}`)
})

const NOT_EXTENSIBLE: ReadonlyArray<readonly [name: string, saw: string]> = [
  ['line-by-buffer', 'Cannot define property set, object is not extensible'],
  ['line-by-typed-array', 'Cannot define property set, object is not extensible'],
  ['line-by-species', "Cannot assign to read only property 'constructor'"],
  ['line-by-iterator', 'Cannot redefine property: Symbol(Symbol.iterator)'],
  ['line-by-request', 'Cannot define property oncomplete, object is not extensible'],
  ['line-by-ref', "Cannot assign to read only property 'ref'"],
]

test.each(NOT_EXTENSIBLE)('%s does not get at the line to the grader: %s', async (name, saw) => {
  const verdict = await gradeHostile(name, async ({ learner, listen }) => {
    const { port } = await listen()
    await learner.call('run', port)
  })
  expect(told(verdict)).toMatch(
    /^(?:crashed|failed): expected (?:a program that loads|run\(\) to resolve); saw/,
  )
  expect(told(verdict)).toContain(saw)
})

test('Object.prototype takes no further properties', async () => {
  const verdict = await gradeHostile('patch-object', run)
  expect(told(verdict)).toContain('Cannot define property op, object is not extensible')
})

test('methods of TCP handles are read-only', async () => {
  const verdict = await gradeHostile('patch-handles', thenLeavesNothing)
  expect(told(verdict)).toContain("Cannot assign to read only property 'connect' of object '#<TCP>'")
})

test('no socket can lie about itself: neither all of them nor one', async () => {
  const all = await gradeHostile('patch-net', thenLeavesNothing)
  expect(told(all)).toContain('Cannot redefine property')
  const one = await gradeHostile('patch-instance', thenLeavesNothing)
  expect(told(one)).toMatch(/^leaked: .* still there: a socket from port \d+ to port \d+, the .+$/)
})

test('a server that does not listen cannot say that it does', async () => {
  const verdict = await gradeHostile(
    'patch-create-server',
    async ({ learner }) => void (await learner.serve('serve')),
  )
  expect(told(verdict)).toBe(
    'never-listened: expected a server on port 4711, as serve() said; saw nothing listens',
  )
})

test('patched functions of process hide no work from the proof of idleness', async () => {
  const verdict = await gradeHostile('patch-process', async ({ learner, connect }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    await client.send('x')
    await client.silent()
  })
  expect(told(verdict)).toContain('silence; saw 4 bytes from you')
})

test.each(['ipc-by-symbols', 'ipc-by-inner-names', 'no-listeners', 'patch-emitter'])(
  '%s finds nothing and changes nothing: the check goes on to its end',
  async (name) => {
    expect(told(await gradeHostile(name, everything))).toBe('passed')
  },
)

test('a message listener hears nothing', async () => {
  const verdict = await gradeHostile('message-listener', async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('run'), 0, 'messages heard')
    expectEqual(await learner.call('run'), 0, 'messages heard later')
  })
  expect(told(verdict)).toBe('passed')
})

test('the clock of the check is not to be found, and not to be moved', async () => {
  const verdict = await gradeHostile('patch-clock', async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('run'), 0, 'milliseconds moved')
  })
  expect(told(verdict)).toBe('passed')
})

test('signals that are ignored do not keep a process alive', async () => {
  const verdict = await gradeHostile('signals-ignored', async ({ learner }) => {
    await learner.call('run')
    await learner.leavesNothing()
  })
  expect(told(verdict)).toMatch(/^leaked: .* a server on port \d+, 1 pending timer$/)
})

test('nothing of the grader stands in the environment or on the command line', async () => {
  const verdict = await gradeHostile('environment', async ({ learner, expectEqual }) => {
    expectEqual(await learner.call('run'), { env: [], argv: 'node /lab', execArgv: [], cwd: '/' }, 'process')
  })
  expect(told(verdict)).toBe('passed')
})

test('no grandchild is left', () => {
  expect(commandLines()).not.toContain('sleep 31337')
})

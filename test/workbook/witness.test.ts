import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { KernelWitness } from '../../workbook/learner/kernel.ts'
import { gradeHostile, gradeText, told, useEngine } from './engine.ts'

/** What a program says of its own sockets is held against the kernel, before it lets a check pass. Linux alone shows it. */

useEngine()

const skip = process.platform !== 'linux'

const isRefused: CheckBody = async ({ learner, refused }) => {
  const server = await learner.serve('serve')
  await server.close()
  await refused(server.port)
}

test('a server that goes on is found, whatever its handle says', { skip }, async () => {
  const verdict = await gradeHostile('own-getsockname', isRefused)
  expect(told(verdict)).toMatch(
    /^failed: expected no further connection on port \d+: your server is closing; saw it goes on listening/,
  )
})

test('bytes that wait in the program are counted, whatever its handle says', { skip }, async () => {
  const verdict = await gradeHostile('own-queue-size', async ({ learner, connect, expect: holds }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port, { paused: true })
    await client.send(Buffer.alloc(32 * 2 ** 20))
    const held = await learner.held()
    holds(held < 2 ** 20, 'less than 1 MiB held', `${held >= 16 * 2 ** 20 ? 'more than 16 MiB' : held} held`)
  })
  expect(told(verdict)).toBe('failed: expected less than 1 MiB held; saw more than 16 MiB held')
})

const runs: CheckBody = async ({ learner, listen }) => {
  const server = await listen()
  await learner.call('run', server.port)
}
const leavesNothing: CheckBody = async (check) => {
  await runs(check)
  await check.learner.leavesNothing()
}

test('a socket whose peer goes on is still there, whatever its state says', { skip }, async () => {
  expect(told(await gradeHostile('ended-in-name', leavesNothing))).toMatch(
    /^leaked: expected no socket, server or timer left; saw still there: a socket from port \d+ to port \d+$/,
  )
})

test('a socket that no ledger shows keeps every check from passing', { skip }, async () => {
  expect(told(await gradeHostile('hidden-handle', runs))).toMatch(
    /^forbidden: expected a program that stays in the lab; saw the system shows a socket from port \d+ to port \d+, which it does not show$/,
  )
})

test('a ledger that throws is the fault of whoever made it so', async () => {
  expect(told(await gradeHostile('ledger-that-throws', leavesNothing))).toBe(
    'crashed: expected a program that goes on running; saw what the grader asks of its process fails: Error: no handle for you',
  )
})

const ECHO = `
import net from 'node:net'
export async function serve() {
  const server = net.createServer((socket) => { socket.on('error', () => undefined); socket.pipe(socket) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}`

test('what an honest program says is within what the kernel lets it say', { skip }, async () => {
  const verdict = await gradeText(ECHO, async ({ learner, connect, expectEqual, expect: holds }) => {
    const server = await learner.serve('serve')
    const open = await connect(server.port)
    await open.send('x'.repeat(1000))
    await open.take(1000)
    expectEqual(await learner.passed(), { taken: 1000, left: 1000 }, 'what has passed')
    const full = await connect(server.port, { paused: true })
    await full.send(Buffer.alloc(16 * 2 ** 20))
    const { taken, left } = await learner.passed()
    holds(taken - left < 2 ** 20, 'less than 1 MiB held', `${taken - left}`)
    expectEqual(await learner.openSockets(), 2, 'open sockets')
    await open.fin()
    await open.sees('FIN')
    expectEqual(await learner.openSockets(), 1, 'open sockets')
  })
  expect(told(verdict)).toBe('passed')
})

test('of a process that is gone nothing is shown', { skip }, () => {
  expect(KernelWitness.of(2 ** 22 + 1)).toBeNull()
})

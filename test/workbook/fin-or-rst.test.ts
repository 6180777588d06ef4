import { expect, test } from 'vitest'
import { gradeFile, gradeText, told, times, useEngine } from './engine.ts'

/** The grader tells FIN from RST, a thousand times over, whatever Node makes of it. */

useEngine()

const KINDS = [
  ['end', 'FIN'],
  ['destroy', 'FIN'],
  ['destroySoon', 'FIN'],
  ['resetAndDestroy', 'RST'],
  ['destroyUnread', 'RST'],
] as const
const LENGTHS = [0, 10, 200_000]
const ROUNDS = times(67)

test.each(KINDS.flatMap(([how, truth]) => LENGTHS.map((length) => ({ how, truth, length }))))(
  '$how after $length bytes is $truth',
  async ({ how, truth, length }) => {
    const verdict = await gradeFile(
      'test/workbook/programs/closers.ts',
      async ({ learner, connect, expectEqual }) => {
        const server = await learner.serve('serve')
        const seen: Record<string, number> = {}
        for (let round = 0; round < ROUNDS; round++) {
          const client = await connect(server.port)
          if (how === 'destroyUnread') await client.send('unread')
          await learner.idle()
          await learner.call('close', how, length)
          const end = await client.seesEnd()
          seen[end] = (seen[end] ?? 0) + 1
          await client.fin()
        }
        expectEqual(seen, { [truth]: ROUNDS }, 'ends seen')
      },
    )
    expect(told(verdict)).toBe('passed')
  },
)

test('a reset by the grader is seen by a program that reads, after all bytes, each time', async () => {
  const program = `
    import net from 'node:net'
    const seen: string[] = []
    export async function serve() {
      const server = net.createServer((socket) => {
        socket.on('data', (bytes) => seen.push(String(bytes)))
        socket.on('end', () => seen.push('end')).on('error', ({ code }: NodeJS.ErrnoException) => seen.push(String(code)))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return { port: (server.address() as net.AddressInfo).port }
    }
    export const events = () => seen.splice(0)`
  const verdict = await gradeText(program, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serve')
    for (let round = 0; round < ROUNDS; round++) {
      const client = await connect(server.port)
      await client.send('bytes')
      await client.reset()
      await learner.idle()
      expectEqual(await learner.call('events'), ['bytes', 'ECONNRESET'], 'events')
    }
  })
  expect(told(verdict)).toBe('passed')
})

test('a FIN of the grader, then a reset, leaves nothing to wait for', async () => {
  const verdict = await gradeFile('test/workbook/programs/closers.ts', async ({ learner, connect }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    await client.fin()
    await client.reset({ now: true })
    await learner.idle()
    await learner.call('close', 'destroy', 0)
    await learner.idle()
  })
  expect(told(verdict)).toBe('passed')
})

import type { Check } from '../../../workbook/grading/check.ts'
import { answers, converse, drawText, mib, MIB, sending, startEcho } from './scenes.ts'

/** Clients and calls that are there at once, or one after the other, and have nothing to do with each other. */

/** What has come for one call is nothing to another. */
export async function twoCalls(c: Check): Promise<void> {
  const calls = [await sending(c, [drawText(c), drawText(c)]), await sending(c, [drawText(c), drawText(c)])]
  const said = calls.map(() => [drawText(c), drawText(c)])
  for (const [index, { connection }] of calls.entries()) await connection.send(`${said[index]?.[0]}\n`)
  await c.learner.idle()
  for (const [index, { call, connection }] of calls.entries()) {
    await connection.send(`${said[index]?.[1]}\n`)
    await connection.fin()
    c.expectEqual(await call, said[index], `the answers of call ${index + 1}`)
  }
  await c.learner.leavesNothing()
}

/** A server may answer before it reads. */
export async function answersFirst(c: Check): Promise<void> {
  const lines = Array.from({ length: 1_000 }, (_, index) => `${index} ${'x'.repeat(8_000)}`)
  const server = await c.listen({ paused: true })
  const call = c.learner.call<string[]>('sendLines', server.port, lines)
  const connection = await server.connection()
  const said = lines.map((line) => line.toUpperCase())
  await connection.send(said.map((line) => `${line}\n`).join(''))
  await c.learner.idle()
  const { taken } = await c.learner.passed()
  const saw = `${mib(taken)}: your client waits until its own lines are out, and the server until it reads`
  c.expect(
    taken > 7 * MIB,
    `the ${mib(8_000_000)} of answers taken, though the server reads nothing yet`,
    saw,
  )
  connection.read()
  await connection.sees('FIN')
  await connection.fin()
  c.expectEqual((await call).length, lines.length, 'the number of answers')
  await c.learner.leavesNothing()
}

/** Neither the port nor the four-tuple of a connection that is gone makes a client. */
export async function samePort(c: Check): Promise<void> {
  const server = await startEcho(c)
  const one = await c.connect(server.port)
  const other = await c.connect(server.port, { from: '127.0.0.3', fromPort: one.localPort })
  const words = [c.random.word(), c.random.word()]
  await one.send('a')
  await other.send('b')
  await c.learner.idle()
  await other.send(`${words[1]}\n`)
  await one.send(`${words[0]}\n`)
  await answers(c, one, [`a${words[0]}`])
  await answers(c, other, [`b${words[1]}`])
  await other.send('left behind')
  await other.reset()
  await c.learner.idle()
  await converse(c, await c.connect(server.port, { from: '127.0.0.3', fromPort: one.localPort }))
}

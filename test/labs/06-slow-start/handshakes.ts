import type { Check } from '../../../workbook/grading/check.ts'
import { expectRequest, fetchPage, responseOf } from './fetch-messages.ts'

/**
 * On loopback a handshake takes no time, so nobody would see who waits for one before it opens the next connection. Here
 * the further connections hear that they are connected when the program opens nothing more without that.
 */
export async function sideBySide(c: Check): Promise<void> {
  const listener = await c.listen()
  const { port } = listener
  const targets = ['/page', '/a', '/b', '/c', '/d']
  const further = targets.length - 2
  const call = fetchPage(c, port, targets, further + 1)
  const first = await listener.connection()
  await expectRequest(c, (await first.request()).raw, { target: '/page', port })
  await c.learner.make('holdHandshakes')
  await first.send(responseOf(c.random.bytes(20)))
  await c.learner.idle()
  const opened = await c.learner.make<number>('openedSideBySide')
  c.expectEqual(
    opened,
    further,
    'how many further connections are opened while no handshake of theirs is over',
  )
  await first.request()
  await first.send(responseOf(c.random.bytes(20)))
  for (let count = 0; count < further; count++) {
    const connection = await listener.connection()
    await connection.request()
    await connection.send(responseOf(c.random.bytes(20)))
  }
  c.expectEqual((await call).length, targets.length, 'how many responses there are')
}

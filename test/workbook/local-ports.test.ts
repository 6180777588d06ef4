import { expect, test } from 'vitest'
import { holdLocalPorts } from '../../workbook/wire/local-ports.ts'
import { gradeFile, told, useEngine } from './engine.ts'

/** Ports of this machine that are kept for a program to connect from. */

useEngine()

const PROGRAM = 'test/workbook/programs/dialer.ts'
const skip = process.platform !== 'linux'

test('a program connects from each of them, and they are all different', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, listen, localPorts, expectEqual }) => {
    const ports = localPorts(3)
    expectEqual(new Set(ports).size, 3, 'how many')
    const server = await listen()
    for (const port of ports) {
      expectEqual(await learner.call('dialFrom', port, server.port), `from ${port}`, 'what it says')
      expectEqual((await server.connection()).remotePort, port, 'the port that the server sees')
    }
  })
  expect(told(verdict)).toBe('passed')
})

test('one leads to two servers, and not twice to the same', { skip }, async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, listen, localPorts, expectEqual }) => {
    const [port = 0] = localPorts(1)
    const [one, other] = [await listen(), await listen()]
    const said: unknown[] = []
    for (const server of [one, one, other]) said.push(await learner.call('dialFrom', port, server.port))
    expectEqual(said, [`from ${port}`, 'EADDRNOTAVAIL', `from ${port}`], 'what it says')
  })
  expect(told(verdict)).toBe('passed')
})

test('the system gives them to nobody else while they are held', { skip }, () => {
  const held = holdLocalPorts(200)
  const others = holdLocalPorts(200)
  expect(new Set([...held.ports, ...others.ports]).size).toBe(400)
  held.release()
  others.release()
})

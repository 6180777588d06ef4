import { expect, test } from 'vitest'
import { calling, gradeFile, gradeText, told, useEngine } from './engine.ts'

/** Links that speak no HTTP/1, or lose a segment; and calls of static methods. */

useEngine()

const ECHO = `import net from 'node:net'
export class Line {
  static #made = 0
  static async say(port, ...words) {
    Line.#made++
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    for (const word of words) socket.write(word)
    const parts = []
    return await new Promise((resolve) => {
      socket.on('data', (bytes) => {
        parts.push(bytes)
        if (bytes.includes('.')) resolve(Buffer.concat(parts).toString())
      })
    }).finally(() => socket.destroy())
  }
  static get made() { return Line.#made }
}
`

test('a link answers whatever arrives, where it is told how', async () => {
  const verdict = await gradeText(ECHO, async ({ learner, link, expectEqual }) => {
    const path = await link({ answer: (bytes, connection) => `${connection} ${bytes.toString()}!.` })
    expectEqual(await learner.call('Line.say', path.port, 'no HTTP'), '1 no HTTP!.', 'what came back')
    expectEqual(path.roundTrips, 2, 'round trips')
  })
  expect(told(verdict)).toBe('passed')
})

test.each([
  ['no segment', 0, [2, 2, 2]],
  ['the first', 1, [3, 3, 3]],
  ['the second', 2, [2, 3, 3]],
  ['one that is never sent', 9, [2, 2, 2]],
])('of three segments, %s is lost: TCP gives out nothing behind it', async (_what, loses, trips) => {
  const seen: number[] = []
  const verdict = await gradeText(
    ECHO.replace('parts.push(bytes)', 'parts.push(bytes); told(String(bytes))').replace(
      'say(port,',
      'say(told, port,',
    ),
    async ({ learner, link }) => {
      const path = await link({ answer: () => 'aabb.', segmentSize: 2, loses })
      const told = (bytes: string): void => {
        for (let at = 0; at < bytes.length; at += 2) seen.push(path.roundTrips)
      }
      await learner.call('Line.say', told, path.port, 'x')
    },
  )
  expect(told(verdict)).toBe('passed')
  expect(seen).toEqual(trips)
})

test('a loss on one connection holds up no other', async () => {
  const verdict = await gradeFile(
    'test/workbook/programs/fetchers.ts',
    async ({ learner, link, expectEqual }) => {
      const body = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
      const path = await link({ respond: () => body, loses: 2 })
      await learner.call('parallel', path.port)
      expectEqual([path.roundTrips, path.connections], [5, 4], 'the counts')
    },
  )
  expect(told(verdict)).toBe('passed')
})

test('a static method that is not there is an export that is not there', async () => {
  const verdict = await gradeText(ECHO, calling('Line.sing'))
  expect(told(verdict)).toContain(
    'a function Line.sing that your file exports; saw none; your file exports Line',
  )
  expect(told(await gradeText(ECHO, calling('Rope.say')))).toContain('a function Rope.say')
})

import type { Check } from '../../../workbook/grading/check.ts'
import { answers, refused, startEcho } from './scenes.ts'

/** Short ones, and one above the default: whoever has bounds of his own, or takes 0 for nothing given, is found here. */
export async function everyLimit(c: Check): Promise<void> {
  for (const maxLineBytes of [0, 1, 2, 70_000]) {
    const server = await startEcho(c, { maxLineBytes })
    const client = await c.connect(server.port, { name: `client with ${maxLineBytes}` })
    const longest = 'x'.repeat(maxLineBytes)
    await client.send(`${longest}\n\n${longest}\r`)
    await answers(c, client, [longest, ''])
    await client.send('\n')
    await answers(c, client, [longest])
    await client.send(`${longest}y`)
    c.step(`a line is a byte longer than the ${maxLineBytes} that are allowed`)
    await c.learner.idle()
    const saw = 'nothing: your server waits for a line end'
    c.expect(client.unread.length > 0, `an error line: at most ${maxLineBytes} bytes are allowed`, saw)
    await refused(c, client)
  }
}

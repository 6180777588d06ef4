import { once, EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { connectEnd } from '../../workbook/wire/tcp-end.ts'
import { TcpListener } from '../../workbook/wire/tcp-listener.ts'
import { Transcript } from '../../workbook/wire/transcript.ts'

/** The grader's end of a connection. */

test('an end that stops reading takes nothing, and everything when it reads again', async () => {
  const activity = new EventEmitter()
  const options = { lane: 'end', transcript: new Transcript(), onActivity: () => void activity.emit('any') }
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) await once(activity, 'any')
  }
  const listener = await TcpListener.open(options, () => void activity.emit('any'))
  const client = await connectEnd(listener.port, options)
  await until(() => listener.ends.length > 0)
  const server = listener.ends[0]
  await server?.send(Buffer.alloc(10))
  await until(() => client.receivedLength === 10)
  client.pause()
  await server?.send(Buffer.alloc(1_000))
  await client.send(Buffer.alloc(1))
  await until(() => server?.receivedLength === 1)
  expect(client.receivedLength).toBe(10)
  client.read()
  await until(() => client.receivedLength === 1_010)
  client.destroy()
  listener.close()
})

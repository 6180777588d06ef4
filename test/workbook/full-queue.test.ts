import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connectOrGiveUp } from '../../workbook/grading/connect.ts'
import type { Session } from '../../workbook/grading/session.ts'
import { QUEUE_FULL, type TcpEnd } from '../../workbook/wire/tcp-end.ts'
import { Transcript } from '../../workbook/wire/transcript.ts'

/** Listens, with a queue for one, and then never accepts again. */
const NEVER_ACCEPTS = `
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

test('a connection for which a full queue has no place is given up once the program is idle', async () => {
  const child = spawn(process.execPath, ['-e', NEVER_ACCEPTS], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  let proofs = 0
  const session = { idle: () => Promise.resolve(void proofs++) } as unknown as Session
  const options = { lane: 'client', transcript: new Transcript(), onActivity: () => undefined }
  const ends: TcpEnd[] = []
  const all = Array.from({ length: 8 }, () => connectOrGiveUp(session, Number(port), options))
  const settled = await Promise.allSettled(all)
  const codes = settled.map((each) => {
    if (each.status === 'rejected') return (each.reason as NodeJS.ErrnoException).code
    ends.push(each.value)
    return 'connected'
  })
  child.kill('SIGKILL')
  for (const end of ends) end.destroy()
  expect(new Set(codes)).toEqual(new Set(['connected', QUEUE_FULL]))
  expect(proofs).toBeGreaterThanOrEqual(20)
})

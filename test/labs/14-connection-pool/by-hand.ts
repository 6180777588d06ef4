import { setTimeout as passes } from 'node:timers/promises'
import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  pool: {
    says: 'your pool with two places sends six requests at once, and its idle connections end after 3 s',
    peer: {
      name: 'origin',
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`${method} ${target}`),
    },
    async run(program, { host, port }, say) {
      const options = { maxPerOrigin: 2, maxWaiting: 9, idleMs: 3_000, marginMs: 1_000 }
      const pool = await program.construct<Pool>('Pool', options)
      const calls = ['/1', '/2', '/3', '/4', '/5', '/6'].map((target) =>
        pool.request({ host, port }, { target }),
      )
      for (const call of calls) say(`request() resolved with ${(await call).status}`)
      say('six answers: look how many connections carried them, and wait for 3 s')
      await passes(3_500)
      await pool.close()
      say('close() resolved')
    },
  },
} satisfies TryIt

// --- internal ---

interface Pool {
  request(
    origin: { readonly host: string; readonly port: number },
    request: { readonly target: string },
  ): PromiseLike<{ readonly status: number }>
  close(): PromiseLike<void>
}

import type { Call } from '../../../workbook/grading/check.ts'
import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

const peer = {
  name: 'server',
  reads: 'http',
  answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
} as const satisfies TryIt[string]['peer']

export default {
  server: {
    says: 'your requestMany sends three requests, and the server closes first',
    peer,
    async run(program, { port }, say) {
      await program.call('requestMany', port, 3, { whoCloses: 'server' })
      say("three are over: the server's ends wait")
    },
  },
  ports: {
    says: 'your PortAllocator has two ports, and time passes by itself',
    peer,
    async run(program, { port }, say) {
      const remote = { host: '127.0.0.1', port }
      const options = { first: 50_000, last: 50_001, mslMs: 1_000, now: program.clock }
      const ports = await program.construct<Ports>('PortAllocator', options)
      for (const closedFirst of [true, false]) {
        const taken = await ports.take(remote)
        await ports.release(remote, taken, closedFirst)
        say(`port ${taken} was taken and released; closed first: ${closedFirst}`)
      }
      say(`port ${await ports.take(remote)} is taken`)
      const { code, waiting, freeInMs } = await ports.take(remote).rejects()
      say(`then ${String(code)}: ${String(waiting)} waits, for ${String(freeInMs)} ms`)
    },
  },
} satisfies TryIt

// --- internal ---

interface Ports {
  take(remote: object): Call<number>
  release(remote: object, port: number, closedFirst: boolean): Call<void>
}

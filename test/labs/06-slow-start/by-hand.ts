import type { Call } from '../../../workbook/grading/check.ts'
import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

const peer = {
  name: 'server',
  reads: 'http',
  answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
} as const satisfies TryIt[string]['peer']

const ETHERNET = { mss: 1_460, receiveWindow: 1_000_000 }

export default {
  page: {
    says: 'your fetchPage fetches a page and four images over two connections',
    peer,
    async run(program, { port }, say) {
      const targets = ['/', '/1.png', '/2.png', '/3.png', '/4.png']
      const responses = await program.call<unknown[]>('fetchPage', port, targets, { connections: 2 })
      say(`${responses.length} responses are there`)
    },
  },
  window: {
    says: 'your CongestionWindow opens, and your planFlights says what that means',
    peer,
    async run(program, _, say) {
      const window = await program.construct<Window>('CongestionWindow', ETHERNET)
      for (let acks = 0; acks <= 10; acks += 5) {
        say(`after ${acks} acknowledgements, sendable(0) is ${await window.sendable(0)}`)
        for (let each = 0; each < 5; each++) await window.acked(1_460)
      }
      const flights = await program.call<number[]>('planFlights', { ...ETHERNET, bytes: 100_000 })
      say(`100,000 bytes leave in flights of ${flights.join(', ')} bytes`)
    },
  },
} satisfies TryIt

// --- internal ---

interface Window {
  sendable(inFlight: number): Call<number>
  acked(bytes: number): Call<void>
}

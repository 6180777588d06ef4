import { setTimeout as passes } from 'node:timers/promises'
import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  client: {
    says: 'your timeMany fetches three pages; a lookup takes 80 ms of real time',
    peer: {
      name: 'server',
      at: { host: 'harbour.example', port: 8080 },
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
    },
    async run(program, { host, port }, say) {
      const urls = ['/first', '/second', '/third'].map((target) => `http://${host}:${port}${target}`)
      const lookup = async (name: string): Promise<string> => {
        say(`lookup('${name}') takes 80 ms`)
        await passes(80)
        return '127.0.0.1'
      }
      for (const phases of await program.call<Phases[]>('timeMany', urls, { now: program.clock, lookup }))
        say(inWords(phases))
    },
  },
} satisfies TryIt

// --- internal ---

interface Phases {
  readonly dns: number | null
  readonly connect: number | null
  readonly request: number
  readonly response: number
  readonly total: number
}

function inWords({ dns, connect, request, response, total }: Phases): string {
  const [a, b, c, d, e] = [dns, connect, request, response, total].map((each) => each?.toFixed(1) ?? 'none')
  return `dns ${a}, connect ${b}, request ${c}, response ${d}: ${e} ms`
}

import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  client: {
    says: 'your fetchOnce asks a server of ours, and says its steps',
    peer: {
      name: 'server',
      at: { host: 'harbour.example', port: 80 },
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
    },
    async run(program, { host }, say) {
      const onStep = (step: string): void => say(`onStep('${step}')`)
      const { status, body } = await program.call<Answer>('fetchOnce', `http://${host}/tide`, { onStep })
      say(`fetchOnce() resolved with ${status} and ${body.length} bytes`)
    },
  },
} satisfies TryIt

// --- internal ---

interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

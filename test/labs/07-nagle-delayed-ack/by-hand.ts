import type { TryIt } from '../../../workbook/grading/try-it.ts'
import { textResponse } from '../../../workbook/grading/try-it.ts'

const HEAD =
  'POST /question HTTP/1.1\r\nHost: cache.example\r\nContent-Length: 8\r\nConnection: close\r\n\r\n'

export default {
  client: {
    says: 'your ask sends the same request in all four ways',
    peer: {
      name: 'server',
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
    },
    async run(program, { port }, say) {
      for (const way of ['two-writes', 'one-write', 'cork', 'no-delay']) {
        const answer = await program.call<Uint8Array>(
          'ask',
          port,
          Buffer.from(HEAD),
          Buffer.from('question'),
          way,
        )
        say(`'${way}' is answered with ${answer.length} bytes`)
      }
    },
  },
} satisfies TryIt

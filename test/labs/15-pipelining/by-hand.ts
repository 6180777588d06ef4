import { setTimeout as passes } from 'node:timers/promises'
import type { Request } from '../../../labs/kit/http.ts'
import { echoAnswer, textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  server: {
    says: 'your servePipelined; /slow takes 3 s, and at most 4 requests wait',
    serve: () => ['servePipelined', hello, { maxWaiting: 4 }],
    poke: [
      [
        "printf 'GET /slow HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET /quick HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | nc -N 127.0.0.1 PORT",
        'the quick answer is ready first, and leaves second',
      ],
      ['curl -v http://127.0.0.1:PORT/a http://127.0.0.1:PORT/b', 'curl does not pipeline: one by one'],
      ["curl -v -H 'Connection: close' http://127.0.0.1:PORT/a", 'the answer says close, and FIN follows'],
    ],
  },
  client: {
    says: 'your pipeline sends a page, three images and a form to a server of ours',
    peer: {
      name: 'server',
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`${method} ${target}`),
    },
    async run(program, { port }, say) {
      const asked = ['GET /page', 'GET /1.png', 'GET /2.png', 'GET /3.png', 'POST /form']
      const outcomes = await program.call<unknown[]>('pipeline', port, asked.map(requestOf), { depth: 3 })
      say(`pipeline() resolved with ${outcomes.length} outcomes`)
    },
  },
} satisfies TryIt

// --- internal ---

async function hello(request: Request) {
  if (request.target === '/slow') await passes(3_000)
  return echoAnswer(request)
}

function requestOf(line: string): Request {
  const [method = '', target = ''] = line.split(' ')
  const headers = [['Host', 'a.example']] as const
  return { method, target, version: '1.1', headers, body: Buffer.alloc(0) }
}

import { setTimeout as passes } from 'node:timers/promises'
import type { Request } from '../../../labs/kit/http.ts'
import { echoAnswer, textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  server: {
    says: 'your server closes after 15 s without a request, and after 5 requests at the latest',
    serve: () => ['serve', hello, { idleMs: 15_000, maxRequests: 5 }],
    poke: [
      ['curl -v http://127.0.0.1:PORT/a http://127.0.0.1:PORT/b', 'two requests: how many SYN?'],
      ['curl -v --http1.0 http://127.0.0.1:PORT/a', 'who closes, and does an answer say keep-alive?'],
      [
        "(printf 'GET /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'; sleep 20) | nc -N 127.0.0.1 PORT",
        'wait: your FIN comes after 15 s, before its own',
      ],
      ['curl -v http://127.0.0.1:PORT/slow', 'its handler takes 3 s: the idle clock has to stand still'],
    ],
  },
  client: {
    says: 'your client asks three times on one connection, if it keeps it, and then closes',
    peer: {
      name: 'server',
      reads: 'http',
      answer: ({ words: [method, target] }) => textResponse(`${method} ${target}`),
    },
    async run(program, { port }, say) {
      const client = await program.construct<Client>('KeepAliveClient', port)
      for (const target of ['/one', '/two', '/three']) {
        const { status } = await client.request({ target })
        say(`request() resolved with ${status}`)
      }
      await client.close()
      say('close() resolved')
    },
  },
} satisfies TryIt

// --- internal ---

interface Client {
  request(request: { readonly target: string }): PromiseLike<{ readonly status: number }>
  close(): PromiseLike<void>
}

async function hello(request: Request) {
  if (request.target === '/slow') await passes(3_000)
  return echoAnswer(request)
}

import { setTimeout as passes } from 'node:timers/promises'
import type { Request } from '../../../labs/kit/http.ts'
import { echoAnswer, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  server: {
    says: 'your server takes 100 streams at once; /slow takes 3 s, /large has a megabyte',
    serve: () => ['serveH2', answer, { maxStreams: 100, windowBytes: 65_535 }],
    poke: [
      [
        'curl --http2-prior-knowledge -v http://127.0.0.1:PORT/a',
        'which names does your answer have, and in which case?',
      ],
      [
        'nghttp -nv http://127.0.0.1:PORT/slow http://127.0.0.1:PORT/fast',
        'every frame: which answer comes first?',
      ],
      [
        'nghttp -nv -w 10 -W 11 http://127.0.0.1:PORT/large',
        'windows of 1023 and 2047 bytes: who waits for whom?',
      ],
      [
        'curl --http2-prior-knowledge -o /dev/null --data-binary @FILE http://127.0.0.1:PORT/',
        'a body: WINDOW_UPDATE from you, or it stops',
      ],
      ['h2load -n 5000 -c 4 -m 50 http://127.0.0.1:PORT/', 'all succeed, and how many a second?'],
    ],
  },
} satisfies TryIt

// --- internal ---

async function answer(request: Request) {
  if (request.target === '/slow') await passes(3_000)
  const plain = echoAnswer(request)
  return request.target === '/large' ? { ...plain, body: Buffer.alloc(1_000_000, 'x') } : plain
}

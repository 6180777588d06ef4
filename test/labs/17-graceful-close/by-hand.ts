import { echoAnswer, type TryIt } from '../../../workbook/grading/try-it.ts'

const TWO_AND_A_LATE_ONE = ['/1', '/2', '/late']
  .map((target) => `GET ${target} HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n`)
  .join('')

export default {
  careful: {
    says: 'your serveThenClose: two answers a connection, then 10 s for the client to close',
    serve: () => ['serveThenClose', echoAnswer, { maxRequests: 2, timeoutMs: 10_000 }],
    poke: [
      [`printf '${TWO_AND_A_LATE_ONE}' | nc -N 127.0.0.1 PORT`, 'both answers arrive, though a third asks'],
      ['nc 127.0.0.1 PORT', 'send two requests and stay: how long does it wait behind its FIN?'],
      ['curl -v http://127.0.0.1:PORT/1 http://127.0.0.1:PORT/2', 'the second answer says close'],
    ],
  },
  careless: {
    says: 'your serveCarelessly: it destroys the socket behind the second answer',
    serve: () => ['serveCarelessly', echoAnswer, { maxRequests: 2 }],
    poke: [
      [
        `(printf '${TWO_AND_A_LATE_ONE}'; sleep 1; printf 'GET /later HTTP/1.1\\r\\n\\r\\n'; sleep 1) | nc -N 127.0.0.1 PORT`,
        'FIN or RST from you?',
      ],
      ['curl -v http://127.0.0.1:PORT/1 http://127.0.0.1:PORT/2', 'whoever asks politely loses nothing'],
    ],
  },
  upload: {
    says: 'your refuseUpload: 1000 bytes at most, then 5 s',
    serve: () => ['refuseUpload', { maxBytes: 1_000, timeoutMs: 5_000 }],
    poke: [
      ['curl -v --data-binary hello http://127.0.0.1:PORT/', 'small enough: 200'],
      [
        'head -c 50000000 /dev/zero | curl -v -H Expect: --data-binary @- http://127.0.0.1:PORT/',
        '413 at once, and curl gets to read it: FIN, no RST',
      ],
    ],
  },
} satisfies TryIt

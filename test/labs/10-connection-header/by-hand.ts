import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  hop: {
    says: 'your hop, with an origin behind it that answers with what it got',
    peer: {
      name: 'origin',
      reads: 'http',
      answer: (request) =>
        textResponse(`${request.startLine}\n${request.headers.map((pair) => pair.join(': ')).join('\n')}`),
    },
    serve: (origin) => ['startHop', origin, { name: 'pier' }],
    poke: [
      ['curl -v http://127.0.0.1:PORT/a http://127.0.0.1:PORT/b', 'which fields came through, and Via?'],
      [
        "curl -v -H 'Connection: close, X-Ticket' -H 'X-Ticket: 4711' http://127.0.0.1:PORT/a",
        'X-Ticket ends at your hop, and so does this connection',
      ],
      [
        "curl -v -X TRACE -H 'Max-Forwards: 0' -H 'Cookie: a=b' http://127.0.0.1:PORT/a",
        'no hop is left: your hop shows what it got, without the cookie',
      ],
      [
        "curl -v --http1.0 -H 'Connection: keep-alive' http://127.0.0.1:PORT/a",
        'an HTTP/1.0 client is never kept: FIN behind the answer',
      ],
    ],
  },
} satisfies TryIt

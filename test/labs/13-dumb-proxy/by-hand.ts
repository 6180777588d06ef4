import { textResponse, type TryIt, type TryPeer } from '../../../workbook/grading/try-it.ts'

/** It agrees to keep an HTTP/1.0 connection, as origins did: that is what a dumb proxy relays. */
const ORIGIN: TryPeer = {
  name: 'origin',
  reads: 'http',
  answer(request) {
    const asked = (request.header('connection') ?? '').toLowerCase().includes('keep-alive')
    const agreed: Readonly<Record<string, string>> = asked ? { Connection: 'keep-alive' } : {}
    return textResponse(`${request.startLine}\n${fieldsOf(request.headers)}`, agreed)
  },
}

export default {
  smart: {
    says: 'your smart proxy, with an origin behind it that answers with what it got',
    peer: ORIGIN,
    serve: (origin) => ['startSmartProxy', origin],
    poke: [
      ['curl -v http://127.0.0.1:PORT/a http://127.0.0.1:PORT/b', 'which fields came through, and Via?'],
      [
        "curl -v -H 'Connection: keep-alive, X-Ticket' -H 'X-Ticket: 4711' http://127.0.0.1:PORT/a",
        'X-Ticket ends at your proxy',
      ],
      [
        "curl -v --http1.0 -H 'Proxy-Connection: keep-alive' http://127.0.0.1:PORT/a",
        'an HTTP/1.0 client is never kept: FIN behind the answer',
      ],
    ],
  },
  dumb: {
    says: 'your dumb proxy, with an origin behind it that agrees to keep the connection',
    peer: ORIGIN,
    serve: (origin) => ['startDumbProxy', origin],
    poke: [
      ["curl -v --http1.0 -H 'Connection: close' http://127.0.0.1:PORT/a", 'without keep-alive it works'],
      [
        "(printf 'GET /1 HTTP/1.0\\r\\nConnection: keep-alive\\r\\n\\r\\n'; sleep 10) | nc -N 127.0.0.1 PORT",
        'the answer comes, and no FIN from your proxy: it waits for the origin',
      ],
      [
        "curl -v -m 5 --http1.0 -H 'Connection: keep-alive' http://127.0.0.1:PORT/1 http://127.0.0.1:PORT/2",
        'the hang: the second request gets nothing',
      ],
    ],
  },
} satisfies TryIt

// --- internal ---

function fieldsOf(headers: ReadonlyArray<readonly [string, string]>): string {
  return headers.map((pair) => pair.join(': ')).join('\n')
}

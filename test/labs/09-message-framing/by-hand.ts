import { echoAnswer, type TryIt } from '../../../workbook/grading/try-it.ts'

const send = (text: string): string => `printf '${text}' | nc -N 127.0.0.1 PORT`
const HOST = 'Host: a\\r\\n'

export default {
  server: {
    says: 'your serveMessages: it answers what it can read for certain, and refuses the rest',
    serve: () => ['serveMessages', echoAnswer],
    poke: [
      ['curl -v http://127.0.0.1:PORT/a http://127.0.0.1:PORT/b', 'two answers on one connection'],
      ["curl -v -H 'Transfer-Encoding: chunked' -d hello http://127.0.0.1:PORT/", 'a body in chunks'],
      [
        send(
          `POST / HTTP/1.1\\r\\n${HOST}Content-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET /admin HTTP/1.1\\r\\n${HOST}\\r\\n`,
        ),
        'one 400, and nothing for /admin',
      ],
      [
        send(`GET /a HTTP/1.1\\r\\n${HOST}\\r\\nGET /b HTTP/1.1\\r\\n${HOST}X : y\\r\\n\\r\\n`),
        '200 for /a, then 400 and FIN',
      ],
      [send('GET /\\r\\n\\r\\n'), 'HTTP/0.9 is no HTTP any more'],
      ["curl -v -H 'X-Large: '$(head -c 20000 /dev/zero | tr '\\0' x) http://127.0.0.1:PORT/", '431'],
    ],
  },
} satisfies TryIt

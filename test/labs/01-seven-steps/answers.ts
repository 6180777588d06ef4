/** What a server may do with a request: one thing after the other. Latin-1, and WORD is another one each time. */
export type Step =
  | { readonly say: string; readonly times?: number }
  /** Virtual milliseconds of silence. */
  | { readonly wait: number }
  | { readonly end: 'FIN' | 'RST' }

/** The states that every run visits. */
export function answerScripts(): Record<string, readonly Step[]> {
  return {
    ...statuses(),
    ...lengths(),
    ...fields(),
    ...bodies(),
    ...pieces(),
    ...ends(),
    ...silences(),
    ...notHttp(),
  }
}

// --- internal ---

const HOUR = 3_600_000
const FIN: Step = { end: 'FIN' }
const RST: Step = { end: 'RST' }

function head(...fieldLines: readonly string[]): string {
  return ['HTTP/1.1 200 OK', ...fieldLines, '', ''].join('\r\n')
}

function statuses(): Record<string, readonly Step[]> {
  const all = [
    '201 Created',
    '206 Partial Content',
    '301 Moved',
    '307 Elsewhere',
    '401 Who',
    '404 Not Found',
    '429 Slowly',
    '500 Oh',
    '503 Later',
    '599 Odd',
    '600 Beyond',
    '999 Far beyond',
  ]
  const saying = (status: string, ...more: string[]): Step => ({
    say: [`HTTP/1.1 ${status}`, 'Retry-After: 0', 'Location: /WORD', ...more, '', 'Well'].join('\r\n'),
  })
  return Object.fromEntries(
    all.flatMap((status) => [
      [`an answer with the status ${status.slice(0, 3)}`, [saying(status, 'Content-Length: 4')]],
      [`an answer with the status ${status.slice(0, 3)}, to the FIN`, [saying(status), FIN]],
    ]),
  )
}

function lengths(): Record<string, readonly Step[]> {
  return {
    'a body to its Content-Length, the end kept open': [{ say: `${head('Content-Length: 6')}abcdef` }],
    'more than the Content-Length in one piece': [{ say: `${head('Content-Length: 3')}abcdef` }],
    'more than the Content-Length in a later piece': [
      { say: `${head('Content-Length: 6')}abc` },
      { say: 'defghi' },
    ],
    'a Content-Length of 0': [{ say: head('Content-Length: 0') }],
    'a Content-Length with zeros before it': [{ say: `${head('Content-Length: 0003')}abc` }],
    'a body to the FIN': [{ say: head('Server: WORD') }, { say: 'abc' }, { say: 'def' }, FIN],
    'an empty body to the FIN': [{ say: head('Server: WORD') }, FIN],
    'an answer in HTTP/1.0 with a Content-Length, the end kept open': [
      { say: 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc' },
    ],
    'an answer in HTTP/1.0 to the FIN': [{ say: 'HTTP/1.0 200 OK\r\n\r\nabc' }, FIN],
    'an answer that says close, the end kept open': [
      { say: `${head('Connection: close', 'Content-Length: 3')}abc` },
    ],
    'an answer that says keep-alive, to the FIN': [
      { say: `${head('Connection: keep-alive', 'Keep-Alive: timeout=5')}abc` },
      FIN,
    ],
    'an answer that says keep-alive, the end kept open': [
      { say: `${head('Connection: keep-alive', 'Content-Length: 3')}abc` },
    ],
  }
}

function fields(): Record<string, readonly Step[]> {
  const named = (name: string, value = '3'): Step[] => [{ say: `${head(`${name}: ${value}`)}abc` }]
  return {
    'CONTENT-LENGTH': named('CONTENT-LENGTH'),
    'content-length': named('content-length'),
    'Content-length': named('Content-length'),
    'cOnTeNt-LeNgTh': named('cOnTeNt-LeNgTh'),
    'white space around a length': named('Content-Length', ' \t3\t '),
    'no white space before a length': [{ say: 'HTTP/1.1 200 OK\r\nContent-Length:3\r\n\r\nabc' }],
    'a field whose name ends in Content-Length': [
      { say: `${head('X-Content-Length: 1', 'Content-Length: 3')}abc` },
    ],
    'a field that speaks of Content-Length': [
      { say: `${head('Warning: content-length: 1', 'Content-Length: 3')}abc` },
    ],
    'a field that only speaks of Content-Length': [{ say: `${head('Warning: content-length: 1')}abc` }, FIN],
    'fields and a reason with bytes above 127': [
      { say: 'HTTP/1.1 200 caf\xe9 \xc3\xa9\r\nX-Name: \xc3\xbc\xff WORD\r\nContent-Length: 1\r\n\r\n\xe9' },
    ],
    'no reason phrase': [{ say: 'HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na' }],
    'a field twice, and one that is empty': [
      { say: `${head('Set-Cookie: a=WORD', 'Empty:', 'set-cookie: b', 'Content-Length: 1')}a` },
    ],
  }
}

function bodies(): Record<string, readonly Step[]> {
  const every = Array.from({ length: 256 }, (_, value) => String.fromCharCode(value)).join('')
  return {
    'a body that ends with line ends': [{ say: `${head('Content-Length: 8')}abc\r\n\r\n\n` }],
    'a body that begins with line ends and a head': [
      { say: `${head('Content-Length: 30')}\r\n\r\nHTTP/1.1 500 No\r\n\r\n` },
      { say: 'x'.repeat(30) },
    ],
    'a body of white space to the FIN': [{ say: `${head()} \t\r\n \0` }, FIN],
    'a body of every byte': [{ say: `${head('Content-Length: 256')}${every}` }],
    'a body of 1.25 MiB': [{ say: head(`Content-Length: ${1280 * 1024}`) }, { say: every, times: 5 * 1024 }],
    'a body of 1.25 MiB to the FIN': [{ say: head() }, { say: every, times: 5 * 1024 }, FIN],
  }
}

function pieces(): Record<string, readonly Step[]> {
  const whole = `${head('Content-Length: 9')}\xe2\x82\xac\r\n\r\nab`
  return {
    'a byte at a time': [...whole].map((byte) => ({ say: byte })),
    'the blank line in two pieces': [{ say: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r' }, { say: '\na' }],
    'the head alone, and then the body': [{ say: head('Content-Length: 4') }, { say: 'WORD'.slice(0, 4) }],
  }
}

function ends(): Record<string, readonly Step[]> {
  const cut = (text: string, by: number, end: Step): Step[] => [{ say: text.slice(0, text.length - by) }, end]
  const blank = head('Server: WORD')
  const counted = `${head('Content-Length: 12')}hello, there`
  const scripts: Record<string, readonly Step[]> = {
    'a FIN and nothing before it': [FIN],
    'a reset and nothing before it': [RST],
    'a reset behind a whole head': [{ say: blank }, RST],
    'a reset in a body without Content-Length': [{ say: `${blank}abc` }, RST],
  }
  for (const by of [1, 2, 3, 4, 5])
    scripts[`a FIN ${by} bytes before the head is whole`] = cut(blank, by, FIN)
  for (const by of [1, 2, 11, 12])
    scripts[`a FIN ${by} bytes before the body is whole`] = cut(counted, by, FIN)
  scripts['a reset in the head'] = cut(blank, 6, RST)
  scripts['a reset one byte before the body is whole'] = cut(counted, 1, RST)
  return scripts
}

/** No limit of time is hidden anywhere: an hour of silence changes nothing. */
function silences(): Record<string, readonly Step[]> {
  return {
    'an hour before the first byte': [{ wait: HOUR }, { say: `${head('Content-Length: 3')}abc` }],
    'an hour in the head': [
      { say: 'HTTP/1.1 200 OK\r\nContent' },
      { wait: HOUR },
      { say: '-Length: 1\r\n\r\na' },
    ],
    'an hour in a counted body': [{ say: `${head('Content-Length: 6')}abc` }, { wait: HOUR }, { say: 'def' }],
    'an hour in a body to the FIN': [
      { say: `${head()}abc` },
      { wait: HOUR },
      { say: 'def' },
      { wait: HOUR },
      FIN,
    ],
  }
}

function notHttp(): Record<string, readonly Step[]> {
  const lines = {
    'a mail server': '220 WORD ready\r\n\r\n',
    'a status line without a number': 'HTTP/1.1 OK\r\n\r\n',
    'HTTP/2.0': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  }
  return Object.fromEntries(Object.entries(lines).map(([what, text]) => [what, [{ say: text }]]))
}

import { OK, type Get } from './model.ts'

/** The calls that every run makes. NAME and OTHER are other words each time, PORT and NEXT other ports. */

const HOUR = 3_600_000
const HERE = 'http://NAME.example:PORT'

/** Every kind of URL, each in a call of its own. */
export function urlScripts(): Record<string, readonly Get[]> {
  const all = [
    'http://NAME.example',
    'http://NAME.example?a=NAME',
    'http://NAME.example#NAME',
    'http://NAME.example/#a?b',
    'http://NAME.example:443/',
    'http://NAME.example:8080/',
    'http://NAME.example:PORT/NAME?x=/#y',
    'http://NAME.example//a//NAME/?b//c',
    'http://NAME.example/a%2Fb%20c%c3%a9;v=1/~NAME?d=%26%41&e=+&f=?#g',
    'http://NAME.example/a/?url=http://b.example:1/c',
    'http://NAME.example/@b:c/NAME',
    'http://user:pass@NAME.example/a',
    'http://user@NAME.example:PORT/',
    'http://1NAME.example/',
    'http://NAME/',
    'http://3com/',
    // Hexadecimal digits and dots, as in an address.
    'http://cafe/',
    'http://bed.ace:PORT/',
    'http://NAME.Example:PORT/Upper',
    'http://NAME-a.b-NAME.example/',
    'http://localhost:PORT/NAME',
    'http://localhost/',
    'http://192.0.2.77:PORT/',
    'http://127.0.0.2:PORT/a',
    'http://192.0.2.78/',
    'http://192.0.2.78.NAME.example/',
    'http://10.0.0.1x/',
    'http://[::1]:PORT/',
    'http://[2001:db8::7]/NAME',
    'http://[2001:db8::a:b]:PORT/',
    'http://[2001:DB8:0:0::C]:PORT/',
  ]
  return Object.fromEntries(all.map((get) => [get, [{ get, looks: 20 }]]))
}

/** Answers in any pieces, and an hour at each place. */
export function pieceScripts(): Record<string, readonly Get[]> {
  const get = `${HERE}/a`
  const like = `\r\n\r\n${OK}\r\nContent-Length: 0\r\n\r\n`
  return {
    'a byte at a time': [
      {
        get,
        body: 'a\r\n\r\nb',
        pauses: 3,
        cuts: [1, 2, 9, 12, 16, 17, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43],
      },
    ],
    'the head alone, and then the body': [{ get, body: 'abcd', pauses: 7, cuts: [38] }],
    'a body of blank lines': [{ get, body: 'a\r\n\r\nb\r\n\r\n\r\n\r\n', pauses: 9, cuts: [45, 50] }],
    'a body like a response': [{ get, body: like, pauses: 9, cuts: [50, 70] }],
    'a body of bytes above 127': [{ get, body: '\xe9\xc3\xa9\xff\x00\xe2\x82', pauses: 9, cuts: [41] }],
    'a body of 300,000 bytes': [{ get, body: 'x'.repeat(300_000), pauses: 9, cuts: [150_000] }],
    'a line break behind the body, in one piece with it': [
      { get, body: 'abc', behind: '\r\n', pauses: 9, cuts: [20] },
    ],
    'a line break behind the last body of a connection': [{ get }, { get, behind: '\r\n' }],
    'a body with more digits than one': [{ get, body: 'y'.repeat(1_000), pauses: 1, cuts: [50, 1_000] }],
    'an hour in the lookup': [{ get, looks: HOUR }],
    'an hour before the first byte': [{ get, thinks: HOUR }],
    'an hour in the head': [{ get, pauses: HOUR, cuts: [10] }],
    'an hour in the body': [{ get, body: 'abc', pauses: HOUR, cuts: [39] }],
    'an hour in each of the second URL': [
      { get },
      { get: 'http://OTHER.example/', looks: HOUR, thinks: HOUR, body: 'abc', pauses: HOUR, cuts: [12, 39] },
    ],
    'an hour before the second answer of a connection': [{ get }, { get, thinks: HOUR }, { get }],
  }
}

/** Which URLs share a server. */
export function serverScripts(): Record<string, readonly Get[]> {
  const same: Array<readonly [string, string]> = [
    ['http://NAME.example/a', 'http://NAME.example:80/b'],
    ['http://NAME.example:PORT/a', 'http://NAME.EXAMPLE:PORT/b'],
    ['http://user:word@NAME.example/a', 'http://NAME.example/b'],
    ['http://user@NAME.example/a', 'http://other@NAME.example/b'],
    ['http://[2001:db8::1]:PORT/a', 'http://[2001:DB8:0:0::1]:PORT/b'],
    ['http://192.0.2.77/a', 'http://192.0.2.77/b?c=NAME'],
    ['http://NAME.example/a', 'http://NAME.example/a'],
    ['HTTP://NAME.example/a', 'http://NAME.example?b'],
  ]
  const others: Array<readonly [string, string]> = [
    ['http://NAME.example/a', 'http://NAME.example:8080/a'],
    ['http://NAME.example:PORT/a', 'http://NAME.example:NEXT/a'],
    ['http://NAME.example/a', 'http://OTHER.example/a'],
    ['http://NAME.example/a', 'http://NAME.example.com/a'],
    ['http://NAME.example/a', 'http://www.NAME.example/a'],
    ['http://NAME.example/a', 'http://192.0.2.99/a'],
    ['http://192.0.2.77/a', 'http://NAME.example/a'],
    ['http://localhost/a', 'http://127.0.0.1/a'],
    ['http://[2001:db8::1]/a', 'http://[2001:db8::2]/a'],
  ]
  const timed = { looks: 10, thinks: 20, pauses: 5, cuts: [12] }
  const scripts = [...same, ...others].map(([first, second]): [string, Get[]] => [
    `${first}, then ${second}`,
    [
      { get: first, ...timed },
      { get: second, ...timed, looks: 30 },
      { get: second, ...timed },
    ],
  ])
  return {
    ...Object.fromEntries(scripts),
    'there and back': [`${HERE}/a`, 'http://OTHER.example/b', `${HERE}/c`].map((get) => ({ get, ...timed })),
    'there and back, by turns': Array.from({ length: 6 }, (_, at) => ({
      get: `http://${at % 2 === 0 ? 'NAME' : 'OTHER'}.example/${at}`,
      ...timed,
    })),
    'more URLs of one server than some servers answer': Array.from({ length: 110 }, (_, at) => ({
      get: `${HERE}/${at}`,
    })),
    'a dozen URLs of one server': Array.from({ length: 12 }, (_, at) => ({
      get: `${HERE}/${at}`,
      thinks: at,
    })),
  }
}

/** What the answer says of its connection: each with a URL of the same server behind it, and one more. */
export function connectionScripts(): Record<string, readonly Get[]> {
  const lists = [
    'close',
    'Close',
    'CLOSE',
    'cLOSE',
    'keep-alive, close',
    'close, keep-alive',
    'close, Keep-Alive, x',
    'x, close',
    'x,close',
    'x,close,y',
    'x\t,\tclose',
    'x ,\t close\t',
    '\tclose',
    ' , close',
    'close ,',
    ',close',
    'keep-alive',
    'Keep-Alive',
    'closed',
    'not-close',
    'Close-Notify',
    'xclose',
    'close-',
    'close_x',
    'un-close, x',
    'Upgrade, closing',
    '',
    'x',
    'keep-alive, close-notify',
  ]
  const lines = [
    'Connection: close\r\nConnection: keep-alive',
    'Connection: keep-alive\r\nConnection: close',
    'Connection: x\r\nServer: y\r\nConnection: z, Close',
    'Connection: x\r\nConnection: y\r\nConnection: close',
    'connection: close',
    'CONNECTION:close',
    'cOnNeCtIoN: CLOSE',
    'Proxy-Connection: close',
    'X-Connection: close',
    'Connection-Is: close',
    'Server: Connection: close',
    'Close: Connection',
    'Keep-Alive: timeout=5, max=1',
    'Location: /elsewhere',
  ]
  const heads = [
    ...[...lists.map((list) => `Connection: ${list}`), ...lines].map((line) => `${OK}\r\n${line}`),
    ...[
      '',
      '\r\nConnection: keep-alive',
      '\r\nConnection: Keep-Alive, x',
      '\r\nKeep-Alive: max=5',
      '\r\nConnection: close',
    ].map((line) => `HTTP/1.0 200 OK${line}`),
    ...[
      201, 202, 203, 206, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 410, 413, 417, 421, 429,
    ].map(statusLine),
    ...[500, 501, 502, 503, 504, 505, 599].map(statusLine),
    'HTTP/1.1 200 close',
    'HTTP/1.1 200 ',
    'HTTP/1.1 404 No\r\nConnection: close',
  ]
  // Many rows a call, each with a URL of the same server behind it: shortening leaves the one that fails.
  const calls = Array.from({ length: Math.ceil(heads.length / 10) }, (_, call): [string, Get[]] => [
    `what answers say of their connection, ${call + 1}`,
    [...heads.slice(call * 10, call * 10 + 10), OK].map((head, at) => ({ get: `${HERE}/${at}`, head })),
  ])
  return {
    ...Object.fromEntries(calls),
    'close behind the third answer': ['', '', '\r\nConnection: close', '', ''].map((line, at) => ({
      get: `${HERE}/${at}`,
      head: `${OK}${line}`,
    })),
    'close behind every answer': Array.from({ length: 4 }, (_, at) => ({
      get: `${HERE}/${at}`,
      looks: 5,
      head: `${OK}\r\nConnection: close`,
    })),
    'close, and then another server': [
      { get: `${HERE}/a`, head: `${OK}\r\nConnection: close` },
      { get: 'http://OTHER.example/b' },
    ],
    'close behind the last answer': [
      { get: `${HERE}/a` },
      { get: `${HERE}/b`, head: `${OK}\r\nConnection: close` },
    ],
  }
}

const statusLine = (status: number): string => `HTTP/1.1 ${status} Said`

/** Each failure as the first URL, on a kept connection, and on a new one behind another. */
export function failureScripts(): Record<string, readonly Get[]> {
  const timed = { looks: 10, thinks: 20, body: 'hello, there', pauses: 5, cuts: [4, 30, 41] }
  const kinds: Array<readonly [string, Get['fails']]> = [
    ['a lookup that fails', 'lookup'],
    ['a connection that is refused', 'refused'],
    ['what is not HTTP', 'not HTTP'],
  ]
  for (const by of ['FIN', 'RST'] as const)
    for (const after of [0, 1, 17, 38, 39, 50]) kinds.push([`${by} behind ${after} bytes`, { after, by }])
  const scripts = kinds.flatMap(([what, fails]): Array<[string, Get[]]> => {
    const isRare = typeof fails === 'object' && ![0, 39].includes(fails.after)
    const [here, there] = [
      { get: `${HERE}/a`, ...timed },
      { get: 'http://OTHER.example:NEXT/b', ...timed },
    ]
    const closes = { ...here, head: `${OK}\r\nConnection: close` }
    const always: Array<[string, Get[]]> = [
      [`${what}, alone`, [{ ...here, fails }]],
      [`${what}, at the second URL of a server`, [here, { ...here, fails }, here]],
    ]
    if (isRare) return always
    return [
      ...always,
      [`${what}, first of two`, [{ ...here, fails }, here]],
      [`${what}, at a second server`, [here, { ...there, fails }, here]],
      [`${what}, behind a close`, [here, closes, { ...here, fails }, there]],
    ]
  })
  return {
    ...Object.fromEntries(scripts),
    'an address that refuses': [{ get: 'http://192.0.2.99:PORT/', fails: 'refused' }],
    'an address that refuses, behind another server': [
      { get: `${HERE}/a` },
      { get: 'http://[2001:db8::9]/', fails: 'refused' },
    ],
  }
}

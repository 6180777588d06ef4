import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

const LIMITS = {
  idleMs: 15_000,
  headMs: 10_000,
  bodyMs: 10_000,
  maxHeadBytes: 16_384,
  maxBodyBytes: 10_000_000,
  maxConnections: 200,
  graceMs: 5_000,
}

const FILES = {
  '/': Buffer.from('<!doctype html><title>Lab 19</title><p>Served by a program of yours.</p>'),
  '/hello.txt': Buffer.from('hello from your origin\n'),
}

export default {
  proxy: {
    says: 'your proxy, with an origin behind it for every host, whose answers are good for 10 s',
    peer: {
      name: 'origin',
      reads: 'http',
      answer: ({ words: [method, target] }) =>
        textResponse(`${method} ${target} at ${new Date().toISOString()}`, { 'Cache-Control': 'max-age=10' }),
    },
    async serve(origin, _, make) {
      const [routes, now] = [await make('always', origin), await make('clockAt', Date.now())]
      return ['startProxy', { ...LIMITS, routes, cacheBytes: 1_000_000, now }]
    },
    poke: [
      [
        'curl -i --proxy http://127.0.0.1:PORT http://a.example/a',
        'twice within 10 s: the second has an Age',
      ],
      ['curl -i --proxytunnel --proxy http://127.0.0.1:PORT http://a.example/a', '200, and a tunnel'],
      ['curl -i -0 http://127.0.0.1:PORT/a', 'HTTP/1.0: a length, and FIN'],
      ['wrk -t1 -c20 -d5s http://127.0.0.1:PORT/a', 'no socket errors'],
      ['chromium --proxy-server=http://127.0.0.1:PORT http://a.example/', 'a browser behind your proxy'],
    ],
  },
  origin: {
    says: 'your origin with two files; FIN after 15 s idle',
    serve: () => ['startOrigin', FILES, LIMITS],
    poke: [
      ['curl -i http://127.0.0.1:PORT/hello.txt', 'ETag, Cache-Control, and a length'],
      ['curl -i -r 0-4 http://127.0.0.1:PORT/hello.txt', '206, and five bytes'],
      ['curl -i -0 http://127.0.0.1:PORT/hello.txt', 'HTTP/1.0: close, and FIN'],
      ['wrk -t1 -c20 -d5s http://127.0.0.1:PORT/hello.txt', 'no socket errors, and requests a second'],
    ],
  },
} satisfies TryIt

import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  cache: {
    says: 'your cache, with an origin behind it that tells the time; what it says is good for 10 seconds',
    peer: {
      name: 'origin',
      reads: 'http',
      answer: ({ words: [method, target] }) =>
        textResponse(`${method} ${target} at ${new Date().toISOString()}`, {
          'Cache-Control': 'max-age=10',
          Vary: 'Accept-Language',
        }),
    },
    serve: (origin, clock) => ['startCache', origin, { now: clock, maxBytes: 10_000 }],
    poke: [
      ['curl -i http://127.0.0.1:PORT/a', 'once more within 10 s: the same time, and an Age that grows'],
      ["curl -i -H 'Accept-Language: de' http://127.0.0.1:PORT/a", 'another language: another answer'],
      ['curl -i -X POST http://127.0.0.1:PORT/a', 'what is stored for /a is invalid now'],
    ],
  },
} satisfies TryIt

import type { TryIt } from '../../../workbook/grading/try-it.ts'

export default {
  server: {
    says: 'your echo server, with lines of 100 bytes at most',
    serve: () => ['startEcho', { maxLineBytes: 100 }],
    poke: [
      ['nc -N 127.0.0.1 PORT', 'type lines; Ctrl-D ends the input: FIN, and yours has to follow'],
      ["printf 'one\\ntwo\\r\\nthree' | nc -N 127.0.0.1 PORT", 'what becomes of a line without an end?'],
      ['head -c 200 /dev/zero | nc -N 127.0.0.1 PORT', 'a line that is too long'],
      ['yes | nc 127.0.0.1 PORT > /dev/null', 'a client that never stops; Ctrl-C there resets or ends it'],
    ],
  },
  client: {
    says: 'your sendLines sends three lines to an echo of ours',
    peer: { name: 'server', reads: 'bytes', answer: (bytes) => bytes },
    async run(program, { port }, say) {
      const lines = ['first', 'second, a little longer', '']
      const answers = await program.call<string[]>('sendLines', port, lines)
      say(`sendLines() resolved with ${JSON.stringify(answers)}`)
    },
  },
} satisfies TryIt

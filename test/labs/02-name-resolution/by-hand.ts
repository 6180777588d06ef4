import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Call } from '../../../workbook/grading/check.ts'
import type { TryIt } from '../../../workbook/grading/try-it.ts'
import { ANSWER, messageOf, nameBytes, TRUNCATED } from './wire-format.ts'

const NAME = 'prices.lan'

/** Over TCP it answers; over UDP it says that the answer would not fit. */
const peer = {
  name: 'server',
  reads: 'bytes',
  answer: (bytes: string) => framed(answerTo(Buffer.from(bytes, 'latin1').subarray(2))).toString('latin1'),
} as const satisfies TryIt[string]['peer']

export default {
  resolver: {
    says: `your resolver asks a server of ours for ${NAME}: over UDP the answer is cut, over TCP it is whole`,
    peer,
    async run(program, { port }, say) {
      const socket = createSocket('udp4').bind(port, '127.0.0.1')
      await once(socket, 'listening')
      socket.on('message', (query, from) => {
        say(`a datagram came: ${query.length} bytes`)
        socket.send(
          messageOf({ id: query.readUInt16BE(), flags: ANSWER | TRUNCATED, question: [QUESTION] }),
          from.port,
          from.address,
        )
      })
      const servers = [{ host: '127.0.0.1', port }]
      const options = { servers, timeoutMs: 2_000, attempts: 2, now: program.clock }
      const resolver = await program.construct<Resolver>('Resolver', options)
      for (const when of ['first', 'from memory']) {
        const { addresses, ttl } = await resolver.resolve(NAME, 'A')
        say(`${when}: ${addresses.join(', ')} for ${ttl} s`)
      }
      await resolver.close()
      socket.close()
    },
  },
} satisfies TryIt

// --- internal ---

interface Resolver {
  resolve(name: string, type: 'A'): Call<{ addresses: string[]; ttl: number }>
  close(): Call<void>
}

const QUESTION = { name: NAME, type: 1 } as const

function answerTo(query: Buffer): Buffer {
  const id = query.length < 12 + nameBytes(NAME).length ? 0 : query.readUInt16BE()
  const answers = ['192.168.7.3', '192.168.7.4'].map((a) => ({ name: NAME, ttl: 300, data: { a } }))
  return messageOf({ id, question: [QUESTION], answers })
}

function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message])
}

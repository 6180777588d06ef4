import type { Call, RemoteServer } from '../../../workbook/grading/check.ts'
import type { TryIt } from '../../../workbook/grading/try-it.ts'

const OPTIONS = { mss: 1_000, windowBytes: 8_000, rtoMs: 200, maxAttempts: 5 }
const LENGTH = 100_000

export default {
  pipe: {
    says: 'your pipes, two ends of them, talk over UDP; nothing is lost here, so all of it is quick',
    // It is UDP that is tried, and a ladder of TCP stays empty.
    peer: { name: 'nobody', reads: 'bytes', answer: (bytes) => bytes },
    async run(program, _peer, say) {
      let accept: (pipe: RemotePipe) => void = () => undefined
      const accepted = new Promise<RemotePipe>((resolve) => (accept = resolve))
      const onPipe = (pipe: RemotePipe): void => accept(pipe)
      const server = await program.call<RemoteServer>('listenPipes', onPipe, OPTIONS)
      say(`listenPipes() has UDP port ${server.port}`)
      const near = await program.call<RemotePipe>(
        'openPipe',
        { host: '127.0.0.1', port: server.port },
        OPTIONS,
      )
      const far = await accepted
      say(`openPipe() resolved: ${JSON.stringify(near.tuple)}`)
      await near.write(Buffer.alloc(LENGTH, 'a'))
      await near.end()
      say(`the far end has read ${await lengthOf(far)} of ${LENGTH} bytes`)
      await far.end()
      say(`and the near one ${await lengthOf(near)}`)
      await server.close()
      say('close() of the listener resolved, behind the time to stay')
    },
  },
} satisfies TryIt

// --- internal ---

interface RemotePipe {
  readonly tuple: unknown
  write(bytes: Uint8Array): Call<void>
  end(): Call<void>
  read(): Call<Uint8Array | null>
}

async function lengthOf(pipe: RemotePipe): Promise<number> {
  let length = 0
  for (;;) {
    const bytes = await pipe.read()
    if (bytes === null) return length
    length += bytes.length
  }
}

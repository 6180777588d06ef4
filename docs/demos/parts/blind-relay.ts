import { connect, createServer } from 'node:net'
import { listen } from './listen.ts'

/**
 * A proxy from before Connection: one request for each connection, relayed as it came; the answer relayed
 * as it comes; the end, when the origin ends. It takes a request that comes in one piece, as those of the
 * demos do.
 *
 * @param passed - Called with each head that passes, and the way it goes.
 */
export async function startBlindRelay(
  next: number,
  passed: (way: 'onward' | 'back', head: string) => void = () => {},
): Promise<{ port: number; close: () => void }> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.once('data', (request) => {
      passed('onward', String(request))
      const onward = connect({ port: next, host: '127.0.0.1', allowHalfOpen: true })
      onward.write(request)
      onward.on('data', (answer) => {
        passed('back', String(answer))
        client.write(answer)
      })
      onward.once('end', () => {
        client.end()
        onward.end()
      })
      // A client that gives up ends the relay on both sides.
      client.once('close', () => onward.destroy())
      client.once('end', () => client.end())
    })
  })
  return { port: await listen(server), close: () => server.close() }
}

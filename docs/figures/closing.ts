import { CLIENT_AND_SERVER } from './pages.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** The three ways to close, each with a request that comes too late. */
export const closing: readonly Recipe[] = [
  {
    name: 'close-full',
    how: 'recorded',
    record: () =>
      close(
        (stage) => lateRequest(stage, (socket) => socket.destroy(), 'end; the next write fails: EPIPE'),
        'Full close: what comes later is answered with a reset',
        'The server answers and closes its socket in both directions. Its FIN says only that it will send no more; that nobody will read is known to ' +
          'its kernel alone. The client, which has not seen the FIN yet, sends another request. There is no socket for it any more, so the kernel answers ' +
          'with RST (RFC 9293 §3.6.1).',
      ),
  },
  {
    name: 'close-half',
    how: 'recorded',
    record: () =>
      close(
        (stage) => lateRequest(stage, (socket) => socket.end(), 'end: /2 was not answered'),
        'Half-close: the output is closed, the input is still read',
        'The server answers and closes its output only. The same late request arrives; the server reads it and throws it away. ' +
          'The client sees the end behind the answer, closes in its turn, and the connection ends without a reset. Nothing is lost, and the client ' +
          'knows that its second request was not answered (RFC 9112 §9.6).',
      ),
  },
  {
    name: 'close-reset',
    how: 'recorded',
    record: () =>
      close(
        (stage) =>
          lateRequest(stage, (socket) => socket.resetAndDestroy(), 'error: connection reset by peer'),
        'Reset: both directions end at once',
        'The server answers and resets the connection. RST says that the connection is over in both directions, and that nothing further will be delivered. ' +
          'The request that the client has sent meanwhile meets no connection, and the client learns of it as an error, not as an end.',
      ),
  },
]

// --- internal ---

type Close = Parameters<Parameters<typeof serve>[0]>[1]

async function close(
  scene: (stage: Stage) => Promise<void>,
  title: string,
  description: string,
): Promise<Drawn> {
  const { events } = await Stage.play(scene)
  return { title, description, lanes: CLIENT_AND_SERVER, unit: 'order', events }
}

/** @param told - What the client's program hears, which has read nothing since its late request. */
async function lateRequest(stage: Stage, closeIt: (socket: Close) => void, told: string): Promise<void> {
  const { recording } = stage
  const server = stage.add(
    await serve(({ target }, socket) => {
      if (target === '/1') socket.write(response(512))
    }),
  )
  const tap = await stage.tap({ client: 'client', server: 'server', port: server.port })
  const client = await Client.connect(tap.port)
  await client.send(request('/1'))
  await client.answer()
  const [socket] = server.sockets
  if (!socket) throw new Error('the server has accepted nothing')
  tap.hold('to client')
  tap.hold('to server')
  closeIt(socket)
  await stage.rest()
  await client.send(request('/2'))
  await stage.rest()
  tap.release('to client')
  tap.release('to server')
  await stage.rest()
  const how = await client.end()
  if (how === 'FIN') client.socket.end()
  await stage.rest()
  recording.note('client', told)
}

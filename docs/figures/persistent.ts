import type { Headers } from '../../labs/kit/http.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** Connections that are kept, and how that ends. */
export const persistent: readonly Recipe[] = [
  { name: 'keep-alive-max', how: 'recorded', record: keepAliveMax },
  { name: 'idle-race', how: 'recorded', record: idleRace },
]

// --- internal ---

async function keepAliveMax(): Promise<Drawn> {
  const { events } = await Stage.play(keepAliveScene)
  return {
    title: 'Keep-alive with a limit: the third answer is the last, and says so',
    description:
      'An HTTP/1.0 client asks in every request that the connection be kept, and the server agrees in every answer but the last. ' +
      '`max` counts how many further requests it will take: 2, then 1. The third answer says `close`, and the FIN follows it. The client ' +
      'knows in time, and loses nothing.',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

const ASKING: Headers = [['Connection', 'keep-alive']]
const LIMIT = 3

async function keepAliveScene(stage: Stage): Promise<void> {
  let answered = 0
  const server = stage.add(
    await serve((_, socket) => {
      const left = LIMIT - ++answered
      const kept: Headers = [...ASKING, ['Keep-Alive', `timeout=5, max=${left}`]]
      socket.write(response(512, left > 0 ? kept : [['Connection', 'close']], '1.0'))
      if (left === 0) socket.end()
    }),
  )
  const fields = ['Connection', 'Keep-Alive']
  const tap = await stage.tap({ client: 'client', server: 'server', port: server.port, fields })
  const client = await Client.connect(tap.port)
  for (const file of ['/1', '/2', '/3']) {
    await client.send(request(file, { version: '1.0', headers: ASKING }))
    await client.answer()
  }
  await client.end()
  client.socket.end()
  await stage.rest()
}

async function idleRace(): Promise<Drawn> {
  const { events } = await Stage.play(idleScene)
  return {
    title: 'The idle race: a request and a FIN pass each other',
    description:
      'A kept connection has been idle for so long that the server closes it. At the same moment the client sends its next request. ' +
      'Neither can know of the other: both are under way. The request reaches a socket that is gone, and is answered with RST. ' +
      'The client cannot tell from this whether the request was carried out. It was a GET, which may be repeated, so it sends it once more on ' +
      'a new connection.',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

async function idleScene(stage: Stage): Promise<void> {
  const { recording } = stage
  const server = stage.add(await serve((_, socket) => void socket.write(response(512))))
  const tap = await stage.tap({ client: 'client', server: 'server', port: server.port, numbered: true })
  const first = await Client.connect(tap.port)
  await first.send(request('/1'))
  await first.answer()
  recording.note('server', 'the idle time is over')
  tap.hold('to client')
  tap.hold('to server')
  server.sockets[0]?.destroy()
  await stage.rest()
  await first.send(request('/2'))
  await stage.rest()
  tap.release('to client')
  tap.release('to server')
  await stage.rest()
  if ((await first.end()) !== 'RST') throw new Error('the late request was not answered with a reset')
  recording.note('client', 'no answer: was /2 carried out?')
  const second = await Client.connect(tap.port)
  await second.send(request('/2'))
  await second.answer()
}

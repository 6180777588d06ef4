import { CLIENT_AND_SERVER } from './pages.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** A pipeline that breaks in the middle. */
export const pipelining: readonly Recipe[] = [{ name: 'pipelining-reset', how: 'recorded', record }]

// --- internal ---

async function record(): Promise<Drawn> {
  const { events } = await Stage.play(scene)
  return {
    title: 'Pipelining with a reset in the middle: the answered are kept, the others are sent again',
    description:
      'Four requests are under way at once; the server answers the first two, and then the connection is reset. Answers come in the order of the requests, so the client knows ' +
      'which two are missing, but not whether the server has carried them out. Both are GET and may be repeated. ' +
      'On the new connection the client does not pipeline at once: it sends the next request only when an answer has come (RFC 9112 §9.3.2).',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

async function scene(stage: Stage): Promise<void> {
  const { recording } = stage
  let answered = 0
  const server = stage.add(
    await serve((_, socket) => {
      answered++
      if (answered <= 2 || answered > 4) socket.write(response(512))
      // When all four are here, so that what is reset has been read.
      if (answered === 4) setImmediate(() => socket.resetAndDestroy())
    }),
  )
  const tap = await stage.tap({ client: 'client', server: 'server', port: server.port, numbered: true })
  const first = await Client.connect(tap.port)
  const files = ['/a', '/b', '/c', '/d']
  await first.send(Buffer.concat(files.map((file) => request(file))))
  await first.answer()
  await first.answer()
  await first.end()
  await stage.rest()
  recording.note('client', '/c and /d have no answer; both may be repeated')
  const second = await Client.connect(tap.port)
  for (const file of ['/c', '/d']) {
    await second.send(request(file))
    await second.answer()
  }
}

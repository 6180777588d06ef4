import type { Socket } from 'node:net'
import { CLIENT_AND_SERVER } from './pages.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Recording } from './recording.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** Responses that were written are lost because of one request too many. */
export const lostAnswers: readonly Recipe[] = [{ name: 'lost-answers', how: 'recorded', record }]

// --- internal ---

const RESPONSES = 12
/** Larger than what a kernel takes for a client that does not read yet. */
const BODY = 400_000

async function record(): Promise<Drawn> {
  const { events } = await Stage.play(async (stage) => {
    stage.recording.note(null, 'the server calls destroy()')
    await allAndOne(stage, 1, (socket) => socket.destroy())
    stage.recording.note(null, 'the server calls end(), and reads on')
    await allAndOne(stage, 2, (socket) => socket.end())
  })
  return {
    title: 'Twelve responses lost to one request too many, and the close that saves them',
    description:
      `The client sends twelve requests, and the server writes twelve responses, ${(RESPONSES * BODY) / 1e6} MB; the client reads slowly, so most of them wait in the server’s kernel. ` +
      'Above, the server calls destroy(): one more request then meets a closed socket, the kernel answers with RST and throws away what waited. ' +
      'Not one response arrives whole. Below, the server closes only its output with end() and goes on reading: the late request is read and thrown away, and all twelve ' +
      'responses arrive, then FIN (RFC 9112 §9.6).',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

/** Here the ends themselves are watched: a relay between them would read, and so save the answers. */
async function allAndOne(stage: Stage, connection: number, close: (socket: Socket) => void): Promise<void> {
  const { recording } = stage
  const ours = { connection }
  let seen = 0
  const heard = { all: (): void => undefined }
  const whole = response(BODY)
  const server = stage.add(
    await serve((_, socket) => {
      if (seen === RESPONSES) return
      socket.write(whole)
      if (++seen === RESPONSES) heard.all()
    }),
  )
  const syn = recording.sent({ from: 'client', to: 'server', label: 'SYN', type: 'syn', ...ours })
  const client = await Client.connect(server.port, false)
  syn.arrive()
  const requests = recording.sent({
    from: 'client',
    to: 'server',
    label: `GET /1 … GET /${RESPONSES}`,
    type: 'data',
    ...ours,
  })
  const all = new Promise<void>((resolve) => void (heard.all = resolve))
  await client.send(Buffer.concat(Array.from({ length: RESPONSES }, (_, index) => request(`/${index + 1}`))))
  await all
  requests.arrive()
  const [socket] = server.sockets
  if (!socket) throw new Error('the server has accepted nothing')
  const answers = recording.sent({
    from: 'server',
    to: 'client',
    label: `${RESPONSES} responses`,
    type: 'data',
    count: RESPONSES,
    ...ours,
  })
  close(socket)
  await stage.rest()
  const late = recording.sent({
    from: 'client',
    to: 'server',
    label: `GET /${RESPONSES + 1}`,
    type: 'data',
    ...ours,
  })
  await client.send(request(`/${RESPONSES + 1}`))
  late.arrive()
  await stage.rest()
  client.read()
  const how = await client.end()
  tellEnd(recording, client, how, answers, ours)
  client.socket.destroy()
}

function tellEnd(
  recording: Recording,
  client: Client,
  how: 'FIN' | 'RST',
  answers: { arrive(): void },
  ours: { readonly connection: number },
): void {
  const whole = client.waiting
  if (whole === RESPONSES) answers.arrive()
  const type = how === 'FIN' ? 'fin' : 'rst'
  recording.sent({ from: 'server', to: 'client', label: how, type, ...ours }).arrive()
  const count =
    whole === 0
      ? `not one of ${RESPONSES}`
      : whole === RESPONSES
        ? `all ${RESPONSES}`
        : `${whole} of ${RESPONSES}`
  recording.note('client', `${count} arrived whole`)
}

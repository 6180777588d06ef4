import type { Socket } from 'node:net'
import { CLIENT_AND_SERVER } from './pages.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Recording } from './recording.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** Ten answers that were written are lost because of an eleventh request. */
export const lostAnswers: readonly Recipe[] = [{ name: 'lost-answers', how: 'recorded', record }]

// --- internal ---

const ANSWERS = 10
/** Larger than what a kernel takes for a client that does not read yet. */
const BODY = 400_000

async function record(): Promise<Drawn> {
  const { events } = await Stage.play(async (stage) => {
    stage.recording.note(null, 'the server calls destroy()')
    await tenAndOne(stage, 1, (socket) => socket.destroy())
    stage.recording.note(null, 'the server calls end(), and reads on')
    await tenAndOne(stage, 2, (socket) => socket.end())
  })
  return {
    title: 'Ten answers lost to the eleventh request, and the close that saves them',
    description:
      'The client sends ten requests, and the server writes ten large answers; the client reads slowly, so most of them wait in the server’s kernel. ' +
      'Above, the server calls destroy(): an eleventh request then meets a closed socket, the kernel answers with RST and throws away what waited. ' +
      'Not one answer arrives whole. Below, the server closes only its output with end() and goes on reading: the eleventh request is read and thrown away, and all ten ' +
      'answers arrive, then FIN (RFC 9112 §9.6).',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

/** Here the ends themselves are watched: a relay between them would read, and so save the answers. */
async function tenAndOne(stage: Stage, connection: number, close: (socket: Socket) => void): Promise<void> {
  const { recording } = stage
  const ours = { connection }
  let seen = 0
  const heard = { ten: (): void => undefined }
  const answer = response(BODY)
  const server = stage.add(
    await serve((_, socket) => {
      if (seen === ANSWERS) return
      socket.write(answer)
      if (++seen === ANSWERS) heard.ten()
    }),
  )
  const syn = recording.sent({ from: 'client', to: 'server', label: 'SYN', type: 'syn', ...ours })
  const client = await Client.connect(server.port, false)
  syn.arrive()
  const requests = recording.sent({
    from: 'client',
    to: 'server',
    label: 'GET /1 … GET /10',
    type: 'data',
    ...ours,
  })
  const ten = new Promise<void>((resolve) => void (heard.ten = resolve))
  await client.send(Buffer.concat(Array.from({ length: ANSWERS }, (_, index) => request(`/${index + 1}`))))
  await ten
  requests.arrive()
  const [socket] = server.sockets
  if (!socket) throw new Error('the server has accepted nothing')
  const label = `${ANSWERS} answers, ${(ANSWERS * BODY) / 1e6} MB`
  const answers = recording.sent({
    from: 'server',
    to: 'client',
    label,
    type: 'data',
    count: ANSWERS,
    ...ours,
  })
  close(socket)
  await stage.rest()
  const eleventh = recording.sent({ from: 'client', to: 'server', label: 'GET /11', type: 'data', ...ours })
  await client.send(request('/11'))
  eleventh.arrive()
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
  if (whole === ANSWERS) answers.arrive()
  const type = how === 'FIN' ? 'fin' : 'rst'
  recording.sent({ from: 'server', to: 'client', label: how, type, ...ours }).arrive()
  const count = whole === 0 ? 'not one of 10' : whole === ANSWERS ? 'all 10' : `${whole} of 10`
  recording.note('client', `${count} arrived whole`)
}

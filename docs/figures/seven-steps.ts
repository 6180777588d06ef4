import { Resolver } from 'node:dns/promises'
import { NameServer } from './name-server.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** From a URL to a page and back to silence. */
export const sevenSteps: readonly Recipe[] = [{ name: 'seven-steps', how: 'recorded', record }]

// --- internal ---

const HOST = 'lights.example'

async function record(): Promise<Drawn> {
  const { events } = await Stage.play(scene)
  return {
    title: 'The seven steps of fetching a page: name, address, port, connect, request, response, close',
    description:
      `The client takes the host name ${HOST} out of the URL, asks a name server for its address, and takes the port from the ` +
      'URL, which is 80 where the URL names none. It opens a TCP connection to address and port, with the three segments of the handshake, sends its request, ' +
      'and reads the response to its end, which is the FIN of the server. Then it closes its own end, too. Looking the name up happens over UDP, before there is any connection.',
    lanes: [
      { id: 'names', name: 'name server' },
      { id: 'client', name: 'client' },
      { id: 'server', name: 'server' },
    ],
    unit: 'order',
    events,
  }
}

async function scene(stage: Stage): Promise<void> {
  const { recording } = stage
  const names = stage.add(await NameServer.open(recording, { client: 'client', server: 'names' }))
  const server = stage.add(await serve((_, socket) => void socket.end(response(512))))
  const tap = await stage.tap({ client: 'client', server: 'server', port: server.port, wholeHandshake: true })
  const url = new URL(`http://${HOST}:${tap.port}/cues`)

  recording.note('client', '1. host name')
  const resolver = new Resolver()
  resolver.setServers([names.address])
  const [address] = await resolver.resolve4(url.hostname)
  recording.note('client', `2. address: ${address}`)
  recording.note('client', '3. port: from the URL')
  const client = await Client.connect(Number(url.port))
  await stage.rest()
  recording.note('client', '4. connected')
  // It is sent when it is written, and not when it arrives.
  tap.hold('to server')
  await client.send(
    request(url.pathname, {
      headers: [
        ['Host', url.host],
        ['Connection', 'close'],
      ],
    }),
  )
  await stage.rest()
  recording.note('client', '5. the request is sent')
  tap.release('to server')
  await client.answer()
  await client.end()
  await stage.rest()
  recording.note('client', '6. the response is read, up to FIN')
  client.socket.end()
  await stage.rest()
  recording.note('client', '7. closed')
}

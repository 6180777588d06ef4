import { historicalSmartProxy } from '../../labs/kit/historical-smart-proxy.ts'
import { field, type Headers } from '../../labs/kit/http.ts'
import { openDumbProxy } from './dumb-proxy.ts'
import { Client, request, response, serve } from './parties.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'

/** HTTP/1.0 with keep-alive through proxies that understand it, and through such as do not. */
export const proxies: readonly Recipe[] = [
  {
    name: 'dumb-proxy-hang',
    how: 'recorded',
    record: () =>
      through(
        ['dumb'],
        'Connection',
        'The dumb proxy’s hang: both ends keep a connection that the proxy between them waits to see closed',
        'The proxy knows nothing of Connection and relays it both ways. Client and origin agree to keep the connection, each with the proxy. ' +
          'The proxy waits for the origin to close, for that is how an answer ended in its time, and takes nothing more from the client for a request. ' +
          'The second request is never answered (RFC 9112 App. C.2.2).',
      ),
  },
  {
    name: 'proxy-t3',
    how: 'recorded',
    record: () =>
      through(
        ['dumb', 'smart'],
        'Proxy-Connection',
        'Proxy-Connection: a dumb proxy before a smart one brings the hang back',
        'The dumb proxy relays Proxy-Connection, and the smart one behind it believes that its neighbour has asked. It keeps the connection and says so, and the dumb ' +
          'proxy relays that too. Now the client sends a second request to a proxy that waits for a FIN.',
      ),
  },
]

// --- internal ---

type Kind = 'dumb' | 'smart'
type Asking = 'Connection' | 'Proxy-Connection'

async function through(
  kinds: readonly Kind[],
  asking: Asking,
  title: string,
  description: string,
): Promise<Drawn> {
  const { events } = await Stage.play((stage) => scene(stage, kinds, asking))
  const proxyLanes = kinds.map((kind) => ({ id: kind, name: `${kind} proxy` }))
  const lanes = [{ id: 'client', name: 'client' }, ...proxyLanes, { id: 'origin', name: 'origin' }]
  return { title, description, lanes, unit: 'order', events }
}

async function scene(stage: Stage, kinds: readonly Kind[], asking: Asking): Promise<void> {
  const { recording } = stage
  const origin = await openOrigin(stage)
  const fields = ['Connection', 'Proxy-Connection']
  let tap = await stage.tap({ client: kinds.at(-1) ?? 'client', server: 'origin', port: origin.port, fields })
  for (const [index, kind] of [...kinds.entries()].reverse()) {
    const next = { host: '127.0.0.1', port: tap.port }
    const proxy = kind === 'dumb' ? await openDumbProxy(next.port) : await historicalSmartProxy(next)
    stage.add(proxy)
    tap = await stage.tap({ client: kinds[index - 1] ?? 'client', server: kind, port: proxy.port, fields })
  }
  const client = await Client.connect(tap.port)
  const headers: Headers = [[asking, 'keep-alive']]
  await client.send(request('/1', { version: '1.0', headers }))
  await client.answer()
  await stage.rest()
  await client.send(request('/2', { version: '1.0', headers }))
  await stage.rest()
  recording.silence('client', 'waits for an answer')
  recording.silence('dumb', 'waits for the origin to close')
  recording.silence('origin', 'waits for a request')
  recording.step()
}

/** An origin of HTTP/1.0 that keeps a connection when it is asked to. */
function openOrigin(stage: Stage) {
  return serve(({ headers }, socket) => {
    const keep = field(headers, 'Connection') === 'keep-alive'
    socket.write(response(512, keep ? [['Connection', 'keep-alive']] : [], '1.0'))
    if (!keep) socket.end()
  }).then((origin) => stage.add(origin))
}

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
          'The proxy waits for the origin to close, for that is how an answer ended in its time, and reads nothing more from the client. ' +
          'The second request is never answered (RFC 9112 App. C.2.2).',
      ),
  },
  {
    name: 'proxy-t1',
    how: 'recorded',
    record: () =>
      through(
        ['dumb'],
        'Proxy-Connection',
        'Proxy-Connection, first case: through a dumb proxy it is harmless',
        'The client asks with Proxy-Connection instead of Connection. The dumb proxy relays it as it came, and the origin does not know the field. ' +
          'So nobody keeps anything: the origin closes behind its answer, and the proxy does the same.',
      ),
  },
  {
    name: 'proxy-t2',
    how: 'recorded',
    record: () =>
      through(
        ['smart'],
        'Proxy-Connection',
        'Proxy-Connection, second case: a smart proxy turns it into Connection',
        'The smart proxy understands the field, removes it, and asks the origin with Connection. Both connections are kept, each by those two who agreed on it, and the second request ' +
          'is answered.',
      ),
  },
  {
    name: 'proxy-t3',
    how: 'recorded',
    record: () =>
      through(
        ['dumb', 'smart'],
        'Proxy-Connection',
        'Proxy-Connection, third case: a dumb proxy before a smart one hangs again',
        'The dumb proxy relays Proxy-Connection, and the smart one behind it believes that its neighbour has asked. It keeps the connection and says so, and the dumb ' +
          'proxy relays that too. Now the client sends a second request to a proxy that waits for a FIN.',
      ),
  },
  {
    name: 'proxy-t4',
    how: 'recorded',
    record: () =>
      through(
        ['smart', 'dumb'],
        'Proxy-Connection',
        'Proxy-Connection, fourth case: a smart proxy before a dumb one hangs as well',
        'The smart proxy turns Proxy-Connection into Connection, which the dumb one relays to the origin. The origin agrees, and the smart proxy believes that its neighbour did. ' +
          'The second request gets as far as the dumb proxy, which waits for a FIN.',
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
  const first = await client.answer()
  await stage.rest()
  const kept = [field(first.headers, 'Connection'), field(first.headers, 'Proxy-Connection')]
  if (!kept.includes('keep-alive')) {
    await client.end()
    client.socket.end()
    await stage.rest()
    recording.note('client', 'a clean end: nobody waits')
    return
  }
  await client.send(request('/2', { version: '1.0', headers }))
  await stage.rest()
  if (client.waiting > 0) {
    recording.note('client', 'answered: the connection is kept')
    return
  }
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

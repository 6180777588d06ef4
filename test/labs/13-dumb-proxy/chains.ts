import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { get, KEEP_ALIVE, optionsOf } from './messages.ts'
import type { Hop } from './records.ts'
import { answerWith, originOf, type Origin } from './scenes.ts'

/** Chains of proxies between a client and an origin, with a tap on every hop. */

export type Kind = 'dumb' | 'old' | 'yours'

/** Two requests of an HTTP/1.0 client that asks with Proxy-Connection, and what becomes of them. */
export async function travelTwice(c: Check, chain: readonly Kind[]) {
  const names = chain.map((kind, at) => (kind === 'dumb' ? kind : at === 0 ? 'smart' : 'far smart'))
  const path = ['client', ...names, 'origin']
  const listener = await c.listen({ name: 'origin' })
  const { port } = await buildChain(c, path, chain, listener.port)
  const origin = originOf(c, listener)
  const ask = async (end: Connection): Promise<void> => {
    await end.send(get(c, ['Proxy-Connection: keep-alive'], '1.0'))
    await c.learner.idle()
  }
  const client = await c.connect(port)
  await ask(client)
  await answerAsAsked(c, origin, client)
  const kept = client.ended === 'open'
  if (!kept) await client.fin()
  const next = kept ? client : await c.connect(port, { name: 'client again' })
  await ask(next)
  const hung = !origin.hasRequest()
  if (hung) await next.silent()
  else await answerAsAsked(c, origin, next)
  return { kept, hung, hops: await c.learner.make<Hop[]>('recordedHops') }
}

export const outcome = (kept: boolean, hung: boolean): string =>
  `${kept ? 'the client kept' : 'FIN behind the first answer'}, the second request ${hung ? 'never ' : ''}answered`

// --- internal ---

/** From the origin to the client: each proxy must know where the next one listens. A tap is on every hop. */
async function buildChain(c: Check, path: readonly string[], chain: readonly Kind[], originPort: number) {
  let next = { host: '127.0.0.1', port: originPort }
  for (let at = chain.length; at >= 0; at--) {
    const tap = await c.learner.make<{ port: number }>('startTap', path[at], path[at + 1], next.port)
    next = { host: '127.0.0.1', port: tap.port }
    const kind = chain[at - 1]
    if (kind) next.port = (await startProxy(c, kind, next)).port
  }
  return next
}

function startProxy(c: Check, kind: Kind, next: object): PromiseLike<{ port: number }> {
  if (kind === 'old') return c.learner.make('historicalSmartProxy', next)
  return c.learner.serve(kind === 'dumb' ? 'startDumbProxy' : 'startSmartProxy', next)
}

/** The origin keeps what it is asked to keep, and what HTTP/1.1 keeps. */
async function answerAsAsked(c: Check, origin: Origin, client: Connection): Promise<void> {
  const { connection, request } = await origin.request()
  const version = request.words[2] === 'HTTP/1.1' ? '1.1' : '1.0'
  const asked = version === '1.0' && optionsOf(request).includes('keep-alive')
  const answerFields = asked ? [KEEP_ALIVE] : []
  await answerWith(c, client, connection, { answerFields, answerVersion: version })
  if (version === '1.0' && !asked) await connection.fin()
  await c.learner.idle()
}

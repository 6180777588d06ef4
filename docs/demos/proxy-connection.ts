// Proxy-Connection through five chains of dumb and smart proxies of the 1990s: where the hang comes back.
import { historicalSmartProxy } from '../../labs/kit/historical-smart-proxy.ts'
import { startBlindRelay } from './parts/blind-relay.ts'
import { startKeepingOrigin } from './parts/keeping-origin.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'
import { RawClient } from './parts/raw-client.ts'

type Kind = 'dumb' | 'smart'
const CHAINS: ReadonlyArray<readonly [string, readonly Kind[]]> = [
  ['T1', ['dumb']],
  ['T2', ['smart']],
  ['T3', ['dumb', 'smart']],
  ['T4', ['smart', 'dumb']],
  ['', ['smart', 'dumb', 'smart']],
]

const rows: string[][] = []
for (const [name, kinds] of CHAINS)
  rows.push([name, `client, ${kinds.join(', ')}, origin`, ...(await run(kinds))])
printTable(['', 'chain', 'origin asked by', 'first response', 'second request'], rows)

async function run(
  kinds: readonly Kind[],
): Promise<[asked: string, after: string, second: string]> {
  let asked = 'nothing'
  const origin = await startKeepingOrigin(
    (head) => (asked = /^(?:proxy-)?connection/im.exec(head)?.[0] ?? 'nothing'),
  )
  const running = [origin]
  let next = origin.port
  for (const kind of [...kinds].reverse()) {
    const proxy =
      kind === 'dumb'
        ? await startBlindRelay(next)
        : await historicalSmartProxy({ host: '127.0.0.1', port: next })
    running.push({ port: proxy.port, close: () => void proxy.close() })
    next = proxy.port
  }
  const client = await RawClient.connect(next)
  const result = await askTwice(client)
  client.close()
  await quiet()
  for (const each of running) each.close()
  return [asked, ...result]
}

async function askTwice(client: RawClient): Promise<[after: string, second: string]> {
  client.send(['GET /1 HTTP/1.0', 'Proxy-Connection: keep-alive'])
  await quiet()
  if (client.end === 'FIN') return ['then FIN', 'on a new one']
  client.send(['GET /2 HTTP/1.0', 'Proxy-Connection: keep-alive'])
  await quiet()
  return ['kept', client.statuses.length === 2 ? 'answered' : 'hangs']
}

// One server, one start page, four runs: HTTP and HTTPS, by address and by name.
import { once } from 'node:events'
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createTlsServer, get as getTls } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import { selfSigned } from './parts/self-signed.ts'

const NAME = 'prices.lan'
const ADDRESS = '127.0.0.1'

// #region sites
const sites: Record<string, string> = { [NAME]: 'the price list' }

const answer: RequestListener = (request, response) => {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  response.end(sites[host] ?? 'the default page')
}
// #endregion sites

/** What the server has seen of the name. */
let [sentHost, serverName] = ['-', '-']
const identity = selfSigned(NAME)
const noted: RequestListener = (request, response) => {
  sentHost = (request.headers.host ?? '-').replace(/:\d+$/, '')
  answer(request, response)
}
const plain = createServer(noted)
const secure = createTlsServer(
  {
    ...identity,
    SNICallback: (name, chosen) => {
      serverName = name
      chosen(null)
    },
  },
  noted,
)

// #region lookup
/** Stands for the DNS server of the LAN. */
const lookup: LookupFunction = (_name, options, found) => {
  if (options.all === true) found(null, [{ address: ADDRESS, family: 4 }])
  else found(null, ADDRESS, 4)
}
// #endregion lookup

const ports = { 'http:': await listen(plain), 'https:': await listen(secure) }
console.log('run                   Host         SNI          result')
for (const protocol of ['http:', 'https:'] as const) {
  for (const host of [ADDRESS, NAME]) {
    sentHost = serverName = '-'
    const result = await fetchFrom(protocol, host)
    const run = `${protocol}//${host}/`.padEnd(21)
    console.log(`${run} ${sentHost.padEnd(12)} ${serverName.padEnd(12)} ${result}`)
  }
}
plain.close()
secure.close()

async function fetchFrom(protocol: 'http:' | 'https:', host: string): Promise<string> {
  const options = { host, port: ports[protocol], lookup, agent: false, ca: identity.cert }
  // #region fetch
  const request = protocol === 'https:' ? getTls(options) : get(options)
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const body = Buffer.concat(await response.toArray()).toString()
    return `${response.statusCode} ${body}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
  // #endregion fetch
}

async function listen(server: Server): Promise<number> {
  server.listen(0, ADDRESS)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

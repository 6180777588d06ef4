import { execFile, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { decode, encode, type DhcpMessage } from '../../../docs/demos/parts/dhcp-message.ts'
import { decodeEcho, encodeEcho, visit } from '../../../solutions/20-first-contact/first-contact.ts'
import { root } from '../../../workbook/bundle/root.ts'
import { selfSigned } from '../../labs/20-first-contact/certificate.ts'
import { ECHO, ECHO_REPLY } from '../../labs/20-first-contact/recorded.ts'
import { needing, pathOf } from '../outside.ts'

/** The reference against what others have written: dnsmasq between two networks, node:https, and recorded pings. */

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const OWN = ['--user', '--map-root-user', '--net']
/** Only Linux has networks of one's own, and only where it lets users have them. */
const hasCable =
  spawnSync('unshare', [...OWN, 'ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'switch'])
    .status === 0

describe('dnsmasq', needing('dnsmasq'), () => {
  test.skipIf(!hasCable)('grants a lease, renews it, names a server, and hears the release', async () => {
    const loader = path.join(root, 'node_modules/.bin/tsx')
    const program = path.join(root, 'test/workbook/peers/dhcp-inside.ts')
    const { stdout } = await promisify(execFile)('unshare', [
      ...OWN,
      loader,
      program,
      pathOf('dnsmasq') ?? '',
    ])
    const told = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { what: string; value: unknown })
        .map(({ what, value }) => [what, value]),
    )
    const settings = {
      mask: '255.255.255.0',
      routers: ['192.168.7.1'],
      dns: ['192.168.7.1'],
      server: '192.168.7.1',
    }
    expect(told.get('leased')).toMatchObject(settings)
    expect(told.get('renewed')).toMatchObject({ ...settings, isLater: true })
    // No web server is there: what a lease and a name are good for is seen by where the connection was refused.
    expect(told.get('visited')).toMatchObject({
      stages: ['lease', 'name', 'release'],
      failure: { stage: 'connection', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 192.168.7.1:80' },
    })
    expect(told.get('log')).toEqual(
      expect.arrayContaining(['DHCPDISCOVER(', 'DHCPOFFER(', 'DHCPACK(', 'DHCPRELEASE(']),
    )
  })
})

test.each([
  ['localhost', null],
  ['127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('node:https answers a journey to %s', async (host, code) => {
  const identity = selfSigned('localhost')
  const server = createServer(identity, (request, response) => response.end(`of ${request.headers.host}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => once(server.close(), 'close'))
  const { port } = server.address() as AddressInfo
  const journey = await visit({
    url: `https://${host}:${port}/`,
    lease: {
      server: { host: '127.0.0.1', port: await dhcpServer() },
      clientPort: 0,
      mac: '02:00:00:00:00:0a',
      now: () => performance.now(),
      random: () => 0.5,
      inUse: () => Promise.resolve(false),
    },
    resolve: () => Promise.resolve('127.0.0.1'),
    ca: identity.cert,
  })
  expect(journey.failure?.code ?? null).toBe(code)
  expect(journey.stages.at(-1)).toBe('release')
  const body = journey.response && Buffer.from(journey.response.body).toString()
  expect(body).toBe(code ? null : `of localhost:${port}`)
})

test('a ping of Linux is read and written byte for byte', () => {
  for (const packet of [ECHO, ECHO_REPLY]) {
    const echo = decodeEcho(packet)
    expect(echo && encodeEcho(echo).equals(packet)).toBe(true)
  }
})

// --- internal ---

/** The server of the demo, which has one address. */
async function dhcpServer(): Promise<number> {
  const server = createSocket('udp4')
  server.on('message', (bytes, { port }) => {
    const { xid, chaddr, options } = decode(bytes)
    const type = { DHCPDISCOVER: 'DHCPOFFER', DHCPREQUEST: 'DHCPACK' } as const
    const messageType = type[options.messageType as keyof typeof type]
    if (!messageType) return
    const none = { op: 2, ciaddr: '0.0.0.0', yiaddr: '192.168.7.20' } as const
    const reply: DhcpMessage = {
      ...none,
      xid,
      chaddr,
      options: { messageType, serverIdentifier: '127.0.0.1', leaseTime: 3_600 },
    }
    server.send(encode(reply), port, '127.0.0.1')
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => once(server.close(), 'close'))
  return server.address().port
}

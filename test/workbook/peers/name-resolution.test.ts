import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeQuestion, encodeAnswer } from '../../../docs/demos/parts/dns-message.ts'
import { Resolver } from '../../../solutions/02-name-resolution/resolver.ts'
import { needing, pathOf } from '../outside.ts'

/** Names against programs that others have written: dnsmasq answers the reference, and dig asks the server of the demo. */

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const MANY = Array.from({ length: 60 }, (_, index) => `192.0.2.${index + 1}`)

describe('dnsmasq', needing('dnsmasq'), () => {
  test('tells addresses of both kinds, and where an alias leads', async () => {
    const resolver = await resolverOf(await startDnsmasq())
    const [four, six, alias] = [
      await resolver.resolve('shop.test', 'A'),
      await resolver.resolve('SHOP.test.', 'AAAA'),
      await resolver.resolve('www.test', 'A'),
    ]
    expect(four).toMatchObject({ addresses: ['192.0.2.7'], canonical: 'shop.test' })
    expect(six.addresses).toEqual(['2001:db8::7'])
    expect(alias).toMatchObject({ addresses: ['192.0.2.7'], canonical: 'shop.test' })
  })

  test('says that there is no such name, and no address of a kind', async () => {
    const resolver = await resolverOf(await startDnsmasq())
    await expect(resolver.resolve('nobody.test', 'A')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(resolver.resolve('four.test', 'AAAA')).rejects.toMatchObject({ code: 'ENODATA' })
  })

  test('refuses what it does not know', async () => {
    const resolver = await resolverOf(await startDnsmasq())
    await expect(resolver.resolve('elsewhere.example', 'A')).rejects.toMatchObject({ code: 'EREFUSED' })
  })

  test('cuts a long answer, and sends it over TCP', async () => {
    const resolver = await resolverOf(await startDnsmasq())
    const { addresses } = await resolver.resolve('many.test', 'A')
    expect([...addresses].sort()).toEqual([...MANY].sort())
  })
})

describe('dig', needing('dig'), () => {
  test.each([
    ['prices.lan', 'NOERROR', '192.168.7.3'],
    ['other.lan', 'NXDOMAIN', ''],
  ])('asks the server of the demo for %s', async (name, status, address) => {
    const server = createSocket('udp4')
    server.on('message', (query, from) => {
      const question = decodeQuestion(query)
      const known = question.name === 'prices.lan' ? '192.168.7.3' : undefined
      server.send(encodeAnswer(question, known, 300), from.port, from.address)
    })
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    cleanups.push(async () => once(server.close(), 'close'))
    const ask = ['@127.0.0.1', '-p', String(server.address().port), '+noedns', '+tries=1', name, 'A']
    const { stdout } = await promisify(execFile)(pathOf('dig') ?? 'dig', ask)
    expect(stdout).toContain(`status: ${status}`)
    expect(stdout).not.toMatch(/malformed|mismatch|extra bytes/i)
    expect(/^prices\.lan\.\s+300\s+IN\s+A\s+(\S+)$/m.exec(stdout)?.[1] ?? '').toBe(address)
  })
})

// --- internal ---

async function resolverOf(port: number): Promise<Resolver> {
  const server = { host: '127.0.0.1', port }
  const resolver = new Resolver({
    servers: [server],
    timeoutMs: 20_000,
    attempts: 1,
    now: () => performance.now(),
  })
  cleanups.push(() => resolver.close())
  return resolver
}

/** On a port that was free for both a moment ago; somebody else may have taken it since. */
async function startDnsmasq(): Promise<number> {
  for (let tries = 0; tries < 5; tries++) {
    const port = await freePort()
    if (await runDnsmasq(port)) return port
  }
  throw new Error('dnsmasq found no port in five attempts')
}

async function runDnsmasq(port: number): Promise<boolean> {
  const records = [
    '--host-record=shop.test,192.0.2.7,2001:db8::7',
    '--host-record=four.test,192.0.2.8',
    '--cname=www.test,shop.test',
    ...MANY.map((address) => `--host-record=many.test,${address}`),
  ]
  const places = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--local=/test/']
  const quiet = [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--log-facility=-',
    '--user=',
  ]
  const child = spawn(pathOf('dnsmasq') ?? 'dnsmasq', [...quiet, ...places, ...records, '--pid-file='], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(child, 'exit')
  let said = ''
  const started = new Promise<boolean>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/: started, version/.test(said)) resolve(true)
    })
    void gone.then(() =>
      /in use/i.test(said) ? resolve(false) : reject(new Error(`dnsmasq did not start:\n${said}`)),
    )
  })
  cleanups.push(async () => {
    child.kill()
    await gone
  })
  return await started
}

async function freePort(): Promise<number> {
  const listening = net.createServer().listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as net.AddressInfo
  listening.close()
  await once(listening, 'close')
  return port
}
